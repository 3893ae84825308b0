#include "certify/exact/latency_proof.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "certify/exact/bounds/level_0_waits.hpp"
#include "certify/exact/records.hpp"
#include "certify/exact/terms/busy.hpp"
#include "certify/exact/terms/tile_classes.hpp"

namespace cugamma::exact {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// All mappings with these parallel dimensions, this cluster size and this tile of the outer one.
/// PEs have the smallest tiles that there are, those along the inner parallel dimension aside where
/// tiles of 1 are not allowed: no mapping with larger ones is faster.
struct subtree {
  double bound = 0;  ///< no mapping of it takes fewer cycles
  int outer = 0;     ///< the parallel dimensions
  int inner = 0;
  std::int32_t units = 1;  ///< sub-clusters of level 0
  std::int32_t cluster = 1;
  std::int32_t tile = 1;  ///< of the outer parallel dimension
};

/// The tiles of a dimension.
struct choice {
  std::int32_t tile = 1;
  std::int32_t inner = 1;  ///< of PEs
  double steps = 1;
  double busy = 1;
};

/// The largest cluster size of each number of sub-clusters: a smaller one is never faster.
std::vector<std::int32_t> cluster_sizes(const question& q) {
  std::vector<std::int32_t> all;
  for (std::int32_t c = q.largest_cluster; c >= q.least_cluster; --c) {
    const std::int32_t units = q.machine.num_pes / c;
    if (all.empty() || q.machine.num_pes / all.back() != units) all.push_back(c);
  }
  return all;
}

class latency_search {
 public:
  latency_search(const question& q, proof& p) : q_(q), proof_(p) {
    for (int d = 0; d < free_dims; ++d) {
      const tile_bounds& rule = q.tiles[0][at(d)];
      const std::int32_t size = q.size[at(d)];
      classes_[at(d)] = tile_classes(size, rule.least_below(size), rule.most_below(size));
    }
  }

  engine_result run(bool wants_records) {
    collect();
    std::ranges::sort(subtrees_, {}, &subtree::bound);
    best_ = proof_.upper();
    engine_result result{.subtrees = static_cast<std::int64_t>(subtrees_.size()),
                         .opened = 0,
                         .records = {}};
    for (const subtree& s : subtrees_) {
      if (s.bound >= best_) break;
      proof_.raise(s.bound);
      if (proof_.is_over()) {
        if (wants_records) result.records = records();
        return result;
      }
      open(s);
      cycles_.push_back(best_);
      ++result.opened;
    }
    proof_.raise(best_);
    if (wants_records) result.records = records();
    return result;
  }

 private:
  void collect() {
    for (const std::int32_t cluster : cluster_sizes(q_)) {
      for (int outer = 0; outer < free_dims; ++outer) {
        for (int inner = 0; inner < free_dims; ++inner) {
          if (!contains(q_.parallel[0], outer) || !contains(q_.parallel[1], inner)) continue;
          add_subtrees({0, outer, inner, q_.machine.num_pes / cluster, cluster, 1});
        }
      }
    }
  }

  void add_subtrees(subtree s) {
    const std::int32_t size = q_.size[at(s.outer)];
    const tile_bounds& rule = q_.tiles[0][at(s.outer)];
    // Larger parts of the other dimensions only take longer.
    double others = 1;
    for (int d = 0; d < free_dims; ++d) {
      if (d != s.outer && d != s.inner) others *= q_.size[at(d)];
    }
    if (s.inner != s.outer)
      others *= std::ceil(static_cast<double>(q_.size[at(s.inner)]) / s.cluster);
    for (s.tile = rule.least_below(size); s.tile <= rule.most_below(size); ++s.tile) {
      double busy = infinite;
      for (const choice& c : choices_of_tile(s, s.outer, s.tile)) busy = std::min(busy, c.busy);
      s.bound = q_.cycles(busy * others, steps_of(size, s.tile, s.units));
      subtrees_.push_back(s);
    }
  }

