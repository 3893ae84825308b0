#include "models/timeloop/reference/fan.hpp"

#include <algorithm>
#include <limits>

namespace cugamma::timeloop::reference {
namespace {

/// What a level hands to: elements in columns and rows, each with the place in the tensor that it
/// works on.
struct elements {
  std::int64_t columns = 1;
  std::int64_t rows = 1;
  std::vector<coordinates> offsets;  ///< of element q, in column q % columns, row q / columns
};

elements elements_of(const level_nest& l, const tensor& t, fan_out fan) {
  elements e{std::max(fan.x, l.used_x()), std::max(fan.y, l.used_y()), {}};
  for (std::int64_t q = 0; q < l.used(); ++q) {
    coordinates offset(t.axes.size(), 0);
    box inside = l.below;
    std::int64_t rest = q;
    for (const loop& x : l.spatial) {
      std::int64_t& distance = inside[static_cast<std::size_t>(x.dimension)];
      const coordinates move = step(t, x.dimension, distance * (rest % x.bound));
      for (std::size_t k = 0; k < move.size(); ++k) offset[k] += move[k];
      rest /= x.bound;
      distance *= x.bound;
    }
    e.offsets.push_back(std::move(offset));
  }
  return e;
}

/// Elements that get the same words: those of equal offset.
using groups = std::map<coordinates, std::vector<std::int64_t>>;

/// preconditions: chosen has one entry for each element
groups groups_of(const elements& e, const std::vector<bool>& chosen) {
  groups g;
  for (std::size_t q = 0; q < e.offsets.size(); ++q) {
    if (chosen[q]) g[e.offsets[q]].push_back(static_cast<std::int64_t>(q));
  }
  return g;
}

/// Wires that a word takes to a group: a trunk along the columns from the left, at half height, and
/// a branch up and down each column.
double hops_to(const std::vector<std::int64_t>& group, const elements& e) {
  struct span {
    std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
    std::int64_t highest = 0;
  };
  std::map<std::int64_t, span> columns;
  for (const std::int64_t q : group) {
    span& s = columns[q % e.columns];
    s.lowest = std::min(s.lowest, q / e.columns);
    s.highest = std::max(s.highest, q / e.columns);
  }
  const double middle = static_cast<double>(e.rows - 1) / 2;
  auto hops = static_cast<double>(columns.rbegin()->first);
  for (const auto& [column, s] : columns) {
    hops += std::max(0.0, middle - static_cast<double>(s.lowest));
    hops += std::max(0.0, static_cast<double>(s.highest) - middle);
  }
  return hops;
}

/// The elements that no neighbour can serve after a jump: a neighbour serves what it held itself
/// before, at this element's new place.
std::vector<bool> not_served(const elements& e, const coordinates& jump) {
  const auto count = static_cast<std::int64_t>(e.offsets.size());
  std::vector<bool> left(e.offsets.size(), true);
  for (std::int64_t q = 0; q < count; ++q) {
    coordinates wanted = e.offsets[static_cast<std::size_t>(q)];
    for (std::size_t k = 0; k < wanted.size(); ++k) wanted[k] += jump[k];
    const auto serves = [&](std::int64_t other) {
      return other >= 0 && other < count && e.offsets[static_cast<std::size_t>(other)] == wanted;
    };
    const std::int64_t column = q % e.columns;
    const bool is_served = (column > 0 && serves(q - 1)) ||
                           (column < e.columns - 1 && serves(q + 1)) || serves(q - e.columns) ||
                           serves(q + e.columns);
    left[static_cast<std::size_t>(q)] = !is_served;
  }
  return left;
}

/// Records by (multicast, scatter).
using record_map = std::map<std::pair<double, double>, transfer_record>;

/// Hands `words` to every group: groups of equal size share a record.
void add(record_map& records, const groups& all, const elements& e, std::int64_t words) {
  struct alike {
    std::int64_t groups = 0;
    double hops = 0;
  };
  std::map<std::size_t, alike> sizes;
  for (const auto& [offset, group] : all) {
    alike& a = sizes[group.size()];
    ++a.groups;
    a.hops += hops_to(group, e);
  }
  for (const auto& [size, a] : sizes) {
    const auto multicast = static_cast<double>(size), scatter = static_cast<double>(a.groups);
    const auto accesses = static_cast<double>(a.groups * words);
    transfer_record& r = records[{multicast, scatter}];
    r.multicast = multicast;
    r.scatter = scatter;
    r.accesses += accesses;
    r.hops += accesses * (a.hops / scatter);
  }
}

}  // namespace

double traffic::accesses() const {
  double sum = 0;
  for (const transfer_record& r : records) sum += r.accesses;
  return sum;
}

double traffic::delivered() const {
  double sum = 0;
  for (const transfer_record& r : records) sum += r.accesses * r.multicast;
  return sum;
}

traffic traffic_of(const nest& n, const tensor& t, int level, fan_out fan) {
  const level_nest& l = n.levels[static_cast<std::size_t>(level)];
  const std::vector<event> events = events_of(n, t, level);
  std::int64_t to_all = 0;  // words that no neighbour serves
  if (l.spatial.empty()) {
    for (const event& x : events) to_all += x.words * x.repeats;
    return {{{1, 1, static_cast<double>(to_all), 0}}, 0};
  }

  const elements e = elements_of(l, t, fan);
  const groups all = groups_of(e, std::vector<bool>(e.offsets.size(), true));
  traffic result;
  record_map records;
  std::vector<std::pair<groups, std::int64_t>> to_some;
  std::int64_t over_links = 0;
  for (const event& x : events) {
    const std::int64_t words = x.words * x.repeats;
    const std::vector<bool> left =
        x.jump ? not_served(e, *x.jump) : std::vector<bool>(e.offsets.size(), true);
    groups some = groups_of(e, left);
    if (some.size() == all.size()) {
      to_all += words;
    } else {
      over_links += std::ranges::count(left, false) * words;
      const auto same = std::ranges::find(to_some, some, &std::pair<groups, std::int64_t>::first);
      if (same != to_some.end()) {
        same->second += words;
      } else {
        to_some.emplace_back(std::move(some), words);
      }
    }
  }
  add(records, all, e, to_all);
  for (const auto& [some, words] : to_some) add(records, some, e, words);
  for (const auto& [key, r] : records) result.records.push_back(r);
  result.link_transfers = static_cast<double>(over_links);
  return result;
}

}  // namespace cugamma::timeloop::reference
