#include "certify/timeloop/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cugamma::timeloop::proving {
namespace {

/// Sums in double precision may end this share above the true ones.
constexpr double precision = 1e-12;

}  // namespace

/// Elements of the fan-outs.
struct bounds::unit_use {
  std::array<double, max_levels> used{};  ///< of an instance of a level, by what is chosen
  std::array<double, max_levels> more{};  ///< by which factor the other dimensions may add to it
  double parallel = 1;                    ///< MACs at once, at most
};

/// Sums over tensors, of all instances.
struct bounds::traffic {
  double energy_pj = 0;
  std::array<double, max_levels> read{};     ///< words by the scales of bandwidth
  std::array<double, max_levels> written{};  ///< fills and updates
};

/// What a level hands down of a tensor: once to elements that get the same, and what the inner
/// neighbours get in all.
struct bounds::handed {
  double given = 0, filled = 0;
  // The same if neighbours serve each other.
  bool may_serve = false;
  double given_served = 0, filled_served = 0;
  double over_links = 0;
};

bounds::unit_use bounds::use_of(const choice& c) const {
  unit_use use;
  use.used.fill(1);
  const std::vector<double>& products = facts_.products[static_cast<std::size_t>(c.count)];
  double all_more = 1;
  for (std::size_t b = 0; b < facts_.levels(); ++b) {
    for (int i = 0; i < c.count; ++i) {
      const split* s = split_of(c, facts_.order[static_cast<std::size_t>(i)]);
      use.used[b] *= static_cast<double>(s->spatial[b]);
    }
    const double room = std::floor(facts_.prices[b].most_units / use.used[b]);
    const auto above = std::ranges::upper_bound(products, std::max(1.0, room));
    use.more[b] = *(above - 1);
    all_more *= use.more[b];
    use.parallel *= use.used[b];
  }
  use.parallel *= std::min(all_more, products.back());
  return use;
}

bool bounds::may_fit(const choice& c) const {
  std::array<std::int64_t, max_dimensions> extents;
  for (std::size_t b = 0; b < facts_.levels(); ++b) {
    double used = 1;
    for (std::size_t d = 0; d < facts_.splits.size(); ++d) {
      const split* s = split_of(c, static_cast<int>(d));
      extents[d] = s == nullptr ? 1 : s->below[b + 1];
      if (s != nullptr) used *= static_cast<double>(s->spatial[b]);
    }
    if (used > facts_.prices[b].most_units) return false;
    const std::int64_t usable = facts_.space.levels[b].usable_words;
    if (usable == std::numeric_limits<std::int64_t>::max()) continue;
    double words = 0;
    for (std::size_t t = 0; t < facts_.tensors.size(); ++t) {
      if (!facts_.keeps(b, t)) continue;
      double volume = 1;
      for (const axis& a : facts_.work.tensors[t].axes) {
        std::int64_t extent = 1;
        for (const axis_term& x : a) {
          extent += x.coefficient * (extents[static_cast<std::size_t>(x.dimension)] - 1);
        }
        volume *= static_cast<double>(extent);
      }
      words += volume;
    }
    if (words > static_cast<double>(usable)) return false;
  }
  return true;
}

run bounds::run_of(const choice& c,
                   const chosen_orders& orders,
                   std::size_t tensor,
                   std::size_t b) const {
  const tensor_facts& t = facts_.tensors[tensor];
  run r;
  for (; b < facts_.levels(); ++b) {
    unsigned placed = 0;
    for (int i = 0; i < orders.count[b]; ++i) {
      const int d = orders.loops[b][static_cast<std::size_t>(i)];
      placed |= 1u << d;
      if (t.window_of[static_cast<std::size_t>(d)] != is_irrelevant) {
        r.mover = d;
        return r;
      }
      if (const split* s = split_of(c, d)) r.stays *= static_cast<double>(s->temporal[b]);
    }
    bool moves = false;
    for (int i = 0; i < c.count; ++i) {
      const int d = facts_.order[static_cast<std::size_t>(i)];
      const std::int64_t factor = split_of(c, d)->temporal[b];
      if (factor == 1 || (placed >> d & 1) != 0) continue;
      if (t.window_of[static_cast<std::size_t>(d)] == is_irrelevant) {
        r.stays *= static_cast<double>(factor);
      } else {
        moves = true;
      }
    }
    if (moves) return r;
  }
  return r;
}

