#include <fmt/format.h>
#include <nanobind/operators.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "bindings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "values.hpp"

/// Accelerators and their constants.
namespace cugamma::python {
namespace {

using namespace nb::literals;

std::vector<std::string> constant_names() {
  std::vector<std::string> names;
  for (const constant_key& key : constant_keys) names.emplace_back(key.name);
  return names;
}

/// `start` with what the arguments of a call change.
cost_constants constants_from(cost_constants start, const arguments& given) {
  for (const constant_key& key : constant_keys) given.read(key.name, start.*key.member);
  check(accelerator{.constants = start});
  return start;
}

/// What an Accelerator's `constants` may be: CostConstants, or a dict of those that differ.
cost_constants constants_given(const cost_constants& start, const nb::object& given) {
  if (given.is_none()) return start;
  if (nb::isinstance<cost_constants>(given)) return nb::cast<cost_constants>(given);
  if (!nb::isinstance<nb::dict>(given)) {
    throw call_error(
        fmt::format("constants: found {}, expected CostConstants or a dict", found_text(given)));
  }
  const auto by_name = nb::steal<nb::kwargs>(PyDict_Copy(given.ptr()));
  return constants_from(start, {"constants", nb::args(), by_name, constant_names()});
}

/// The constants that are not MAESTRO's.
std::vector<constant_key> own_constants(const cost_constants& c) {
  const cost_constants usual;
  std::vector<constant_key> own;
  for (const constant_key& key : constant_keys) {
    if (!(c.*key.member == usual.*key.member)) own.push_back(key);
  }
  return own;
}

std::string describe(const cost_constants& c) {
  std::string out = "CostConstants(";
  for (const constant_key& key : own_constants(c)) {
    out += fmt::format("{}{}={}", out.back() == '(' ? "" : ", ", key.name, c.*key.member);
  }
  return out + ")";
}

/// -0 equals 0, so it has its hash.
std::size_t hash_of(const cost_constants& c) {
  std::array<double, constant_keys.size()> values{};
  std::ranges::transform(constant_keys, values.begin(), [&](const constant_key& key) {
    return c.*key.member == 0 ? 0.0 : c.*key.member;
  });
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(values.data()), sizeof values});
}

std::string signature_of_constants(const char* begin, const char* usual, const char* end) {
  std::string out = begin;
  for (const constant_key& key : constant_keys) out += fmt::format(", {}: {}", key.name, usual);
  return out + end;
}

void bind_constants(nb::module_& module) {
  using c = cost_constants;
  nb::class_<c> bound(module,
                      "CostConstants",
                      "Energy, area and power constants, MAESTRO's where none are given.");
  const std::string init =
      signature_of_constants("def __init__(self, *", "float = ...", ") -> None");
  const std::string replace =
      signature_of_constants("def replace(self, *", "float | None = None", ") -> CostConstants");
  bound
      .def(
          "__init__",
          [](c* self, const nb::args& in_order, const nb::kwargs& by_name) {
            new (self)
                c(constants_from({}, {"CostConstants", in_order, by_name, constant_names()}));
          },
          nb::sig(init.c_str()),
          "Raises InputError for an unknown name and for what is no finite number.")
      .def(
          "replace",
          [](const c& self, const nb::args& in_order, const nb::kwargs& by_name) {
            return constants_from(self,
                                  {"CostConstants.replace", in_order, by_name, constant_names()});
          },
          nb::sig(replace.c_str()),
          "The constants with others in place of some. Raises InputError.")
      .def("__repr__", [](const c& self) { return describe(self); });
  for (const constant_key& key : constant_keys) {
    bound.def_ro(std::string(key.name).c_str(), key.member);
  }
  bind_value(bound, [](const c& self) { return hash_of(self); });
  bind_bytes(bound, [](const c& self) { check(accelerator{.constants = self}); });
}

