#include "search/co_design/machines.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

/// The accelerator that spends a budget: on PEs, then a share of what they leave on L2, the rest on
/// L1; buffers no larger than the base's.
std::optional<accelerator> spend(const accelerator& base,
                                 std::int32_t pes,
                                 double l2_share,
                                 double budget_um2) {
  const cost_constants& k = base.constants;
  const double bytes =
      (budget_um2 - k.budget_pe_area_um2 * pes) / k.budget_buffer_area_um2_per_byte;
  if (pes < 1 || bytes < 2.0 * pes) return std::nullopt;
  accelerator a = base;
  a.num_pes = pes;
  a.l2_size_elems = at_most(bytes * l2_share, base.l2_size_elems);
  a.l1_size_elems = at_most(bytes * (1 - l2_share) / pes, base.l1_size_elems);
  if (a.l1_size_elems < 1 || a.l2_size_elems < 1 || area_of(a) > budget_um2) return std::nullopt;
  return a;
}

}  // namespace

double area_of(const accelerator& a) {
  return budget_area_um2(a.constants, a.num_pes, a.l1_size_elems, a.l2_size_elems);
}

std::int64_t at_most(double elems, std::int64_t limit_elems) {
  const auto whole = static_cast<std::int64_t>(elems);
  return limit_elems >= 0 ? std::min(whole, limit_elems) : whole;
}

std::vector<accelerator> spending(const accelerator& base, const co_design_options& o) {
  std::vector<accelerator> machines;
  const double most = std::floor(o.area_budget_um2 / base.constants.budget_pe_area_um2);
  double pes = std::min(static_cast<double>(o.pe_limit), most);
  for (int i = 0; i < 12 && pes >= 1; ++i, pes *= 0.8) {
    for (const double l2_share : {0.2, 0.5, 0.8}) {
      const auto a = spend(base, static_cast<std::int32_t>(pes), l2_share, o.area_budget_um2);
      if (a) machines.push_back(*a);
    }
  }
  return machines;
}

std::vector<accelerator> like(const accelerator& known,
                              const accelerator& base,
                              const co_design_options& o) {
  std::vector<accelerator> machines;
  const auto scaled = [](std::int64_t elems, double by) { return static_cast<double>(elems) * by; };
  for (const double pes : {0.9, 0.94, 0.97, 1.0, 1.04}) {
    for (const double l1 : {0.75, 1.0, 1.25}) {
      for (const double l2 : {0.6, 0.8, 1.0, 1.4}) {
        accelerator a = known;
        a.num_pes = std::min(o.pe_limit, static_cast<std::int32_t>(known.num_pes * pes));
        a.l1_size_elems = at_most(scaled(known.l1_size_elems, l1), base.l1_size_elems);
        a.l2_size_elems = at_most(scaled(known.l2_size_elems, l2), base.l2_size_elems);
        const bool fits = a.num_pes >= 1 && a.l1_size_elems >= 1 && a.l2_size_elems >= 1 &&
                          area_of(a) < o.area_budget_um2;
        if (fits && std::ranges::find(machines, a) == machines.end()) machines.push_back(a);
      }
    }
  }
  return machines;
}

std::vector<accelerator> possible(std::vector<accelerator> machines,
                                  std::span<const weighted_layer> layers,
                                  const space_maker& make_space) {
  std::string why;
  std::erase_if(machines, [&](const accelerator& a) {
    try {
      for (const weighted_layer& l : layers) make_space(l.l, a);
      return false;
    } catch (const input_error& error) {
      why = error.what();
      return true;
    }
  });
  if (machines.empty() && !why.empty()) throw input_error(why);
  return machines;
}

}  // namespace cugamma