bounds::handed bounds::hand(const choice& c,
                            const chosen_orders& orders,
                            std::size_t tensor,
                            std::size_t b) const {
  const tensor_facts& t = facts_.tensors[tensor];
  double repeats = t.plain_words, elements = 1;
  bool may_pass_on = false;  // from one MAC to another that uses the same word next
  for (const int d : t.irrelevant) {
    const split* s = split_of(c, d);
    may_pass_on = may_pass_on || s == nullptr || s->spatial[b] > 1;
    if (s == nullptr) continue;
    repeats *= s->instances[b] * s->visits[b];
    elements *= static_cast<double>(s->spatial[b]);
  }
  const run r = run_of(c, orders, tensor, b);
  const int mover = r.mover < 0 ? is_irrelevant : t.window_of[static_cast<std::size_t>(r.mover)];
  double whole = 1, served = 1, filled = 1;
  double slid = 1, served_slid = 1, filled_slid = 1;
  handed h;
  for (std::size_t w = 0; w < t.windows.size(); ++w) {
    const window& of = t.windows[w];
    const int second = of.second() < 0 ? 0 : c.at[static_cast<std::size_t>(of.second())];
    const axis_share& s =
        of.at(c.at[static_cast<std::size_t>(of.first())], second, static_cast<int>(b));
    whole *= s.whole;
    served *= s.served_whole;
    filled *= s.filled_whole;
    h.may_serve = h.may_serve || s.may_serve;
    if (mover != is_irrelevant && mover != static_cast<int>(w)) continue;
    slid = std::min(slid, s.slid / s.whole);
    served_slid = std::min(served_slid, s.served_slid / s.served_whole);
    filled_slid = std::min(filled_slid, s.filled_slid / s.filled_whole);
  }
  h.given = repeats / r.stays * whole * slid;
  h.filled = repeats / r.stays * elements * filled * filled_slid;
  h.over_links = repeats * whole * slid;
  h.filled_served = repeats * elements * filled * filled_slid;
  h.given_served = std::max(repeats * served * served_slid, t.words);
  if (b == 0) {
    // MACs take a word each cycle, unless a neighbour passes it on.
    h.may_serve = h.may_serve || may_pass_on;
    h.given = repeats * whole;
    h.given_served = std::max(repeats / r.stays * served * served_slid, t.words);
    if (h.may_serve) h.given = std::min(h.given, h.given_served);
  }
  h.over_links = std::max(0.0, h.over_links - h.given_served);
  if (b > 0 && h.may_serve) allow_for_rounding(b, h);
  return h;
}

/// Counts of an instance may lose up to a word where groups of several sizes make fractions. Of
/// several instances, Timeloop counts the words between neighbours once.
void bounds::allow_for_rounding(std::size_t b, handed& h) const {
  if (facts_.rows.levels[b].instances > 1) {
    h.over_links = 0;
    h.filled_served = std::min(h.filled_served, h.given_served);
  }
  const auto lost = static_cast<double>(facts_.rows.levels[b - 1].instances);
  for (double* words : {&h.filled, &h.filled_served, &h.over_links}) {
    *words = std::max(0.0, *words - lost);
  }
}