std::string machine_text(const accelerator& a) {
  std::string text = fmt::format(
      "num_pes: {}\nsimd_lanes: {}\nnoc_bw: {}\nnoc_hops: {}\nnoc_hop_latency: {}\n"
      "offchip_bw: {}\nl1_size_elems: {}\nl2_size_elems: {}\n",
      a.num_pes,
      a.simd_lanes,
      a.noc_bw,
      a.noc_hops,
      a.noc_hop_latency,
      a.offchip_bw,
      a.l1_size_elems,
      a.l2_size_elems);
  for (const constant_key& key : own_constants(a.constants)) {
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
  std::string own;
  for (const constant_key& key : own_constants(a.constants)) {
    own += fmt::format("{}'{}': {}", own.empty() ? "" : ", ", key.name, a.constants.*key.member);
  }
  if (!own.empty()) out += fmt::format(", constants={{{}}}", own);
  return out + ")";
}

std::size_t hash_of(const accelerator& a) {
  const std::array<std::int64_t, 9> figures{a.num_pes,
                                            a.simd_lanes,
                                            a.noc_bw,
                                            a.noc_hops,
                                            a.noc_hop_latency,
                                            a.offchip_bw,
                                            a.l1_size_elems,
                                            a.l2_size_elems,
                                            static_cast<std::int64_t>(hash_of(a.constants))};
  return hash_of_bytes(figures);
}

void read_bandwidth(const arguments& given, const char* name, std::int32_t& into) {
  given.read(name, into);
  if (into == -1) into = unlimited_bandwidth;
  if (into < 1) {
    throw input_error(
        fmt::format("{}: found {}, expected 1 or more, or -1 (unlimited)", name, into));
  }
}

const std::vector<std::string> machine_arguments{"num_pes",
                                                 "simd_lanes",
                                                 "noc_bw",
                                                 "noc_hops",
                                                 "noc_hop_latency",
                                                 "offchip_bw",
                                                 "l1_size_elems",
                                                 "l2_size_elems",
                                                 "constants"};

/// `start` with what the arguments of a call change.
accelerator machine_from(accelerator start, const arguments& given) {
  given.read("num_pes", start.num_pes);
  given.read("simd_lanes", start.simd_lanes);
  read_bandwidth(given, "noc_bw", start.noc_bw);
  given.read("noc_hops", start.noc_hops);
  given.read("noc_hop_latency", start.noc_hop_latency);
  read_bandwidth(given, "offchip_bw", start.offchip_bw);
  given.read("l1_size_elems", start.l1_size_elems);
  given.read("l2_size_elems", start.l2_size_elems);
  start.constants = constants_given(start.constants, given.find("constants"));
  check(start);
  return start;
}

constexpr const char* machine_signature =
    "def __init__(self, *, num_pes: int = 256, simd_lanes: int = 1, noc_bw: int = 81920000, "
    "noc_hops: int = 1, noc_hop_latency: int = 1, offchip_bw: int = 81920000, "
    "l1_size_elems: int = -1, l2_size_elems: int = -1, "
    "constants: CostConstants | dict[str, float] | None = None) -> None";
constexpr const char* machine_replace_signature =
    "def replace(self, *, num_pes: int | None = None, simd_lanes: int | None = None, "
    "noc_bw: int | None = None, noc_hops: int | None = None, noc_hop_latency: int | None = None, "
    "offchip_bw: int | None = None, l1_size_elems: int | None = None, "
    "l2_size_elems: int | None = None, "
    "constants: CostConstants | dict[str, float] | None = None) -> Accelerator";

/// Its construction, and copies with other figures.
void bind_making(nb::class_<accelerator>& bound) {
  using a = accelerator;
  bound
      .def(
          "__init__",
          [](a* self, const nb::args& in_order, const nb::kwargs& by_name) {
            new (self) a(machine_from({}, {"Accelerator", in_order, by_name, machine_arguments}));
          },
          nb::sig(machine_signature),
          "constants: CostConstants, or a dict of those that are not MAESTRO's. Raises InputError "
          "for PEs, lanes or bandwidths below 1, and for other negative figures.")
      .def(
          "replace",
          [](const a& self, const nb::args& in_order, const nb::kwargs& by_name) {
            return machine_from(self,
                                {"Accelerator.replace", in_order, by_name, machine_arguments});
          },
          nb::sig(machine_replace_signature),
          "The machine with other figures; a dict of constants leaves the rest of them as they "
          "are. "
          "Raises InputError.");
}

void bind_files(nb::class_<accelerator>& bound) {
  using a = accelerator;
  bound
      .def_static(
          "read",
          [](const nb::object& path) {
            std::vector<std::string> warnings;
            const a read = read_accelerator_file(path_from("path", path), {}, &warnings);
            warn(warnings);
            return read;
          },
          "path"_a,
          nb::sig("def read(path: str | os.PathLike[str]) -> Accelerator"),
          "The machine of a hardware file (docs/formats.md). Raises InputError with the place.")
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
      .def("to_maestro", &machine_text, "Text of a hardware file that from_maestro reads back.");
}

void bind_accelerator(nb::module_& module) {
  using a = accelerator;
  nb::class_<a> bound(
      module,
      "Accelerator",
      "The machine: buffers in elements of one byte, bandwidths in elements a cycle, "
      "latencies in cycles; -1 is unlimited.");
  bind_making(bound);
  bound.def_ro("num_pes", &a::num_pes)
      .def_ro("simd_lanes", &a::simd_lanes)
      .def_ro("noc_bw", &a::noc_bw)
      .def_ro("noc_hops", &a::noc_hops)
      .def_ro("noc_hop_latency", &a::noc_hop_latency)
      .def_ro("offchip_bw", &a::offchip_bw)
      .def_ro("l1_size_elems", &a::l1_size_elems, "Of a PE.")
      .def_ro("l2_size_elems", &a::l2_size_elems)
      .def_ro("constants", &a::constants);
  bind_files(bound);
  bound.def("__repr__", [](const a& self) { return describe(self); });
  bind_value(bound, [](const a& self) { return hash_of(self); });
  bind_bytes(bound, [](const a& self) { check(self); });
}

}  // namespace

void bind_machines(nb::module_& module) {
  bind_constants(module);
  bind_accelerator(module);
}

}  // namespace cugamma::python
