#include "certify/timeloop/windows.hpp"

#include <algorithm>

namespace cugamma::timeloop::proving {
namespace {

/// A loop as an axis sees it: so many positions, each a step on.
struct walk {
  std::int64_t bound = 1;
  std::int64_t step = 0;
};

/// Different positions that walks reach from a run of `extent` positions.
double positions(std::int64_t extent, const std::vector<walk>& walks) {
  std::int64_t end = extent;
  for (const walk& w : walks) end += (w.bound - 1) * w.step;
  std::vector<char> reached(static_cast<std::size_t>(end), 0);
  std::fill_n(reached.begin(), extent, 1);
  std::int64_t covered = extent;
  for (const walk& w : walks) {
    // From the last position down, so that each walk starts from what the ones before it reached.
    const std::vector<char> before(reached.begin(), reached.begin() + covered);
    for (std::int64_t i = 1; i < w.bound; ++i) {
      for (std::int64_t x = 0; x < covered; ++x) {
        reached[static_cast<std::size_t>(x + i * w.step)] |= before[static_cast<std::size_t>(x)];
      }
    }
    covered += (w.bound - 1) * w.step;
  }
  return static_cast<double>(std::ranges::count(reached, 1));
}

void add_temporal(const split& s,
                  std::int64_t coefficient,
                  std::size_t level,
                  std::size_t levels,
                  std::vector<walk>& walks) {
  for (std::size_t b = level; b < levels; ++b) {
    if (s.temporal[b] > 1) {
      walks.push_back({s.temporal[b], coefficient * s.below[b] * s.spatial[b]});
    }
  }
}

void take_least(const axis_share& other, axis_share& least) {
  for (auto field : {&axis_share::whole,
                     &axis_share::slid,
                     &axis_share::served_whole,
                     &axis_share::served_slid,
                     &axis_share::filled_whole,
                     &axis_share::filled_slid}) {
    least.*field = std::min(least.*field, other.*field);
  }
  least.may_serve = least.may_serve || other.may_serve;
}

}  // namespace

window::window(const axis& of_tensor,
               const std::vector<std::vector<split>>& splits,
               int levels,
               const problem& p)
    : levels_(static_cast<std::size_t>(levels)) {
  for (const axis_term& x : of_tensor) {
    if (p.dimensions[static_cast<std::size_t>(x.dimension)].size == 1) continue;
    (first_.dimension < 0 ? first_ : second_) = x;
  }
  static const std::vector<split> none(1, [] {
    split s;
    for (auto field : {&split::spatial, &split::temporal}) (s.*field).fill(1);
    s.below.fill(1);
    s.instances.fill(1);
    s.visits.fill(1);
    return s;
  }());
  const auto of = [&](const axis_term& x) -> const std::vector<split>& {
    return x.dimension < 0 ? none : splits[static_cast<std::size_t>(x.dimension)];
  };
  const std::vector<split>&rows = of(first_), &columns = of(second_);
  rows_ = rows.size() + 1;
  columns_ = columns.size() + 1;
  shares_.resize(rows_ * columns_ * levels_);
  for (std::size_t i = 1; i < rows_; ++i) {
    for (std::size_t j = 1; j < columns_; ++j) {
      for (std::size_t b = 0; b < levels_; ++b) {
        shares_[(i * columns_ + j) * levels_ + b] = share_of(rows[i - 1], columns[j - 1], b);
      }
    }
  }
  set_least();
  std::vector<walk> whole;
  for (const axis_term& x : {first_, second_}) {
    if (x.dimension < 0) continue;
    whole.push_back({p.dimensions[static_cast<std::size_t>(x.dimension)].size, x.coefficient});
  }
  length_ = positions(1, whole);
}

axis_share window::share_of(const split& a, const split& b, std::size_t level) const {
  const std::int64_t tile =
      1 + first_.coefficient * (a.below[level] - 1) + second_.coefficient * (b.below[level] - 1);
  std::vector<walk> walks;
  add_temporal(a, first_.coefficient, level, levels_, walks);
  add_temporal(b, second_.coefficient, level, levels_, walks);
  const double instances = a.instances[level] * b.instances[level];
  const std::int64_t elements = a.spatial[level] * b.spatial[level];
  const double groups = positions(1,
                                  {{a.spatial[level], first_.coefficient * a.below[level]},
                                   {b.spatial[level], second_.coefficient * b.below[level]}});
  axis_share s;
  s.served_whole = instances * static_cast<double>(tile) * a.visits[level] * b.visits[level];
  s.served_slid = instances * positions(tile, walks);
  s.whole = s.served_whole * groups;
  s.slid = s.served_slid * groups;
  s.filled_whole = s.served_whole * static_cast<double>(elements);
  s.filled_slid = s.served_slid * static_cast<double>(elements);
  s.may_serve = second_.dimension >= 0 && elements > 1;
  return s;
}

void window::set_least() {
  const auto least_of = [&](std::size_t to, auto&& sources) {
    for (std::size_t b = 0; b < levels_; ++b) {
      bool is_first = true;
      for (const std::size_t from : sources) {
        const axis_share& other = shares_[from * levels_ + b];
        axis_share& least = shares_[to * levels_ + b];
        if (is_first) {
          least = other;
        } else {
          take_least(other, least);
        }
        is_first = false;
      }
    }
  };
  std::vector<std::size_t> from;
  for (std::size_t i = 1; i < rows_; ++i) {
    from.clear();
    for (std::size_t j = 1; j < columns_; ++j) from.push_back(i * columns_ + j);
    least_of(i * columns_, from);
  }
  for (std::size_t j = 0; j < columns_; ++j) {
    from.clear();
    for (std::size_t i = 1; i < rows_; ++i) from.push_back(i * columns_ + j);
    least_of(j, from);
  }
}

}  // namespace cugamma::timeloop::proving
