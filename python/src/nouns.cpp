#include <fmt/format.h>
#include <nanobind/operators.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "bindings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/to_genome.hpp"
#include "problem/dimension_names.hpp"

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

/// copy.copy and pickle: the bytes of a plain record, in this machine's order, that `is_sound`
/// accepts when they come back.
template <typename Record, typename Check>
void bind_bytes(nb::class_<Record>& bound, const Check& is_sound) {
  static_assert(std::is_trivially_copyable_v<Record>);
  bound.def("__getstate__", [](const Record& self) {
    return nb::bytes(reinterpret_cast<const char*>(&self), sizeof self);
  });
  bound.def("__setstate__", [is_sound](Record& self, const nb::bytes& state) {
    Record record;
    if (state.size() != sizeof record) throw input_error("a pickle of another version");
    std::memcpy(&record, state.c_str(), sizeof record);
    is_sound(record);
    new (&self) Record(record);
  });
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

struct layer_sizes {
  std::int32_t K, C, Y, X, R, S, N, G, stride_y, stride_x;
};

layer make_layer(const std::string& type, const layer_sizes& s) {
  using enum dimension;
  layer l;
  l.type = type_named(type);
  const std::array sizes{s.K, s.C, s.Y, s.X, s.R, s.S, s.N, s.G};
  std::ranges::copy(sizes, l.size.begin());
  l.stride_y = s.stride_y;
  l.stride_x = s.stride_x;
  l.named_batch_group = static_cast<std::uint8_t>((s.N > 1 ? 1 : 0) | (s.G > 1 ? 2 : 0));
  try {
    check(l);
  } catch (const input_error& e) {
    throw input_error(fmt::format("layer: {}", e.what()));
  }
  return l;
}

void bind_layer(nb::module_& module) {
  nb::class_<layer> bound(module,
                          "Layer",
                          "One operator; sizes in elements, Y and X with padding. A GEMM "
                          "(M x K) * (K x N) is held as K = N, C = K, Y = M.");
  bound.def(
      "__init__",
      [](layer* self,
         const std::string& type,
         std::int32_t K,
         std::int32_t C,
         std::int32_t Y,
         std::int32_t X,
         std::int32_t R,
         std::int32_t S,
         std::int32_t N,
         std::int32_t G,
         std::int32_t stride_y,
         std::int32_t stride_x) {
        new (self) layer(make_layer(type, {K, C, Y, X, R, S, N, G, stride_y, stride_x}));
      },
      "type"_a = "CONV",
      nb::kw_only(),
      "K"_a = 1,
      "C"_a = 1,
      "Y"_a = 1,
      "X"_a = 1,
      "R"_a = 1,
      "S"_a = 1,
      "N"_a = 1,
      "G"_a = 1,
      "stride_y"_a = 1,
      "stride_x"_a = 1,
      "Raises InputError for an unknown type or a size below 1.");
  bound.def_prop_ro("type", [](const layer& l) { return std::string(type_name_of(l.type)); });
  for (int d = 0; d < dimension_count; ++d)
    bound.def_prop_ro(
        std::string(1, "KCYXRSNG"[d]).c_str(),
        [d](const layer& l) { return l.size[d]; },
        nb::sig(fmt::format("def {}(self) -> int", "KCYXRSNG"[d]).c_str()));
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
  bound.def("__repr__", &describe).def(nb::self == nb::self);
  bind_bytes(bound, [](const layer& l) { check_pickled(l); });
}

void bind_constants(nb::module_& module) {
  using c = cost_constants;
  nb::class_<c> bound(module,
                      "CostConstants",
                      "Energy, area and power constants, MAESTRO's by default.");
  bound.def(nb::init<>()).def(nb::self == nb::self);
  for (const constant_key& key : constant_keys) {
    bound.def_rw(std::string(key.name).c_str(), key.member);
  }
  bind_bytes(bound, [](const c&) {});
}

std::string machine_text(const accelerator& a) {
  std::string text = fmt::format(
      "num_pes: {}\nsimd_lanes: {}\nnoc_bw: {}\nnoc_hops: {}\nnoc_hop_latency: {}\n"
      "offchip_bw: {}\nl1_size_elems: {}\nl2_size_elems: {}\ncluster_buffer_elems: {}\n",
      a.num_pes,
      a.simd_lanes,
      a.noc_bw,
      a.noc_hops,
      a.noc_hop_latency,
      a.offchip_bw,
      a.l1_size_elems,
      a.l2_size_elems,
      a.cluster_buffer_elems);
  const cost_constants usual;
  for (const constant_key& key : constant_keys) {
    if (a.constants.*key.member == usual.*key.member) continue;
    text += fmt::format("{}: {}\n", key.name, a.constants.*key.member);
  }
  return text;
}

std::string describe(const accelerator& a) {
  std::string out = fmt::format("Accelerator(num_pes={}", a.num_pes);
  if (a.simd_lanes != 1) out += fmt::format(", simd_lanes={}", a.simd_lanes);
  out += fmt::format(", noc_bw={}, noc_hops={}, noc_hop_latency={}, offchip_bw={}",
                     a.noc_bw,
                     a.noc_hops,
                     a.noc_hop_latency,
                     a.offchip_bw);
  if (a.l1_size_elems >= 0) out += fmt::format(", l1_size_elems={}", a.l1_size_elems);
  if (a.l2_size_elems >= 0) out += fmt::format(", l2_size_elems={}", a.l2_size_elems);
  if (a.cluster_buffer_elems >= 0) {
    out += fmt::format(", cluster_buffer_elems={}", a.cluster_buffer_elems);
  }
  return out + ")";
}

std::int32_t bandwidth(std::int32_t given, const char* name) {
  if (given == -1) return unlimited_bandwidth;
  if (given < 1)
    throw input_error(
        fmt::format("{}: found {}, expected 1 or more, or -1 (unlimited)", name, given));
  return given;
}

void bind_accelerator(nb::module_& module) {
  using a = accelerator;
  nb::class_<a> bound(
      module,
      "Accelerator",
      "The machine: buffers in elements of one byte, bandwidths in elements a cycle, "
      "latencies in cycles; -1 is unlimited.");
  bound
      .def(
          "__init__",
          [](a* self,
             std::int32_t num_pes,
             std::int32_t simd_lanes,
             std::int32_t noc_bw,
             std::int32_t noc_hops,
             std::int32_t noc_hop_latency,
             std::int32_t offchip_bw,
             std::int64_t l1_size_elems,
             std::int64_t l2_size_elems,
             std::int64_t cluster_buffer_elems,
             const cost_constants& k) {
            const a made{num_pes,
                         simd_lanes,
                         bandwidth(noc_bw, "noc_bw"),
                         noc_hops,
                         noc_hop_latency,
                         bandwidth(offchip_bw, "offchip_bw"),
                         l1_size_elems,
                         l2_size_elems,
                         cluster_buffer_elems,
                         k};
            check(made);
            new (self) a(made);
          },
          nb::kw_only(),
          "num_pes"_a = 256,
          "simd_lanes"_a = 1,
          "noc_bw"_a = 81920000,
          "noc_hops"_a = 1,
          "noc_hop_latency"_a = 1,
          "offchip_bw"_a = 81920000,
          "l1_size_elems"_a = unlimited,
          "l2_size_elems"_a = unlimited,
          "cluster_buffer_elems"_a = unlimited,
          "constants"_a = cost_constants{},
          "Raises InputError for PEs, lanes or bandwidths below 1, and for other negative figures.")
      .def_ro("num_pes", &a::num_pes)
      .def_ro("simd_lanes", &a::simd_lanes)
      .def_ro("noc_bw", &a::noc_bw)
      .def_ro("noc_hops", &a::noc_hops)
      .def_ro("noc_hop_latency", &a::noc_hop_latency)
      .def_ro("offchip_bw", &a::offchip_bw)
      .def_ro("l1_size_elems", &a::l1_size_elems, "Of a PE.")
      .def_ro("l2_size_elems", &a::l2_size_elems)
      .def_ro("cluster_buffer_elems",
              &a::cluster_buffer_elems,
              "Of each buffer between L2 and the L1s.")
      .def_ro("constants", &a::constants)
      .def_static(
          "from_maestro",
          [](const std::string& text) {
            std::vector<std::string> warnings;
            const a read = parse_accelerator_file(text, "<text>", {}, &warnings);
            warn(warnings);
            return read;
          },
          "text"_a,
          "The machine of a hardware file's text, MAESTRO's or GAMMA's. Raises InputError.")
      .def("to_maestro", &machine_text, "Text of a hardware file that from_maestro reads back.")
      .def("__repr__", [](const a& self) { return describe(self); })
      .def(nb::self == nb::self);
  bind_bytes(bound, [](const a& self) { check(self); });
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
      .def("__repr__", [](const mapping& m) { return describe(m); })
      .def(nb::self == nb::self);
  bind_bytes(bound, [](const mapping& m) { check_pickled(m); });
}

}  // namespace

std::int64_t macs_of(const layer& l) {
  const bool has_outputs = output_size(l, dimension::Y) > 0 && output_size(l, dimension::X) > 0;
  return has_outputs ? layer_macs(l) : 0;
}

void bind_nouns(nb::module_& module) {
  bind_layer(module);
  bind_constants(module);
  bind_accelerator(module);
  bind_mapping(module);
}

}  // namespace cugamma::python
