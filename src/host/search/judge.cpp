#include "search/judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "models/rejected_words.hpp"
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
  illegal += more.illegal;
  l1_size += more.l1_size;
  l2_size += more.l2_size;
  cluster_buffer += more.cluster_buffer;
  for (std::size_t i = 0; i < doubts.size(); ++i) doubts[i] += more.doubts[i];
  over_limit += more.over_limit;
  return *this;
}

std::vector<rejection> list_rejections(const rejection_counts& counts,
                                       const cost_model& model,
                                       belief trust) {
  std::vector<rejection> list;
  const auto add = [&](std::string_view key, std::int64_t count, bool is_rejected = true) {
    list.push_back({key, rejected_words(key), count, is_rejected});
  };
  add("illegal", counts.illegal);
  add("l1_size", counts.l1_size);
  add("l2_size", counts.l2_size);
  add("cluster_buffer", counts.cluster_buffer);
  for (std::size_t i = 0; i < model.doubts.size(); ++i) {
    const doubt& d = model.doubts[i];
    add(d.rejected_key, counts.doubts[i], is_rejecting(d, trust));
  }
  add("over_limit", counts.over_limit);
  return list;
}

void verdicts::add(const verdicts& later, std::span<const search_rank> ranks) {
  rejected += later.rejected;
  if (later.best && (!best || ranks[*later.best] < ranks[*best])) best = later.best;
}

judge::judge(const search_space& space, const accelerator& a, const search_options& options)
    : space_(space),
      machine_(a),
      options_(options),
      rejecting_(rejecting_bits(*options.model, options.trust)) {}

double judge::beyond_limits(const scored_mapping& m) const {
  double sum = beyond(options_.limits, m);
  if (options_.area_budget_um2 == never) return sum;
  const objective_limit budget{objective::budget_area, options_.area_budget_um2};
  return sum + beyond({&budget, 1}, m);
}

search_rank judge::rank(const genome& g, const cost& c) const {
  search_rank f;
  const std::uint32_t rejecting = c.status & rejecting_;
  if (rejecting != 0) {
    const bool only_limits = (rejecting & ~too_large_mask) == 0;
    f.violation = only_limits ? excess(c.l1_size_elems, machine_.l1_size_elems) +
                                    excess(c.l2_size_elems, machine_.l2_size_elems) +
                                    excess(c.cluster_buffer_elems, machine_.cluster_buffer_elems)
                              : never;
    if (!only_limits) return f;
  }
  const scored_mapping m{c, machine_, pes_of(g, machine_)};
  f.violation += beyond_limits(m);
  for (std::size_t i = 0; i < options_.objectives.size(); ++i) {
    f.values[i] = value(options_.objectives[i], m);
  }
  // Figures from elsewhere may be no numbers, and these have no order.
  const bool is_ordered =
      !std::isnan(f.violation) &&
      std::ranges::all_of(f.values, [](double value) { return std::isfinite(value); });
  return is_ordered ? f : search_rank{never, {}};
}

/// Adds one individual to the counts.
void judge::count(const cost& c, const search_rank& f, rejection_counts& n) const {
  n.illegal += (c.status & illegal_mask) != 0 ? 1 : 0;
  n.l1_size += (c.status & exceeds_l1) != 0 ? 1 : 0;
  n.l2_size += (c.status & exceeds_l2) != 0 ? 1 : 0;
  n.cluster_buffer += (c.status & exceeds_cluster_buffer) != 0 ? 1 : 0;
  for (std::size_t i = 0; i < options_.model->doubts.size(); ++i) {
    n.doubts[i] += (c.status & options_.model->doubts[i].bit) != 0 ? 1 : 0;
  }
  n.over_limit += (c.status & rejecting_) == 0 && f.violation > 0 ? 1 : 0;
}

verdicts judge::rank_all(std::span<const genome> genomes,
                         std::span<const cost> costs,
                         std::span<search_rank> ranks) const {
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

search_rank rank(const genome& g,
                 const cost& c,
                 const search_space& space,
                 const accelerator& a,
                 const search_options& options) {
  return judge(space, a, options).rank(g, c);
}

}  // namespace cugamma