  /// The tiles of PEs below one tile; the smallest where it makes no difference.
  std::vector<choice> choices_of_tile(const subtree& s, int d, std::int32_t tile) const {
    const tile_bounds& rule = q_.tiles[1][at(d)];
    const std::int32_t units = d == s.outer ? s.units : 1,
                       inner_units = d == s.inner ? s.cluster : 1;
    const std::int32_t low = rule.least_below(tile);
    const std::int32_t high = inner_units > 1 && low > 1 ? rule.most_below(tile) : low;
    const auto steps = static_cast<double>(steps_of(q_.size[at(d)], tile, units));
    std::vector<choice> all;
    double least = infinite;
    for (std::int32_t inner = low; inner <= high; ++inner) {
      const auto busy =
          static_cast<double>(busy_extent(q_.size[at(d)], tile, units, inner, inner_units));
      if (busy >= least) continue;
      least = busy;
      all.push_back({tile, inner, steps, busy});
    }
    return all;
  }

  std::vector<std::string> records() const {
    std::map<std::tuple<int, int, std::int32_t>, latency_part> parts;
    for (std::size_t i = 0; i < subtrees_.size(); ++i) {
      const subtree& s = subtrees_[i];
      latency_part& part = parts[{s.outer, s.inner, s.cluster}];
      part.outer = s.outer;
      part.inner = s.inner;
      part.cluster = s.cluster;
      if (i < cycles_.size()) {
        part.opened.emplace_back(s.tile, cycles_[i]);
      } else {
        part.bound = std::min(part.bound, s.bound);
      }
    }
    std::vector<std::string> lines;
    for (const auto& [key, part] : parts) lines.push_back(record_of(part));
    return lines;
  }

  /// Tiles of a dimension, those of few busy extents first; of equal steps and extents the smallest
  /// alone.
  std::vector<choice> choices(const subtree& s, int d) const {
    std::vector<choice> all;
    if (d == s.outer) all = choices_of_tile(s, d, s.tile);
    for (const tile_class& c : classes_[at(d)]) {
      if (d == s.outer) break;
      double least = infinite;
      std::int32_t smallest = q_.size[at(d)] + 1;
      const std::int32_t last = d == s.inner ? c.largest : c.smallest;
      for (std::int32_t tile = c.smallest; tile <= last; ++tile) {
        for (const choice& found : choices_of_tile(s, d, tile)) {
          if (found.busy >= least && found.inner >= smallest) continue;
          least = std::min(least, found.busy);
          smallest = std::min(smallest, found.inner);
          all.push_back(found);
        }
      }
    }
    std::ranges::sort(all, [](const choice& a, const choice& b) {
      return a.busy != b.busy ? a.busy < b.busy : a.steps < b.steps;
    });
    return all;
  }

  void open(const subtree& s) {
    partial p;
    p.of = &s;
    for (int d = 0; d < free_dims; ++d) set_least(p, d);
    p.tiles[at(s.outer)] = s.tile;
    p.open_dims = {s.outer};
    for (int d = 0; d < free_dims; ++d) {
      if (d != s.outer) p.open_dims.push_back(d);
    }
    // The parallel ones first: their tiles differ in busy extents, those of the others in steps
    // alone.
    std::ranges::stable_sort(p.open_dims, {}, [&](int d) { return d != s.outer && d != s.inner; });
    for (const int d : p.open_dims) p.choices.push_back(choices(s, d));
    p.rest.assign(p.open_dims.size() + 1, 1);
    for (std::size_t i = p.open_dims.size(); i-- > 0;) {
      p.rest[i] = p.rest[i + 1] * p.choices[i].front().busy;
    }
    descend(p, 0);
  }

  struct partial {
    const subtree* of = nullptr;
    std::vector<int> open_dims;
    std::vector<std::vector<choice>> choices;
    std::vector<double> rest;  ///< least busy extents of the dimensions from this one on
    four_sizes tiles{};
    four_sizes inner{};  ///< of PEs
    double busy = 1;
    double steps = 1;
  };

