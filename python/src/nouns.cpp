#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <tuple>

#include "arguments.hpp"
#include "bindings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/to_genome.hpp"
#include "problem/dimension_names.hpp"
#include "values.hpp"

namespace cugamma::python {
namespace {

using namespace nb::literals;

constexpr std::array type_names{"CONV", "DSCONV", "GEMM", "NGCONV", "TRCONV"};

layer_type type_named(const std::string& name) {
  for (std::size_t i = 0; i < type_names.size(); ++i)
    if (name == type_names[i]) return static_cast<layer_type>(i);
  throw input_error(
      fmt::format("layer type: found {}, expected CONV, DSCONV, GEMM, NGCONV or TRCONV", name));
}

/// The first layer of a text, its tiles fitted. Throws input_error if there is none.
named_mapping first_layer(const std::string& text) {
  mapping_file file = parse_mapping_file(text, "<text>");
  if (file.layers.empty()) throw input_error("<text>: found no Layer");
  warn(file.warnings);
  fit_tiles(file.layers.front());
  return file.layers.front();
}

mapping first_mapping(const std::string& text) {
  const named_mapping found = first_layer(text);
  if (!found.m)
    throw input_error(fmt::format("<text>: layer {} has no mapping{}{}",
                                  found.name,
                                  found.reasons.empty() ? "" : ": ",
                                  fmt::join(found.reasons, ", ")));
  warn(found.warnings);
  return *found.m;
}

std::string describe(const layer& l) {
  using enum dimension;
  std::string out = fmt::format("Layer('{}', K={}, C={}, Y={}, X={}, R={}, S={}",
                                type_name_of(l.type),
                                l[K],
                                l[C],
                                l[Y],
                                l[X],
                                l[R],
                                l[S]);
  if (l.named_batch_group & 1) out += fmt::format(", N={}", l[N]);
  if (l.named_batch_group & 2) out += fmt::format(", G={}", l[G]);
  if (l.stride_y != 1 || l.stride_x != 1)
    out += fmt::format(", stride_y={}, stride_x={}", l.stride_y, l.stride_x);
  return out + ")";
}

void check_pickled(const layer& l) {
  if (l.type > layer_type::trconv) throw input_error("a damaged pickle of a Layer");
  check(l);
}

void check_pickled(const mapping& m) {
  const auto is_sound = [](const cluster_level& level) {
    const auto is_directive = [](const directive& d) {
      return d.dim <= dimension::G && d.kind <= directive_kind::spatial;
    };
    return level.directive_count >= 0 && level.directive_count <= max_directives &&
           std::ranges::all_of(level.directives, is_directive);
  };
  if (m.level_count < 0 || m.level_count > max_levels || !std::ranges::all_of(m.levels, is_sound)) {
    throw input_error("a damaged pickle of a Mapping");
  }
}

/// The sizes of a layer as their arguments have them.
constexpr std::string_view size_names = "KCYXRSNG";

/// `start` with what the arguments of a call change.
layer layer_from(layer start, const arguments& given) {
  std::string type = type_names[static_cast<std::size_t>(start.type)];
  given.read("type", type);
  start.type = type_named(type);
  for (int d = 0; d < dimension_count; ++d) given.read(size_names.substr(d, 1), start.size[d]);
  given.read("stride_y", start.stride_y);
  given.read("stride_x", start.stride_x);
  // Of a layer from a file, what it named stays named.
  const auto name_if_given = [&](dimension d, int bit) {
    if (given.find(size_names.substr(index_of(d), 1)).is_none()) return;
    start.named_batch_group &= static_cast<std::uint8_t>(~bit);
    if (start[d] > 1) start.named_batch_group |= static_cast<std::uint8_t>(bit);
  };
  name_if_given(dimension::N, 1);
  name_if_given(dimension::G, 2);
  try {
    check(start);
  } catch (const input_error& e) {
    throw input_error(fmt::format("layer: {}", e.what()));
  }
  return start;
}

const std::vector<std::string>
    layer_arguments{"type", "K", "C", "Y", "X", "R", "S", "N", "G", "stride_y", "stride_x"};

constexpr const char* layer_signature =
    "def __init__(self, type: str = 'CONV', *, K: int = 1, C: int = 1, Y: int = 1, X: int = 1, "
    "R: int = 1, S: int = 1, N: int = 1, G: int = 1, stride_y: int = 1, stride_x: int = 1) -> None";
constexpr const char* layer_replace_signature =
    "def replace(self, *, type: str | None = None, K: int | None = None, C: int | None = None, "
    "Y: int | None = None, X: int | None = None, R: int | None = None, S: int | None = None, "
    "N: int | None = None, G: int | None = None, stride_y: int | None = None, "
    "stride_x: int | None = None) -> Layer";

/// Its construction, and copies with other sizes.
void bind_making(nb::class_<layer>& bound) {
  bound
      .def(
          "__init__",
          [](layer* self, const nb::args& in_order, const nb::kwargs& by_name) {
            const arguments given("Layer", in_order, by_name, layer_arguments, 1);
            new (self) layer(layer_from({}, given));
          },
          nb::sig(layer_signature),
          "Raises InputError for an unknown type or a size below 1.")
      .def(
          "replace",
          [](const layer& self, const nb::args& in_order, const nb::kwargs& by_name) {
            return layer_from(self, {"Layer.replace", in_order, by_name, layer_arguments});
          },
          nb::sig(layer_replace_signature),
          "The layer with other sizes. Raises InputError.");
}

void bind_layer(nb::module_& module) {
  nb::class_<layer> bound(module,
                          "Layer",
                          "One operator; sizes in elements, Y and X with padding. A GEMM "
                          "(M x K) * (K x N) is held as K = N, C = K, Y = M.");
  bind_making(bound);
  bound.def_prop_ro("type", [](const layer& l) { return std::string(type_name_of(l.type)); });
  for (int d = 0; d < dimension_count; ++d)
    bound.def_prop_ro(
        std::string(1, size_names[d]).c_str(),
        [d](const layer& l) { return l.size[d]; },
        nb::sig(fmt::format("def {}(self) -> int", size_names[d]).c_str()));
  bound.def_ro("stride_y", &layer::stride_y).def_ro("stride_x", &layer::stride_x);
  bound.def_prop_ro("macs", &macs_of, "Multiply-accumulates that the layer needs.");
  bound.def_prop_ro("unit_stride",
                    &unit_stride,
                    "The layer that is searched in place of a strided one: same outputs and MACs.");
  bound.def_static(
      "from_maestro",
      [](const std::string& text) { return first_layer(text).l; },
      "text"_a,
      "The first layer of a MAESTRO file's text. Raises InputError.");
  bound.def(
      "to_maestro",
      [](const layer& l, const mapping& m, const std::string& name) {
        return write_mapping(name, l, m);
      },
      "mapping"_a,
      "name"_a = "layer",
      "Text of a MAESTRO file with the layer and a mapping of it.");
  bound.def("__repr__", &describe);
  bind_value(bound, [](const layer& l) { return hash_of_bytes(l); });
  bind_bytes(bound, [](const layer& l) { check_pickled(l); });
}

using directive_fields = std::tuple<std::string, std::int32_t, std::int32_t, std::string>;

/// A directive as Python has it; Y' and X' where it counts outputs. Names are a convolution's.
directive_fields fields_of(const directive& d) {
  return {d.kind == directive_kind::spatial ? "SpatialMap" : "TemporalMap",
          d.size,
          d.offset,
          std::string(dimension_name(layer_type::conv, {d.dim, d.output_centric}))};
}

using level_fields = std::tuple<std::int32_t, std::vector<directive_fields>>;

std::vector<level_fields> levels_of(const mapping& m) {
  std::vector<level_fields> out;
  for (int i = 0; i < m.level_count; ++i) {
    const cluster_level& level = m.levels[i];
    std::vector<directive_fields> directives;
    for (int k = 0; k < level.directive_count; ++k)
      directives.push_back(fields_of(level.directives[k]));
    out.emplace_back(level.cluster_size, std::move(directives));
  }
  return out;
}

std::string describe(const mapping& m) {
  std::string out = "Mapping('";
  for (int i = 0; i < m.level_count; ++i) {
    if (i > 0) out += fmt::format(" Cluster({}, P);", m.levels[i].cluster_size);
    for (int k = 0; k < m.levels[i].directive_count; ++k) {
      const auto [kind, size, offset, dimension] = fields_of(m.levels[i].directives[k]);
      const char* space = out.back() == '\'' ? "" : " ";
      out += fmt::format("{}{}({},{}) {};", space, kind, size, offset, dimension);
    }
  }
  return out + "')";
}

genome genome_of(const mapping& m, const layer& l) {
  std::string reason;
  const std::optional<genome> g = to_genome(l, m, &reason);
  if (!g) throw input_error(fmt::format("mapping: a genome cannot express it: {}", reason));
  return *g;
}

void bind_mapping(nb::module_& module) {
  nb::class_<mapping> bound(module,
                            "Mapping",
                            "Directives in cluster levels, the outermost first.");
  bound
      .def_static("from_maestro",
                  &first_mapping,
                  "text"_a,
                  "The mapping of the first layer of a MAESTRO file's text. Raises InputError.")
      .def(
          "to_maestro",
          [](const mapping& m, const layer& l, const std::string& name) {
            return write_mapping(name, l, m);
          },
          "layer"_a,
          "name"_a = "layer",
          "Text of a MAESTRO file with the layer and this mapping.")
      .def_static(
          "_from_row",
          [](const const_record_rows& row, const layer& l) {
            const std::span<const genome> genomes = genomes_of(row);
            if (genomes.size() != 1) throw input_error("mapping: expected one genome");
            return to_mapping(genomes[0], l);
          },
          "row"_a,
          "layer"_a)
      .def(
          "_to_row",
          [](const mapping& m, const layer& l) {
            const genome g = genome_of(m, l);
            return rows_from(std::span<const genome>(&g, 1));
          },
          "layer"_a)
      .def_prop_ro("levels",
                   &levels_of,
                   "[(cluster_size, [(kind, size, offset, dimension), ...]), ...]; the outermost "
                   "level's cluster size is 0: it has what the PEs allow.")
      .def("__repr__", [](const mapping& m) { return describe(m); });
  bind_value(bound, [](const mapping& m) { return hash_of_bytes(m); });
  bind_bytes(bound, [](const mapping& m) { check_pickled(m); });
}

}  // namespace

std::int64_t macs_of(const layer& l) {
  const bool has_outputs = output_size(l, dimension::Y) > 0 && output_size(l, dimension::X) > 0;
  return has_outputs ? layer_macs(l) : 0;
}

void bind_nouns(nb::module_& module) {
  bind_layer(module);
  bind_machines(module);
  bind_mapping(module);
}

}  // namespace cugamma::python
