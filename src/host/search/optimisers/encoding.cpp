#include "search/optimisers/encoding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <vector>

#include "mapping/operators/seeding.hpp"
#include "numbers/word.hpp"

namespace cugamma {
namespace {

/// The choice among count that a key stands for.
int choice(double key, int count) { return std::min(static_cast<int>(key * count), count - 1); }

/// A whole number in low .. high, as likely to lie in each of its octaves.
std::int32_t log_scaled(double key, std::int32_t low, std::int32_t high) {
  const double value = low * std::pow(static_cast<double>(high) / low, key);
  return std::clamp(static_cast<std::int32_t>(std::lround(value)), low, high);
}

/// Key 0 stands for a size of n, key 1 for n parts.
std::int32_t split(double key, std::int32_t n) {
  return core::ceil_quotient(n, log_scaled(key, 1, n));
}

dimension member(dimension_mask mask, int index) {
  auto left = static_cast<std::uint32_t>(mask);
  for (; index > 0; --index) left &= left - 1;
  return static_cast<dimension>(std::countr_zero(left));
}

/// Reads keys in the order in which a genome is built, so that which keys there are is said once.
class decoder {
 public:
  decoder(const breeding_plan& plan, std::span<const double> keys)
      : plan_(plan), space_(plan.space), keys_(keys) {}

  genome decode() {
    genome g;
    g.layer_index = space_.layer_index;
    g.accelerator_index = space_.accelerator_index;
    set_level_count(g, space_.levels_max);
    if (space_.search_pes) set_own_pes(g, log_scaled(next(), space_.pes_min, space_.pes_max));
    const int levels =
        space_.levels_min == space_.levels_max
            ? space_.levels_max
            : space_.levels_min + choice(next(), space_.levels_max - space_.levels_min + 1);
    for (int level = 1; level < space_.levels_max; ++level) set_cluster_size(g, level, 1);
    for (int level = 0; level < space_.levels_max; ++level) read_loops(g, level);
    set_level_count(g, levels);
    for (int level = 0; level < space_.levels_max; ++level) read_sizes(g, level);
    return g;
  }

  int used() const { return used_; }

 private:
  double next() {
    const int at = used_++;
    return keys_.empty() ? 0.5 : std::clamp(keys_[static_cast<std::size_t>(at)], 0.0, 1.0);
  }

  void read_loops(genome& g, int level) {
    read_parallel(g, level);
    std::array<double, gene_dimension_count> places{};
    for (int i = 0; i < gene_dimension_count; ++i) {
      if (space_.bound[i] > 1) places[i] = next();
    }
    std::array<int, gene_dimension_count> loops{0, 1, 2, 3, 4, 5};
    std::ranges::stable_sort(loops, {}, [&](int i) { return places[i]; });
    for (int p = 0; p < gene_dimension_count; ++p) {
      set_order(g, level, p, static_cast<dimension>(loops[p]));
    }
  }

  void read_parallel(genome& g, int level) {
    const level_rule& rule = space_.levels[level];
    const int count = std::popcount(rule.parallel);
    const dimension first = member(rule.parallel, count > 1 ? choice(next(), count) : 0);
    const int seconds = std::popcount(rule.second_parallel);
    const int second =
        index_of(member(rule.second_parallel, seconds > 1 ? choice(next(), seconds) : 0));
    set_parallel(g, level, first, second == index_of(first) ? no_dimension : second);
  }

  void read_sizes(genome& g, int level) {
    const bool used = level < level_count(g);
    if (level > 0) {
      const double key = next();
      if (used) set_cluster_size(g, level, cluster(g, level, key));
    }
    for (int i = 0; i < gene_dimension_count; ++i) {
      const auto d = static_cast<dimension>(i);
      const double key = has_tiles(d) ? next() : 0;
      if (used) set_tile(g, level, d, tile_of(g, level, d, key));
    }
  }

  /// R and S are whole where they are not parallel.
  bool has_tiles(dimension d) const {
    if (space_.bound[index_of(d)] <= 1) return false;
    if (d < dimension::R) return true;
    return std::ranges::any_of(space_.levels, [d](const level_rule& rule) {
      return contains(rule.parallel | rule.second_parallel, index_of(d));
    });
  }

  std::int32_t tile_of(const genome& g, int level, dimension d, double key) const {
    return fitting_tile(g, plan_, level, d, split(key, tile_above(g, space_, level, d)));
  }

  /// A size that divides the PEs without leaving more idle than it must.
  std::int32_t cluster(const genome& g, int level, double key) const {
    const int_range range = allowed_cluster_sizes(g, space_, level);
    const std::int32_t pes = pes_of(g, space_);
    return std::clamp(pes / log_scaled(key, 1, pes), range.low, range.high);
  }

  const breeding_plan& plan_;
  const search_space& space_;
  std::span<const double> keys_;
  int used_ = 0;
};

int count_keys(const breeding_plan& plan) {
  decoder keys(plan, {});
  keys.decode();
  return std::max(keys.used(), 1);
}

}  // namespace

encoding::encoding(const search_space& space, bool fit_buffers)
    : plan_(make_breeding_plan(space, {})), fit_buffers_(fit_buffers), size_(count_keys(plan_)) {}

genome encoding::decode(std::span<const double> keys) const {
  assert(std::ssize(keys) == size_);
  genome g = decoder(plan_, keys).decode();
  random_stream random(identity_of(g, plan_.space), 0, 0);
  repair(g, plan_, random);
  if (fit_buffers_) cugamma::fit_buffers(g, plan_, random);
  return g;
}

}  // namespace cugamma
