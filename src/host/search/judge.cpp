#include "search/judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "search/threads/for_each_index.hpp"

namespace cugamma {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

double excess(std::int64_t need, std::int64_t size) {
  if (size < 0 || need <= size) return 0;
  return static_cast<double>(need - size) / static_cast<double>(std::max<std::int64_t>(size, 1));
}

}  // namespace

rejection_counts& rejection_counts::operator+=(const rejection_counts& more) {
  for (std::int64_t rejection_counts::*number : {&rejection_counts::illegal,
                                                 &rejection_counts::l1_size,
                                                 &rejection_counts::l2_size,
                                                 &rejection_counts::macs,
                                                 &rejection_counts::runtime,
                                                 &rejection_counts::traffic,
                                                 &rejection_counts::inner_work,
                                                 &rejection_counts::over_limit}) {
    this->*number += more.*number;
  }
  return *this;
}
static_assert(sizeof(rejection_counts) == 8 * sizeof(std::int64_t));

void verdicts::add(const verdicts& later, std::span<const fitness> ranks) {
  rejected += later.rejected;
  if (later.best && (!best || ranks[*later.best] < ranks[*best])) best = later.best;
}

judge::judge(const search_space& space, const accelerator& a, const search_options& options)
    : space_(space),
      machine_(a),
      options_(options),
      rejecting_(rejecting_bits(options.trust)),
      l2_fill_(l2_fill_elems(space.target)) {}

double judge::beyond_limits(const figures_of_one& m) const {
  double sum = beyond(options_.limits, m);
  if (options_.area_budget_um2 == never) return sum;
  const objective_limit budget{objective::budget_area, options_.area_budget_um2};
  return sum + beyond({&budget, 1}, m);
}

fitness judge::rank(const genome& g, const cost& c) const {
  fitness f;
  const std::uint32_t rejecting = c.status & rejecting_;
  if (rejecting != 0) {
    const bool only_limits = (rejecting & ~(exceeds_l1 | exceeds_l2)) == 0;
    f.violation = only_limits ? excess(c.l1_size_elems, machine_.l1_size_elems) +
                                    excess(c.l2_size_elems, machine_.l2_size_elems)
                              : never;
    if (!only_limits) return f;
  }
  const figures_of_one m{{g, c, space_.target, machine_}, l2_fill_};
  f.violation += beyond_limits(m);
  for (std::size_t i = 0; i < options_.objectives.size(); ++i) {
    f.values[i] = value(options_.objectives[i], m);
  }
  return f;
}

/// Adds one individual to the counts.
void judge::count(const cost& c, const fitness& f, rejection_counts& n) const {
  n.illegal += (c.status & illegal_mask) != 0 ? 1 : 0;
  n.l1_size += (c.status & exceeds_l1) != 0 ? 1 : 0;
  n.l2_size += (c.status & exceeds_l2) != 0 ? 1 : 0;
  n.macs += (c.status & implausible_macs) != 0 ? 1 : 0;
  n.runtime += (c.status & implausible_runtime) != 0 ? 1 : 0;
  n.traffic += (c.status & implausible_traffic) != 0 ? 1 : 0;
  n.inner_work += (c.status & implausible_inner_work) != 0 ? 1 : 0;
  n.over_limit += (c.status & rejecting_) == 0 && f.violation > 0 ? 1 : 0;
}

verdicts judge::rank_all(std::span<const genome> genomes,
                         std::span<const cost> costs,
                         std::span<fitness> ranks) const {
  const std::size_t block = pass_block(costs.size());
  std::vector<verdicts> parts((costs.size() + block - 1) / block);
  for_each_block(costs.size(), block, [&](std::size_t begin, std::size_t end) {
    verdicts part;
    for (std::size_t i = begin; i < end; ++i) {
      ranks[i] = rank(genomes[i], costs[i]);
      if (costs[i].status != 0 || ranks[i].violation > 0) {
        count(costs[i], ranks[i], part.rejected);
      }
      if (ranks[i].violation > 0) continue;
      if (!part.best || ranks[i] < ranks[*part.best]) part.best = i;
    }
    parts[begin / block] = part;
  });
  verdicts all;
  for (const verdicts& part : parts) all.add(part, ranks);
  return all;
}

fitness rank(const genome& g,
             const cost& c,
             const search_space& space,
             const accelerator& a,
             const search_options& options) {
  return judge(space, a, options).rank(g, c);
}

}  // namespace cugamma