  /// No tiles of a dimension need less of the buffers.
  void set_least(partial& p, int d) const {
    const std::int32_t least = classes_[at(d)].front().smallest;
    p.tiles[at(d)] = d == p.of->outer ? p.of->tile : least;
    p.inner[at(d)] = q_.tiles[1][at(d)].least_below(p.tiles[at(d)]);
  }

  void descend(partial& p, std::size_t depth) {
    const four_sizes step = first_step(p);
    const waited_for w{.first = q_.waited_for_box(step)};
    if (q_.cycles(p.busy * p.rest[depth], p.steps, w) >= best_) return;
    if (!q_.fits_l2(step) || !q_.fits_l1(p.inner)) return;
    if (depth == p.open_dims.size()) {
      take(p);
      return;
    }
    const double busy = p.busy, steps = p.steps;
    const std::size_t d = at(p.open_dims[depth]);
    for (const choice& c : p.choices[depth]) {
      p.busy = busy * c.busy;
      p.steps = steps * c.steps;
      p.tiles[d] = c.tile;
      p.inner[d] = c.inner;
      if (q_.cycles(p.busy * p.rest[depth + 1], steps) >= best_) break;
      descend(p, depth + 1);
    }
    p.busy = busy;
    p.steps = steps;
    set_least(p, p.open_dims[depth]);
  }

  /// What the first step of level 0 covers at least.
  four_sizes first_step(const partial& p) const {
    four_sizes step = p.tiles;
    std::int32_t& parallel = step[at(p.of->outer)];
    parallel = q_.step(p.of->outer, parallel, p.of->units);
    return step;
  }

  void take(const partial& p) {
    const subtree& s = *p.of;
    point found;
    found.tile[0] = p.tiles;
    found.tile[1] = p.inner;
    found.parallel = {s.outer, s.inner};
    const std::int32_t tiles = ceil_div(q_.size[at(s.outer)], s.tile);
    found.units = {std::min(s.units, tiles),
                   std::min(s.cluster, ceil_div(p.tiles[at(s.inner)], p.inner[at(s.inner)]))};
    double cycles = q_.cycles(p.busy, p.steps);
    if (!q_.has_exact_cycles) std::tie(cycles, found.order[0]) = least_with_waits(p, found.units);
    if (cycles >= best_) return;
    const std::optional<genome> g = genome_of(q_, found);
    if (!g) return;
    best_ = cycles;
    proof_.offer(*g, price_of(q_, *g));
  }

  /// Cycles of the tiles chosen and of all larger ones of the same classes, waiting for the NoC of
  /// level 0 included: the least of all loop orders, and the order.
  std::pair<double, four_dims> least_with_waits(const partial& p,
                                                const std::array<std::int32_t, 2>& units) const {
    std::array<dimension_terms, free_dims> terms;
    four_terms all;
    for (int d = 0; d < free_dims; ++d) {
      const std::int32_t tile = p.tiles[at(d)], inner = p.inner[at(d)];
      const std::int32_t above = d == p.of->outer ? units[0] : 1;
      terms[at(d)] = terms_of(q_, d, {tile, above, inner, d == p.of->inner ? units[1] : 1});
      all[at(d)] = &terms[at(d)];
    }
    const level_0_waits waits(q_, all, false);
    std::pair<double, four_dims> least{infinite, {}};
    for (const four_dims& order : q_.orders[0].allowed) {
      const double cycles = std::ceil(waits.cycles(order) * (1 - 1e-12));
      if (cycles < least.first) least = {cycles, order};
    }
    return least;
  }

  const question& q_;
  proof& proof_;
  std::array<std::vector<tile_class>, free_dims> classes_;
  std::vector<subtree> subtrees_;
  double best_ = infinite;      ///< cycles without waiting for a NoC
  std::vector<double> cycles_;  ///< the best after each subtree that was opened
};

}  // namespace

engine_result prove_latency(const question& q, proof& p, bool wants_records) {
  return latency_search(q, p).run(wants_records);
}

}  // namespace cugamma::exact
