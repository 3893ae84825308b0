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

/// A figure of an accelerator by its name.
struct machine_figure {
  const char* name;
  std::int32_t accelerator::*small = nullptr;  ///< one of the two
  std::int64_t accelerator::*large = nullptr;
  bool is_bandwidth = false;
  const char* about = "";

  std::int64_t of(const accelerator& a) const {
    return small != nullptr ? std::int64_t{a.*small} : a.*large;
  }
};

using m = accelerator;
constexpr std::array figures{
    machine_figure{.name = "num_pes", .small = &m::num_pes},
    machine_figure{.name = "simd_lanes",
                   .small = &m::simd_lanes,
                   .about = "MACs per PE and cycle."},
    machine_figure{.name = "noc_bw", .small = &m::noc_bw, .is_bandwidth = true},
    machine_figure{.name = "noc_hops", .small = &m::noc_hops},
    machine_figure{.name = "noc_hop_latency", .small = &m::noc_hop_latency},
    machine_figure{.name = "offchip_bw", .small = &m::offchip_bw, .is_bandwidth = true},
    machine_figure{.name = "l1_size_elems", .large = &m::l1_size_elems, .about = "Of a PE."},
    machine_figure{.name = "l2_size_elems", .large = &m::l2_size_elems},
    machine_figure{.name = "cluster_buffer_elems",
                   .large = &m::cluster_buffer_elems,
                   .about = "Of each buffer between L2 and the L1s."}};

std::vector<std::string> machine_arguments() {
  std::vector<std::string> names;
  for (const machine_figure& f : figures) names.emplace_back(f.name);
  names.emplace_back("constants");
  return names;
}

std::string machine_text(const accelerator& a) {
  std::string text;
  for (const machine_figure& f : figures) text += fmt::format("{}: {}\n", f.name, f.of(a));
  for (const constant_key& key : own_constants(a.constants)) {
    text += fmt::format("{}: {}\n", key.name, a.constants.*key.member);
  }
  return text;
}

/// The call that makes the accelerator, without what is at its default but for the PEs.
std::string describe(const accelerator& a) {
  const accelerator usual = usual_accelerator();
  std::string out = fmt::format("Accelerator(num_pes={}", a.num_pes);
  for (const machine_figure& f : figures) {
    if (f.small == &m::num_pes || f.of(a) == f.of(usual)) continue;
    out += fmt::format(", {}={}", f.name, f.of(a));
  }
  std::string own;
  for (const constant_key& key : own_constants(a.constants)) {
    own += fmt::format("{}'{}': {}", own.empty() ? "" : ", ", key.name, a.constants.*key.member);
  }
  if (!own.empty()) out += fmt::format(", constants={{{}}}", own);
  return out + ")";
}

std::size_t hash_of(const accelerator& a) {
  std::array<std::int64_t, figures.size() + 1> values{};
  std::ranges::transform(figures, values.begin(), [&](const machine_figure& f) { return f.of(a); });
  values.back() = static_cast<std::int64_t>(hash_of(a.constants));
  return hash_of_bytes(values);
}

void read_bandwidth(const arguments& given, const char* name, std::int32_t& into) {
  given.read(name, into);
  if (into == -1) into = unlimited_bandwidth;
  if (into < 1) {
    throw input_error(
        fmt::format("{}: found {}, expected 1 or more, or -1 (unlimited)", name, into));
  }
}

/// `start` with what the arguments of a call change.
accelerator machine_from(accelerator start, const arguments& given) {
  for (const machine_figure& f : figures) {
    if (f.is_bandwidth) {
      read_bandwidth(given, f.name, start.*f.small);
    } else if (f.small != nullptr) {
      given.read(f.name, start.*f.small);
    } else {
      given.read(f.name, start.*f.large);
    }
  }
  start.constants = constants_given(start.constants, given.find("constants"));
  check(start);
  return start;
}

/// The signature of a call that takes the figures, each with its default, or None for all.
std::string machine_signature(const std::string& begin, bool has_defaults, const char* end) {
  const accelerator usual = usual_accelerator();
  std::string out = begin;
  for (const machine_figure& f : figures) {
    out += has_defaults ? fmt::format(", {}: int = {}", f.name, f.of(usual))
                        : fmt::format(", {}: int | None = None", f.name);
  }
  return out + ", constants: CostConstants | dict[str, float] | None = None" + end;
}

/// Its construction, and copies with other figures.
void bind_making(nb::class_<accelerator>& bound) {
  using a = accelerator;
  const std::string init = machine_signature("def __init__(self, *", true, ") -> None");
  const std::string replace = machine_signature("def replace(self, *", false, ") -> Accelerator");
  bound
      .def(
          "__init__",
          [](a* self, const nb::args& in_order, const nb::kwargs& by_name) {
            new (self) a(machine_from(usual_accelerator(),
                                      {"Accelerator", in_order, by_name, machine_arguments()}));
          },
          nb::sig(init.c_str()),
          "constants: CostConstants, or a dict of those that are not MAESTRO's. Raises InputError "
          "for PEs, lanes or bandwidths below 1, and for other negative figures.")
      .def(
          "replace",
          [](const a& self, const nb::args& in_order, const nb::kwargs& by_name) {
            return machine_from(self,
                                {"Accelerator.replace", in_order, by_name, machine_arguments()});
          },
          nb::sig(replace.c_str()),
          "The accelerator with other figures; a dict of constants leaves the rest of them as they "
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
            const a read = read_accelerator_file(find_accelerator(path_from("path", path)),
                                                 usual_accelerator(),
                                                 &warnings);
            warn(warnings);
            return read;
          },
          "path"_a,
          nb::sig("def read(path: str | os.PathLike[str]) -> Accelerator"),
          "The accelerator of a file, or a shipped one by its name (docs/accelerators.md). Raises "
          "InputError with the place, or with the known names.")
      .def_static(
          "from_maestro",
          [](const std::string& text) {
            std::vector<std::string> warnings;
            const a read = parse_accelerator_file(text, "<text>", {}, &warnings);
            warn(warnings);
            return read;
          },
          "text"_a,
          "The accelerator of a hardware file's text, MAESTRO's or GAMMA's. Raises InputError.")
      .def("to_maestro", &machine_text, "Text of a hardware file that from_maestro reads back.");
}

void bind_accelerator(nb::module_& module) {
  using a = accelerator;
  nb::class_<a> bound(
      module,
      "Accelerator",
      "The accelerator: buffers in elements of one byte, bandwidths in elements a cycle, "
      "latencies in cycles; -1 is unlimited.");
  bind_making(bound);
  for (const machine_figure& f : figures) {
    const std::string signature = fmt::format("def {}(self) -> int", f.name);
    bound.def_prop_ro(
        f.name,
        [f](const a& self) { return f.of(self); },
        nb::sig(signature.c_str()),
        f.about);
  }
  bound.def_ro("constants", &a::constants);
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
