#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "arguments.hpp"
#include "bindings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/formats/network_file.hpp"

namespace cugamma::python {

using namespace nb::literals;

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& text : warnings) {
    if (PyErr_WarnEx(PyExc_UserWarning, text.c_str(), 2) != 0) throw nb::python_error();
  }
}

namespace {

/// Reads what has to be given. Throws call_error for what is of another kind.
template <typename Value>
void read_noun(const arguments& given, const char* name, const char* kind, Value& into) {
  const nb::object value = given.find(name);
  if (nb::try_cast(value, into)) return;
  throw call_error(fmt::format("{}: found {}, expected a {}", name, found_text(value), kind));
}

/// What the arguments of a NamedMapping say.
named_mapping block_from(const arguments& given) {
  named_mapping block;
  mapping own;
  given.read("name", block.name);
  read_noun(given, "layer", "Layer", block.l);
  read_noun(given, "mapping", "Mapping", own);
  block.m = own;
  return block;
}

/// What the arguments of a NetworkLayer say.
network_layer row_from(const arguments& given) {
  network_layer row;
  given.read("name", row.name);
  read_noun(given, "layer", "Layer", row.l);
  given.read("count", row.count);
  if (row.count < 1) {
    throw input_error(fmt::format("count: found {}, expected 1 or more", row.count));
  }
  return row;
}

void bind_network_layer(nb::module_& module) {
  nb::class_<network_layer> row(module,
                                "NetworkLayer",
                                "A layer and how often its network runs it.");
  row.def(
         "__init__",
         [](network_layer* self, const nb::args& in_order, const nb::kwargs& by_name) {
           new (self) network_layer(
               row_from({"NetworkLayer", in_order, by_name, {"name", "layer", "count"}, 3}));
         },
         nb::sig("def __init__(self, name: str, layer: Layer, count: int = 1) -> None"),
         "Raises InputError for a count below 1.")
      .def_ro("name", &network_layer::name)
      .def_ro("layer", &network_layer::l)
      .def_ro("count", &network_layer::count)
      .def("__getstate__",
           [](const network_layer& n) { return nb::make_tuple(n.name, n.l, n.count); })
      .def("__setstate__",
           [](network_layer& self, const std::tuple<std::string, layer, std::int64_t>& state) {
             new (&self) network_layer{std::get<0>(state), std::get<1>(state), std::get<2>(state)};
           })
      .def("__eq__",
           [](const network_layer& n, const nb::object& other) {
             network_layer o;
             return nb::try_cast(other, o) && n.name == o.name && n.l == o.l && n.count == o.count;
           })
      .def("__hash__",
           [](const network_layer& n) { return nb::hash(nb::make_tuple(n.name, n.l, n.count)); })
      .def("__repr__", [](const network_layer& n) {
        return nb::str("NetworkLayer({!r}, {!r}, count={})").format(n.name, n.l, n.count);
      });
}

}  // namespace

void bind_networks(nb::module_& module) {
  bind_network_layer(module);
  nb::class_<named_mapping>(module, "NamedMapping", "One Layer block of a MAESTRO file.")
      .def(
          "__init__",
          [](named_mapping* self, const nb::args& in_order, const nb::kwargs& by_name) {
            new (self) named_mapping(
                block_from({"NamedMapping", in_order, by_name, {"name", "layer", "mapping"}, 3}));
          },
          nb::sig("def __init__(self, name: str, layer: Layer, mapping: Mapping) -> None"),
          "Raises CallError for what is none of these.")
      .def_ro("name", &named_mapping::name)
      .def_ro("layer", &named_mapping::l)
      .def_ro("mapping", &named_mapping::m, "None if it has none, or none that can be held.")
      .def_ro("reasons", &named_mapping::reasons)
      .def_ro("warnings", &named_mapping::warnings);
  module.def(
      "read_network",
      [](const std::string& path) {
        network found = read_network(find_model(path));
        warn(found.warnings);
        return std::move(found.layers);
      },
      "path"_a,
      "The layers of a network: a file, or a name that is known. Raises InputError.");
  module.def(
      "parse_network",
      [](const std::string& text, const std::string& file) {
        network found = parse_network_csv(text, file);
        warn(found.warnings);
        return std::move(found.layers);
      },
      "text"_a,
      "file"_a,
      "The layers of a table's text. Raises InputError.");
  module.def(
      "read_maestro",
      [](const std::string& text, const std::string& file) {
        mapping_file read = parse_mapping_file(text, file);
        warn(read.warnings);
        std::ranges::for_each(read.layers, fit_tiles);
        return std::move(read.layers);
      },
      "text"_a,
      "file"_a = "<text>",
      "All layers of a MAESTRO file's text; tiles larger than the one above them are cut to it, as "
      "`warnings` of their layer tell. Raises InputError.");
  module.def("model_names", &model_names, "The names of the networks that are known.");
}

}  // namespace cugamma::python
