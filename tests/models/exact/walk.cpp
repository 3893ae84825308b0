#include "models/exact/walk.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/exact/element_set.hpp"

namespace cugamma {
namespace {

/// Indices begin .. end - 1 of one dimension.
struct range {
  std::int64_t begin = 0;
  std::int64_t end = 1;
  std::int64_t size() const { return end - begin; }
};

/// A part of a layer: a range of K, C, Y, X, R, S, with Y and X in rows and columns of the output.
using box = std::array<range, gene_dimension_count>;

/// One index of each dimension.
struct mac {
  std::int64_t k, c, y, x, r, s;
};

template <typename Visit>
void for_each_mac(const box& b, Visit visit) {
  const auto& [K, C, Y, X, R, S] = b;
  for (std::int64_t k = K.begin; k < K.end; ++k) {
    for (std::int64_t c = C.begin; c < C.end; ++c) {
      for (std::int64_t y = Y.begin; y < Y.end; ++y) {
        for (std::int64_t x = X.begin; x < X.end; ++x) {
          for (std::int64_t r = R.begin; r < R.end; ++r) {
            for (std::int64_t s = S.begin; s < S.end; ++s) visit(mac{k, c, y, x, r, s});
          }
        }
      }
    }
  }
}

std::int64_t macs_in(const box& b) {
  std::int64_t macs = 1;
  for (const range& r : b) macs *= r.size();
  return macs;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

enum tensor { input, filter, output };
constexpr int tensor_count = 3;

/// The elements of a layer's tensors, numbered from 0, and which of them each MAC needs.
class element_numbers {
 public:
  explicit element_numbers(const layer& l) : l_(l), depthwise_(l.type == layer_type::dsconv) {}

  std::int64_t count(tensor t) const {
    if (t == input) return input_elems(l_);
    return t == filter ? filter_elems(l_) : output_elems(l_);
  }

  std::int64_t of(tensor t, const mac& m) const {
    if (t == input) {
      const std::int64_t row = m.y * l_.stride_y + m.r;
      const std::int64_t column = m.x * l_.stride_x + m.s;
      return (m.c * l_[dimension::Y] + row) * l_[dimension::X] + column;
    }
    if (t == filter) {
      return ((m.k * l_[dimension::C] + m.c) * l_[dimension::R] + m.r) * l_[dimension::S] + m.s;
    }
    const std::int64_t channel = depthwise_ ? m.c : m.k;
    return (channel * rows_ + m.y) * columns_ + m.x;
  }

  /// Whether another index of the dimension means another element.
  bool depends_on(tensor t, dimension d) const {
    using enum dimension;
    if (t == input) return d != K;
    if (t == filter) return d != Y && d != X;
    return d == Y || d == X || d == (depthwise_ ? C : K);
  }

  /// The number of the MAC itself.
  std::int64_t of_mac(const mac& m) const { return (of(filter, m) * rows_ + m.y) * columns_ + m.x; }

 private:
  layer l_;
  bool depthwise_;
  std::int64_t rows_ = output_size(l_, dimension::Y);
  std::int64_t columns_ = output_size(l_, dimension::X);
};

/// One set of elements for each tensor.
using element_sets = std::array<element_set, tensor_count>;

element_sets empty_sets(const element_numbers& numbers) {
  return {element_set(numbers.count(input)),
          element_set(numbers.count(filter)),
          element_set(numbers.count(output))};
}

/// One loop of a level: turns through the tiles of a dimension.
struct loop {
  int d = 0;
  std::int64_t tile = 1;
  bool parallel = false;
};

struct loop_level {
  std::vector<loop> loops;  ///< outermost first
  std::int64_t sub_clusters = 0;
};

/// Where each loop of a level stands.
using position = std::vector<std::int64_t>;

/// Tiles, or rounds of tiles for the parallel loop, that a loop makes of a box.
std::int64_t steps(const loop_level& level, const loop& turning, const box& work) {
  const std::int64_t tiles = ceil_div(work[turning.d].size(), turning.tile);
  return turning.parallel ? ceil_div(tiles, level.sub_clusters) : tiles;
}

/// Turns the loops to the next step, the last in order fastest. False after the last step.
bool turn(const loop_level& level, const box& work, position& at) {
  for (std::size_t i = level.loops.size(); i-- > 0;) {
    if (++at[i] < steps(level, level.loops[i], work)) return true;
    at[i] = 0;
  }
  return false;
}

/// What a sub-cluster works on in one step of its group.
struct assignment {
  bool active = false;
  box work;
  std::vector<std::int64_t> outputs;
};

/// L2, a sub-cluster or a PE.
struct unit {
  /// Input and filter elements of the tile of its last active step.
  std::array<std::vector<std::int64_t>, 2> held;
  /// Its group of sub-clusters; a PE has none.
  std::vector<unit> group;
};

unit make_unit(std::span<const loop_level> levels) {
  unit u;
  if (levels.empty()) return u;
  u.group.resize(static_cast<std::size_t>(levels.front().sub_clusters));
  for (unit& sub_cluster : u.group) sub_cluster = make_unit(levels.subspan(1));
  return u;
}

/// What moved between the units of a level and their groups.
struct movements {
  std::array<std::int64_t, tensor_count> fills{};   ///< counted at each sub-cluster; output: 0
  std::array<std::int64_t, tensor_count> unions{};  ///< counted once for a group; output: leaves
  std::int64_t largest_tile = 0;                    ///< elements of one sub-cluster's tile
};

class walker {
 public:
  walker(const layer& l, const accelerator& a, std::vector<loop_level> levels);
  exact_walk walk();

 private:
  void collect(tensor t, const box& work, std::vector<std::int64_t>& elements);
  void assign(std::size_t level,
              const box& work,
              const position& at,
              std::vector<assignment>& assignments);
  std::int64_t run(unit& owner, std::size_t level, const box& work, const box* next_work);
  std::int64_t step(unit& owner, std::size_t level, bool first);
  std::int64_t fill(unit& owner, std::size_t level);
  std::int64_t leave(std::size_t level);
  std::int64_t compute(unit& owner, std::size_t level);
  std::int64_t perform(const box& work);
  std::int64_t fetch_from_offchip(const unit& l2);
  std::int64_t noc_delay(std::int64_t elements) const;
  exact_walk figures(std::int64_t runtime_cycles) const;

  const layer l_;
  const accelerator a_;
  const element_numbers numbers_;
  const std::vector<loop_level> levels_;

  /// What the group at work does in this step and in its next one, by level.
  std::vector<std::vector<assignment>> now_;
  std::vector<std::vector<assignment>> next_;

  // What is counted.
  std::vector<movements> moved_;  ///< by level
  std::vector<bool> done_;        ///< MACs
  std::int64_t macs_ = 0;
  element_sets touched_;        ///< by any MAC
  element_set sums_in_l2_;      ///< outputs that L2 has a sum of
  std::int64_t sums_read_ = 0;  ///< by L2, to add another one
  tensor_counts offchip_;
  std::int64_t largest_l2_ = 0;

  element_sets in_l2_;         ///< the tiles of level 0 in this step
  element_sets in_l2_before_;  ///< in the step before
  // Of one function at a time.
  element_sets collected_;
  element_sets held_;
  element_sets moving_;
};

walker::walker(const layer& l, const accelerator& a, std::vector<loop_level> levels)
    : l_(l),
      a_(a),
      numbers_(l),
      levels_(std::move(levels)),
      now_(levels_.size()),
      next_(levels_.size()),
      moved_(levels_.size()),
      done_(static_cast<std::size_t>(layer_macs(l))),
      touched_(empty_sets(numbers_)),
      sums_in_l2_(numbers_.count(output)),
      in_l2_(empty_sets(numbers_)),
      in_l2_before_(empty_sets(numbers_)),
      collected_(empty_sets(numbers_)),
      held_(empty_sets(numbers_)),
      moving_(empty_sets(numbers_)) {}

/// The elements of a tensor that the MACs of a box need, each once.
void walker::collect(tensor t, const box& work, std::vector<std::int64_t>& elements) {
  box own = work;
  for (int d = 0; d < gene_dimension_count; ++d) {
    // All indices of a dimension that the tensor does not depend on need the same elements.
    if (!numbers_.depends_on(t, static_cast<dimension>(d))) own[d].end = own[d].begin + 1;
  }
  elements.clear();
  collected_[t].clear();
  for_each_mac(own, [&](const mac& m) {
    const std::int64_t element = numbers_.of(t, m);
    if (collected_[t].insert(element)) elements.push_back(element);
  });
}

/// Gives each sub-cluster its tile of a box; one that finds no tile left is idle.
void walker::assign(std::size_t level,
                    const box& work,
                    const position& at,
                    std::vector<assignment>& assignments) {
  const loop_level& nest = levels_[level];
  assignments.resize(static_cast<std::size_t>(nest.sub_clusters));
  std::int64_t q = 0;
  for (assignment& given : assignments) {
    given.active = true;
    given.work = work;
    for (std::size_t i = 0; i < nest.loops.size(); ++i) {
      const auto& [d, size, parallel] = nest.loops[i];
      const std::int64_t tile = parallel ? at[i] * nest.sub_clusters + q : at[i];
      const std::int64_t begin = work[d].begin + tile * size;
      given.work[d] = {begin, std::min(begin + size, work[d].end)};
      if (begin >= work[d].end) given.active = false;
    }
    if (given.active) collect(output, given.work, given.outputs);
    ++q;
  }
}

/// The group of a unit works through a box, all steps of its level. `next_work` is the unit's box
/// in the next step of the level above, null if the unit is idle then or if there is no such step.
/// Returns the cycles.
std::int64_t walker::run(unit& owner, std::size_t level, const box& work, const box* next_work) {
  const position start(levels_[level].loops.size(), 0);
  position at = start;
  assign(level, work, at, now_[level]);
  std::int64_t cycles = 0;
  bool more = true;
  for (bool first = true; more; first = false) {
    more = turn(levels_[level], work, at);
    if (more) {
      assign(level, work, at, next_[level]);
    } else if (next_work != nullptr) {
      assign(level, *next_work, start, next_[level]);
    } else {
      next_[level].resize(now_[level].size());
      for (assignment& idle : next_[level]) idle.active = false;
    }
    cycles += step(owner, level, first);
    std::swap(now_[level], next_[level]);
  }
  return cycles;
}

/// One step of the group of a unit. Returns its cycles.
std::int64_t walker::step(unit& owner, std::size_t level, bool first) {
  const std::int64_t ingress = noc_delay(fill(owner, level));
  const std::int64_t leaving = leave(level);
  const std::int64_t egress = noc_delay(leaving);
  const std::int64_t computing = compute(owner, level);
  const std::int64_t cycles =
      first ? std::max(computing + ingress, egress) : std::max({ingress, computing, egress});
  if (level > 0) return cycles;

  // The text leaves open how the waits for off-chip memory combine with a first step. The golden
  // tables say: they bound it from below as they bound every step. What a first step fetches is not
  // waited for before the computing, but the step lasts at least as long as its fetch.
  return std::max({cycles,
                   ceil_div(fetch_from_offchip(owner), a_.offchip_bw),
                   ceil_div(leaving, a_.offchip_bw)});
}

/// Input and filter of a step reach the active sub-clusters. Returns the elements that the buffer
/// above is read for.
std::int64_t walker::fill(unit& owner, std::size_t level) {
  movements& moved = moved_[level];
  std::int64_t ingress = 0;
  for (const tensor t : {input, filter}) {
    moving_[t].clear();
    for (std::size_t q = 0; q < owner.group.size(); ++q) {
      if (!now_[level][q].active) continue;
      std::vector<std::int64_t>& tile = owner.group[q].held[t];
      held_[t].clear();
      for (const std::int64_t element : tile) held_[t].insert(element);
      collect(t, now_[level][q].work, tile);
      for (const std::int64_t element : tile) {
        if (held_[t].contains(element)) continue;
        ++moved.fills[t];
        moving_[t].insert(element);
      }
    }
    moved.unions[t] += moving_[t].size();
    ingress += moving_[t].size();
  }
  for (std::size_t q = 0; q < owner.group.size(); ++q) {
    if (!now_[level][q].active) continue;
    const auto& [inputs, filters] = owner.group[q].held;
    const std::size_t tile = inputs.size() + filters.size() + now_[level][q].outputs.size();
    moved.largest_tile = std::max(moved.largest_tile, static_cast<std::int64_t>(tile));
  }
  return ingress;
}

/// Outputs that the group works on in this step but not in its next one leave, summed over the
/// sub-clusters. Returns how many.
std::int64_t walker::leave(std::size_t level) {
  element_set& staying = held_[output];
  element_set& leaving = moving_[output];
  staying.clear();
  leaving.clear();
  for (const assignment& next : next_[level]) {
    if (!next.active) continue;
    for (const std::int64_t element : next.outputs) staying.insert(element);
  }
  for (const assignment& now : now_[level]) {
    if (!now.active) continue;
    for (const std::int64_t element : now.outputs) {
      if (staying.contains(element) || !leaving.insert(element)) continue;
      if (level == 0 && !sums_in_l2_.insert(element)) ++sums_read_;
    }
  }
  moved_[level].unions[output] += leaving.size();
  return leaving.size();
}

/// Returns the cycles of the slowest active sub-cluster.
std::int64_t walker::compute(unit& owner, std::size_t level) {
  const bool below_are_pes = level + 1 == levels_.size();
  std::int64_t slowest = 0;
  for (std::size_t q = 0; q < owner.group.size(); ++q) {
    const assignment& now = now_[level][q];
    const assignment& next = next_[level][q];
    if (!now.active) continue;
    const box* next_work = next.active ? &next.work : nullptr;
    slowest = std::max(
        slowest,
        below_are_pes ? perform(now.work) : run(owner.group[q], level + 1, now.work, next_work));
  }
  return slowest;
}

/// A PE does its MACs. Returns the cycles.
std::int64_t walker::perform(const box& work) {
  for_each_mac(work, [&](const mac& m) {
    std::vector<bool>::reference done = done_[static_cast<std::size_t>(numbers_.of_mac(m))];
    if (done) throw std::logic_error("a MAC is done twice");
    done = true;
    ++macs_;
    for (const tensor t : {input, filter, output}) touched_[t].insert(numbers_.of(t, m));
  });
  return ceil_div(macs_in(work), a_.simd_lanes);
}

/// Notes what the tiles of level 0 hold together. Returns the input and filter elements among it
/// that they did not hold in the step before.
std::int64_t walker::fetch_from_offchip(const unit& l2) {
  std::swap(in_l2_, in_l2_before_);
  for (element_set& tiles : in_l2_) tiles.clear();
  tensor_counts fetched;
  for (std::size_t q = 0; q < l2.group.size(); ++q) {
    const assignment& now = now_[0][q];
    if (!now.active) continue;
    for (const std::int64_t element : now.outputs) in_l2_[output].insert(element);
    for (const std::int64_t element : l2.group[q].held[input]) {
      if (in_l2_[input].insert(element)) fetched.input += !in_l2_before_[input].contains(element);
    }
    for (const std::int64_t element : l2.group[q].held[filter]) {
      if (in_l2_[filter].insert(element)) {
        fetched.filter += !in_l2_before_[filter].contains(element);
      }
    }
  }
  offchip_.input += fetched.input;
  offchip_.filter += fetched.filter;
  largest_l2_ =
      std::max(largest_l2_, in_l2_[input].size() + in_l2_[filter].size() + in_l2_[output].size());
  return fetched.sum();
}

std::int64_t walker::noc_delay(std::int64_t elements) const {
  if (elements == 0) return 0;
  return std::int64_t{a_.noc_hops} * a_.noc_hop_latency + ceil_div(elements, a_.noc_bw) - 1;
}

exact_walk walker::walk() {
  unit l2 = make_unit(levels_);
  box whole;
  for (int d = 0; d < gene_dimension_count; ++d) {
    whole[d] = {0, output_size(l_, static_cast<dimension>(d))};
  }
  const std::int64_t cycles = run(l2, 0, whole, nullptr);
  if (macs_ != layer_macs(l_)) throw std::logic_error("a MAC is never done");
  return figures(cycles);
}

exact_walk walker::figures(std::int64_t runtime_cycles) const {
  exact_walk w;
  w.macs = macs_;
  w.runtime_cycles = runtime_cycles;
  w.partial_sums_read_back = sums_read_;
  const movements& outermost = moved_.front();
  const movements& innermost = moved_.back();
  w.l2_reads = {outermost.unions[input], outermost.unions[filter], sums_read_ + sums_in_l2_.size()};
  w.l2_writes = {touched_[input].size(), touched_[filter].size(), outermost.unions[output]};
  w.l1_reads = {macs_, macs_, macs_};
  w.l1_writes = {innermost.fills[input], innermost.fills[filter], macs_};
  for (std::size_t i = 0; i < moved_.size(); ++i) {
    const auto& [fills, unions, largest_tile] = moved_[i];
    w.noc.push_back({unions[input] + unions[filter], fills[input] + fills[filter], unions[output]});
    if (i + 1 == moved_.size()) break;
    const auto& below = moved_[i + 1].unions;
    w.cluster_buffers.push_back({{below[input], below[filter], below[output]},
                                 {fills[input], fills[filter], below[output]},
                                 2 * largest_tile});
    w.cluster_accesses +=
        w.cluster_buffers.back().reads.sum() + w.cluster_buffers.back().writes.sum();
  }
  w.offchip_reads_small_l2 = offchip_;
  w.l1_size_elems = 2 * innermost.largest_tile;
  w.l2_size_elems = 2 * largest_l2_;
  w.l1_accesses = w.l1_reads.sum() + w.l1_writes.sum();
  w.l2_accesses = w.l2_reads.sum() + w.l2_writes.sum();
  const cost_constants& c = a_.constants;
  const double without_clusters = static_cast<double>(w.macs) +
                                  c.l1_energy_macs * static_cast<double>(w.l1_accesses) +
                                  c.l2_energy_macs * static_cast<double>(w.l2_accesses);
  w.energy_without_clusters_nj = without_clusters * c.mac_energy_nj;
  w.energy_nj = (without_clusters + c.l1_energy_macs * static_cast<double>(w.cluster_accesses)) *
                c.mac_energy_nj;
  return w;
}

/// Throws std::invalid_argument that the definition of the model does not say what this is.
[[noreturn]] void not_defined(const std::string& what) {
  throw std::invalid_argument("the exact model does not define " + what);
}

void check_layer(const layer& l) {
  if (l.type != layer_type::conv && l.type != layer_type::dsconv && l.type != layer_type::gemm) {
    not_defined("this type of layer");
  }
  if (l[dimension::N] != 1 || l[dimension::G] != 1) not_defined("layers with N or G");
}

/// The loops of one level.
loop_level read_level(const layer& l, const cluster_level& level, std::int64_t sub_clusters) {
  loop_level nest;
  nest.sub_clusters = sub_clusters;
  std::array<int, dimension_count> seen{};
  int parallel = 0;
  for (const directive& given : std::span(level.directives).first(level.directive_count)) {
    if (index_of(given.dim) >= gene_dimension_count) not_defined("loops over N or G");
    const std::int64_t extent = output_size(l, given.dim);
    const bool windowed = given.dim == dimension::Y   ? l[dimension::R] > 1 || l.stride_y > 1
                          : given.dim == dimension::X ? l[dimension::S] > 1 || l.stride_x > 1
                                                      : false;
    if (windowed && !given.output_centric) not_defined("tiles in rows or columns of the input");
    if (given.size != given.offset) not_defined("offsets other than the size");
    if (++seen[index_of(given.dim)] > 1) not_defined("two loops over a dimension in one level");
    const bool spatial = given.kind == directive_kind::spatial;
    parallel += spatial;
    if (extent == 1 && !spatial) continue;
    nest.loops.push_back(
        {index_of(given.dim), std::min<std::int64_t>(given.size, extent), spatial});
  }
  for (int d = 0; d < gene_dimension_count; ++d) {
    if (seen[d] == 0 && output_size(l, static_cast<dimension>(d)) > 1) {
      not_defined("levels without a directive for a dimension");
    }
  }
  if (parallel != 1) not_defined("levels without exactly one parallel dimension");
  return nest;
}

}  // namespace

exact_walk walk(const layer& l, const accelerator& a, const mapping& m) {
  check_layer(l);
  std::int64_t pes_of_a_sub_cluster = 1;
  for (int i = 1; i < m.level_count; ++i) pes_of_a_sub_cluster *= m.levels[i].cluster_size;
  if (pes_of_a_sub_cluster < 1 || pes_of_a_sub_cluster > a.num_pes) {
    not_defined("a level 0 without a sub-cluster");
  }
  std::vector<loop_level> levels;
  for (int i = 0; i < m.level_count; ++i) {
    levels.push_back(
        read_level(l,
                   m.levels[i],
                   i == 0 ? a.num_pes / pes_of_a_sub_cluster : m.levels[i].cluster_size));
  }
  return walker(l, a, std::move(levels)).walk();
}

}  // namespace cugamma
