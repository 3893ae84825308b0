#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "bindings.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/formats/network_file.hpp"

namespace cugamma::python {

using namespace nb::literals;

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& text : warnings) {
    if (PyErr_WarnEx(PyExc_UserWarning, text.c_str(), 2) != 0) throw nb::python_error();
  }
}

void bind_networks(nb::module_& module) {
  nb::class_<network_layer>(module, "NetworkLayer", "A layer and how often its network runs it.")
      .def_ro("name", &network_layer::name)
      .def_ro("layer", &network_layer::l)
      .def_ro("count", &network_layer::count)
      .def("__getstate__",
           [](const network_layer& n) { return nb::make_tuple(n.name, n.l, n.count); })
      .def("__setstate__",
           [](network_layer& self, const std::tuple<std::string, layer, std::int64_t>& state) {
             new (&self) network_layer{std::get<0>(state), std::get<1>(state), std::get<2>(state)};
           })
      .def("__repr__", [](const network_layer& n) {
        return nb::str("NetworkLayer({!r}, {!r}, count={})").format(n.name, n.l, n.count);
      });
  nb::class_<named_mapping>(module, "NamedMapping", "One Layer block of a MAESTRO file.")
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