/// Adds what level b hands to level b - 1, the cheaper way; returns what it gives.
double bounds::add_handed(std::size_t tensor,
                          std::size_t b,
                          const handed& h,
                          double part,
                          traffic& sums) const {
  const bool is_output = facts_.tensors[tensor].is_output;
  const level_prices &inner = facts_.prices[b - 1], &own = facts_.prices[b];
  const bool is_kept = facts_.keeps(b, tensor);
  const double give = !is_kept    ? 0
                      : is_output ? own.read + own.update + own.output_address
                                  : own.read + own.input_address;
  const double fill = inner.fill + (is_output ? inner.output_address : inner.input_address);
  const double link = inner.read + (is_output ? 0 : inner.input_address);
  const double alone = h.given * give + (h.filled - part) * fill;
  const double together =
      h.given_served * give + (h.filled_served - part) * fill + h.over_links * link;
  const bool serves = h.may_serve && together < alone;
  sums.energy_pj += std::max(0.0, serves ? together : alone);
  const double scale = facts_.rows.levels[b - 1].scales[tensor];
  const double filled = h.may_serve ? std::min(h.filled, h.filled_served) : h.filled;
  sums.written[b - 1] += std::max(0.0, filled - part) * scale;
  return h.may_serve ? std::min(h.given, h.given_served) : h.given;
}

/// Instances of a level that work on the same words of a tensor by splits that are open, at most.
double bounds::open_instances(const choice& c,
                              const unit_use& use,
                              std::size_t tensor,
                              std::size_t level) const {
  double sizes = 1, room = 1;
  for (const int d : facts_.tensors[tensor].irrelevant) {
    if (split_of(c, d) != nullptr) continue;
    sizes *= static_cast<double>(facts_.work.dimensions[static_cast<std::size_t>(d)].size);
  }
  for (std::size_t b = level + 1; b < facts_.levels(); ++b) room *= use.more[b];
  return std::min(sizes, room);
}

/// The shares of a tensor that all instances of a level have at least: the first accesses of the
/// output's words, which need no read. 0 for inputs.
double bounds::first_accesses(const choice& c, std::size_t tensor, std::size_t level) const {
  const tensor_facts& t = facts_.tensors[tensor];
  if (!t.is_output) return 0;
  double words = t.words;
  for (const int d : t.irrelevant) {
    if (const split* s = split_of(c, d)) words *= s->instances[level];
  }
  return words;
}

/// What a level gives of a tensor that the next inner one bypasses: what that one gives, less
/// multicast.
double bounds::passed_on(const choice& c,
                         const unit_use& use,
                         std::size_t tensor,
                         std::size_t level,
                         double given) const {
  const tensor_facts& t = facts_.tensors[tensor];
  double multicast = use.more[level];
  for (const int d : t.irrelevant) {
    if (const split* s = split_of(c, d)) multicast *= static_cast<double>(s->spatial[level]);
  }
  for (const window& w : t.windows) {
    if (w.second() < 0) continue;
    const split *x = split_of(c, w.first()), *y = split_of(c, w.second());
    if (x == nullptr || y == nullptr) continue;
    multicast *= static_cast<double>(std::min(x->spatial[level], y->spatial[level]));
  }
  if (t.windows.empty()) return given / multicast;
  // Groups of several sizes make fractions of words, which are rounded.
  const auto lost = static_cast<double>(facts_.rows.levels[level].instances);
  return std::max(0.0, given / multicast - lost);
}

void bounds::add_tensor(const choice& c,
                        const chosen_orders& orders,
                        std::size_t tensor,
                        const unit_use& use,
                        traffic& sums) const {
  const tensor_facts& t = facts_.tensors[tensor];
  // What MACs take is known whatever is open; then so must be how far open dimensions share it out.
  bool counts_open = facts_.prices[0].most_units <= 1;
  double given = counts_open ? facts_.macs : hand(c, orders, tensor, 0).given;
  for (std::size_t b = 0; b <= t.last_keeper; ++b) {
    const bool is_kept = facts_.keeps(b, tensor);
    const level_prices& own = facts_.prices[b];
    if (b > 0 && facts_.keeps(b - 1, tensor)) {
      const double part = first_accesses(c, tensor, b - 1);
      given = add_handed(tensor, b, hand(c, orders, tensor, b), part, sums);
      counts_open = false;
    } else {
      if (b > 0) given = passed_on(c, use, tensor, b, given);
      const double price =
          t.is_output ? own.read + own.update + own.output_address : own.read + own.input_address;
      if (is_kept) sums.energy_pj += given * price;
    }
    if (!is_kept) continue;
    const double open = counts_open ? open_instances(c, use, tensor, b) : 1;
    const double part = first_accesses(c, tensor, b) * open;
    const double scale = facts_.rows.levels[b].scales[tensor];
    sums.energy_pj -= std::min(given, part) * own.read;
    sums.read[b] += std::max(0.0, given - part) * scale;
    if (t.is_output) sums.written[b] += given * scale;
  }
}

