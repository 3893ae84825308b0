#pragma once

#include "models/timeloop/closed/handed.hpp"
#include "models/timeloop/closed/hops.hpp"

namespace cugamma::timeloop::closed {

/// As transfer_record of figures.hpp.
struct record {
  std::int64_t multicast;
  std::int64_t scatter;
  double accesses;
  double hops;
};

/// As reference::traffic: records ascend by (multicast, scatter).
struct traffic {
  static constexpr int most_records = 24;
  int count = 0;
  record records[most_records];
  double link_transfers = 0;

  CUGAMMA_HD double accesses() const {
    double sum = 0;
    for (int i = 0; i < count; ++i) sum += records[i].accesses;
    return sum;
  }
  CUGAMMA_HD double delivered() const {
    double sum = 0;
    for (int i = 0; i < count; ++i) {
      sum += records[i].accesses * static_cast<double>(records[i].multicast);
    }
    return sum;
  }
};

/// Words that a level hands down of a tensor, by which elements its neighbours leave over.
class served_words {
 public:
  static constexpr int most_kinds = 8;
  CUGAMMA_HD served_words(const tensor_row& t, const fan_loops& fan, const grid& g)
      : t_(t), fan_(fan), grid_(g) {}

  CUGAMMA_HD void hand(std::int64_t words) { to_all += words; }

  CUGAMMA_HD void hand_after(std::int64_t jump, std::int64_t words) {
    if (!has_last_ || last_jump_ != jump) {
      last_ = find_left_over(t_, fan_, grid_, jump);
      last_jump_ = jump;
      has_last_ = true;
    }
    if (last_.is_all()) return hand(words);
    int k = 0;
    while (k < kinds && (kind[k].x != last_.x || kind[k].y != last_.y)) ++k;
    is_known = is_known && !last_.is_unknown() && k < most_kinds;
    if (!is_known) return;
    if (k == kinds) {
      kind[k] = last_;
      of_kind[k] = 0;
      ++kinds;
    }
    of_kind[k] += words;
  }

  std::int64_t to_all = 0;
  int kinds = 0;
  left_over kind[most_kinds];  ///< in the order of their first appearance
  std::int64_t of_kind[most_kinds];
  bool is_known = true;  ///< else it takes an element list to say who serves whom

 private:
  const tensor_row& t_;
  const fan_loops& fan_;
  const grid& grid_;
  left_over last_;
  std::int64_t last_jump_ = 0;
  bool has_last_ = false;
};

namespace detail {

CUGAMMA_HD inline bool is_before(const record& a, std::int64_t multicast, std::int64_t scatter) {
  return a.multicast < multicast || (a.multicast == multicast && a.scatter < scatter);
}

/// False if there are too many records.
CUGAMMA_HD inline bool add_record(std::int64_t multicast,
                                  std::int64_t scatter,
                                  double accesses,
                                  double hops,
                                  traffic& w) {
  int at = 0;
  while (at < w.count && is_before(w.records[at], multicast, scatter)) ++at;
  const bool is_there =
      at < w.count && w.records[at].multicast == multicast && w.records[at].scatter == scatter;
  if (is_there) {
    w.records[at].accesses += accesses;
    w.records[at].hops += hops;
    return true;
  }
  if (w.count == traffic::most_records) return false;
  for (int i = w.count++; i > at; --i) w.records[i] = w.records[i - 1];
  w.records[at] = {multicast, scatter, accesses, hops};
  return true;
}

/// A tensor and the fan-out that it is handed over.
struct handing {
  const tensor_row& t;
  const fan_loops& fan;
  grid g;
  std::int64_t fan_y;
  bool needs_hops;
};

/// Hands `words` to every group.
CUGAMMA_HD inline bool add_records(const handing& on,
                                   const left_over& left,
                                   const group_sizes& s,
                                   std::int64_t words,
                                   traffic& w) {
  double hops = 0;
  if (on.needs_hops) {
    if (s.count > 1 || on.g.is_irregular) return false;
    hops = mean_hops(on.t, on.fan, on.g, on.fan_y, left);
  }
  for (int i = 0; i < s.count; ++i) {
    const auto accesses = static_cast<double>(s.groups[i] * words);
    if (!add_record(s.size[i], s.groups[i], accesses, accesses * hops, w)) return false;
  }
  return true;
}

/// Elements that neighbours leave over.
CUGAMMA_HD inline std::int64_t elements_left(const fan_loops& fan,
                                             const left_over& left,
                                             const grid& g) {
  if (left.is_none()) return 0;
  std::int64_t elements = fan.used();
  for (unsigned i = 0, fixed = fixed_loops(left, g); fixed >> i != 0; ++i) {
    if ((fixed >> i & 1) != 0) elements /= fan.loops[i].bound;
  }
  return elements;
}

/// Of the kinds of events, those that neighbours serve at all: the others go to all elements.
/// Returns the served ones as bits; all bits: it takes an element list to say.
CUGAMMA_HD inline unsigned serve(const handing& on,
                                 const group_sizes& everything,
                                 served_words& h,
                                 std::int64_t& over_links) {
  unsigned served = 0;
  for (int k = 0; k < h.kinds; ++k) {
    group_sizes some;
    if (!h.kind[k].is_none() && !find_groups(on.t, on.fan, fixed_loops(h.kind[k], on.g), some)) {
      return ~0u;
    }
    if (some.all() < everything.all()) {
      served |= 1u << k;
      over_links += (on.fan.used() - elements_left(on.fan, h.kind[k], on.g)) * h.of_kind[k];
    } else {
      h.to_all += h.of_kind[k];
    }
  }
  return served;
}

}  // namespace detail

namespace detail {

/// Where events go that no neighbour can serve.
struct plain_words {
  std::int64_t all = 0;
  CUGAMMA_HD void hand(std::int64_t words) { all += words; }
  CUGAMMA_HD void hand_after(std::int64_t, std::int64_t words) { all += words; }
};

}  // namespace detail

/// What a tensor moves over a level's network. False if it takes an element list to say.
CUGAMMA_HD inline bool find_traffic(const tables& tables,
                                    const nest& n,
                                    int tensor,
                                    int level,
                                    traffic& w) {
  if (n.fans[level].count == 0) {
    detail::plain_words h;
    hand_down(tables, n, tensor, level, h);
    w.count = 1;
    w.records[0] = {1, 1, static_cast<double>(h.all), 0};
    w.link_transfers = 0;
    return true;
  }
  const tensor_row& t = tables.tensors[tensor];
  const level_row& l = tables.levels[level];
  const detail::handing on{t,
                           n.fans[level],
                           grid_of(n.fans[level], l.fan_x),
                           l.fan_y,
                           l.has_network_energy};
  served_words h(t, on.fan, on.g);
  hand_down(tables, n, tensor, level, h);
  w.count = 0;
  w.link_transfers = 0;
  group_sizes everything;
  if (!h.is_known || !find_groups(t, on.fan, 0, everything)) return false;
  std::int64_t over_links = 0;
  const unsigned served = detail::serve(on, everything, h, over_links);
  if (served == ~0u) return false;
  if (!detail::add_records(on, {}, everything, h.to_all, w)) return false;
  for (int k = 0; k < h.kinds; ++k) {
    if ((served >> k & 1) == 0 || h.kind[k].is_none()) continue;
    group_sizes some;
    find_groups(t, on.fan, fixed_loops(h.kind[k], on.g), some);
    if (!detail::add_records(on, h.kind[k], some, h.of_kind[k], w)) return false;
  }
  w.link_transfers = static_cast<double>(over_links);
  return true;
}

}  // namespace cugamma::timeloop::closed
