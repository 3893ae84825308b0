#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/hd.hpp"
#include "cugamma/models/area.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma {

/// What a search can optimise, by GAMMA's names. Energies are the full energy; the maestro_ ones
/// use the energy column of MAESTRO's CSV, which GAMMA reads.
enum class objective : std::uint8_t {
  latency,         ///< cycles
  energy,          ///< nJ
  power,           ///< mW
  edp,             ///< energy x latency
  area,            ///< um^2
  lap,             ///< area x latency
  lalp,            ///< area x latency^2
  eap,             ///< area x energy
  throughput,      ///< MACs per cycle, maximised
  l1_size,         ///< elements
  l2_size,         ///< elements
  l_pe,            ///< latency x PEs
  l_pe_l2,         ///< latency x PEs x L2
  pe,              ///< PEs
  maestro_energy,  ///< nJ
  maestro_edp,     ///< maestro_energy x latency
  budget_area,     ///< um^2 of PEs and buffers alone, see budget_area_um2
};
inline constexpr int objective_count = 17;
inline constexpr int max_objectives = 4;

/// "latency", "energy", "EDP", "L-PE-L2", "maestro-energy", ...
std::string_view name_of(objective o);

/// The unit of its figures: "cycles", "nJ x cycles", "um2", ...
std::string_view unit_of(objective o);

/// Reads a comma-separated list of names, letter case and '-' or '_' not mattering. Throws
/// input_error for an unknown name (with the known ones), an empty list or more than
/// max_objectives.
std::vector<objective> parse_objectives(std::string_view list);

/// A bound that a figure must keep: at most, of a maximised one at least.
struct objective_limit {
  objective o = objective::latency;
  double bound = 0;
  friend constexpr bool operator==(const objective_limit&, const objective_limit&) = default;
};

/// Reads "power=500,area=2.0e6". Throws input_error for an unknown name or a bound that is no
/// positive number.
std::vector<objective_limit> parse_limits(std::string_view list);

CUGAMMA_HD constexpr bool is_maximised(objective o) { return o == objective::throughput; }

/// The figures of one evaluated mapping that objectives are made of.
struct scored_mapping {
  const cost& c;
  const accelerator& a;
  std::int32_t num_pes;  ///< that the mapping runs on, see pes_of

  CUGAMMA_HD constexpr double latency() const { return static_cast<double>(c.runtime_cycles); }
  CUGAMMA_HD constexpr std::int32_t pes() const { return num_pes; }
  CUGAMMA_HD constexpr double energy() const { return c.energy_nj; }
  CUGAMMA_HD constexpr double maestro_energy() const { return c.second_energy_nj; }
  CUGAMMA_HD constexpr double power() const { return power_mw(c, a, pes()); }
  CUGAMMA_HD constexpr double area() const { return area_um2(c, a, pes()); }
  CUGAMMA_HD constexpr double budget_area() const {
    return budget_area_um2(a.constants, pes(), c.l1_size_elems, c.l2_size_elems);
  }
  CUGAMMA_HD constexpr double macs() const { return static_cast<double>(c.num_macs); }
  CUGAMMA_HD constexpr double l1_size() const { return static_cast<double>(c.l1_size_elems); }
  CUGAMMA_HD constexpr double l2_size() const { return static_cast<double>(c.l2_size_elems); }
};

/// The figure as a user reads it (throughput positive), of one mapping or of whatever else answers
/// the same questions (see network_figures). precondition: the mapping is legal
template <typename Figures>
CUGAMMA_HD constexpr double figure(objective o, const Figures& m) {
  using enum objective;
  switch (o) {
    case latency:
      return m.latency();
    case energy:
      return m.energy();
    case power:
      return m.power();
    case edp:
      return m.energy() * m.latency();
    case area:
      return m.area();
    case lap:
      return m.area() * m.latency();
    case lalp:
      return m.area() * m.latency() * m.latency();
    case eap:
      return m.area() * m.energy();
    case throughput:
      return m.macs() / m.latency();
    case l1_size:
      return m.l1_size();
    case l2_size:
      return m.l2_size();
    case l_pe:
      return m.latency() * m.pes();
    case l_pe_l2:
      return m.latency() * m.pes() * m.l2_size();
    case pe:
      return m.pes();
    case maestro_energy:
      return m.maestro_energy();
    case maestro_edp:
      return m.maestro_energy() * m.latency();
    case budget_area:
      return m.budget_area();
  }
  return 0;
}

/// The figure as a search minimises it: throughput with its sign turned.
template <typename Figures>
CUGAMMA_HD constexpr double value(objective o, const Figures& m) {
  return is_maximised(o) ? -figure(o, m) : figure(o, m);
}

/// How far figures lie beyond limits, relatively, summed over the limits; 0: within all.
template <typename Figures>
constexpr double beyond(std::span<const objective_limit> limits, const Figures& m) {
  double sum = 0;
  for (const objective_limit& limit : limits) {
    const double found = figure(limit.o, m);
    const bool kept = is_maximised(limit.o) ? found >= limit.bound : found <= limit.bound;
    const double excess = found > limit.bound ? found - limit.bound : limit.bound - found;
    if (!kept) sum += excess / limit.bound;
  }
  return sum;
}

/// Turns a minimised value into the figure that a user reads, and back.
CUGAMMA_HD constexpr double figure_of_value(objective o, double v) {
  return is_maximised(o) ? -v : v;
}

}  // namespace cugamma