least_figures bounds::least(const choice& c, const chosen_orders& orders) const {
  const unit_use use = use_of(c);
  traffic sums;
  sums.energy_pj = facts_.rows.compute_pj;
  for (std::size_t t = 0; t < facts_.tensors.size(); ++t) add_tensor(c, orders, t, use, sums);
  double cycles = facts_.macs / use.parallel, most_instances = 1, instances = 1;
  double leaking = 0;
  for (std::size_t b = facts_.levels(); b-- > 0;) {
    const closed::level_row& l = facts_.rows.levels[b];
    if (l.has_bandwidth) {
      const double read = sums.read[b] / most_instances;
      const double written = sums.written[b] / most_instances;
      cycles = std::max({cycles,
                         read / l.read_bandwidth,
                         written / l.write_bandwidth,
                         (read + written) / l.shared_bandwidth});
    }
    leaking += facts_.prices[b].leak * instances;
    most_instances *= use.used[b] * use.more[b];
    instances *= use.used[b];
  }
  cycles = std::ceil(cycles * (1 - precision));
  sums.energy_pj += leaking * cycles;
  return {sums.energy_pj * (1 - precision),
          cycles + static_cast<double>(facts_.rows.latency_cycles)};
}

double bounds::value(const choice& c, const chosen_orders& orders) const {
  const least_figures l = least(c, orders);
  switch (facts_.goal) {
    case figure::latency:
      return l.cycles;
    case figure::energy:
      return l.energy_pj;
    default:
      return l.energy_pj * l.cycles * (1 - precision);
  }
}

/// Of the loops that may be the innermost one of a level, one of each kind; -1: there is none.
std::vector<int> bounds::innermost_loops(const choice& c, std::size_t level) const {
  std::vector<int> loops;
  bool is_empty = true;
  for (const int d : facts_.order) {
    const split* s = split_of(c, d);
    const bool has_loop = s == nullptr
                              ? facts_.work.dimensions[static_cast<std::size_t>(d)].size > 1
                              : s->temporal[level] > 1;
    if (!has_loop) continue;
    is_empty = is_empty && s == nullptr;
    const auto is_same = [&](int other) {
      return std::ranges::all_of(facts_.tensors, [&](const tensor_facts& t) {
        return t.window_of[static_cast<std::size_t>(d)] ==
               t.window_of[static_cast<std::size_t>(other)];
      });
    };
    if (std::ranges::none_of(loops, is_same)) loops.push_back(d);
  }
  if (is_empty) loops.push_back(-1);
  return loops;
}

double bounds::least_of_orders(const choice& c,
                               std::size_t level,
                               chosen_orders& orders,
                               double enough) const {
  if (level == facts_.levels()) return value(c, orders);
  double least = std::numeric_limits<double>::infinity();
  for (const int d : innermost_loops(c, level)) {
    orders.count[level] = d < 0 ? 0 : 1;
    orders.loops[level][0] = static_cast<std::uint8_t>(std::max(0, d));
    least = std::min(least, least_of_orders(c, level + 1, orders, enough));
    if (least < enough) break;
  }
  orders.count[level] = 0;
  return least;
}

double bounds::value_of_orders(const choice& c, double enough) const {
  chosen_orders orders;
  return least_of_orders(c, facts_.prices[0].most_units > 1 ? 0 : 1, orders, enough);
}

}  // namespace cugamma::timeloop::proving
