// Compiled once for each instruction set, with CUGAMMA_ISA naming the set; apart from
// lane_score.cpp, where a compiler that finds this text too would put fewer functions into their
// callers.
#include "models/exact/cpu/split_score.hpp"

#include <algorithm>

#include "models/exact/cpu/lane_chains.hpp"
#include "models/exact/cpu/lane_costs.hpp"
#include "models/exact/cpu/lane_split.hpp"

namespace cugamma::exact::split {
namespace {

template <class Mappings>
outcome write_costs(const Mappings& n,
                    const closed_figures<lanes>& f,
                    const lane_layer& l,
                    const lane_accelerator& a,
                    cost* out) {
  const outcome o{bits(n.simple),
                  bits(n.simple),
                  bits(n.simple & n.has_clusters),
                  bits(f.is_runtime_final)};
  exact::write_costs(f, l, a, o, out);
  return o;
}

/// Mappings of two levels that cut R or S or are parallel in them.
outcome score_two(const lane_layer& l, const lane_accelerator& a, const genome* g, cost* out) {
  const split_mappings n = read_split(g, l.genes.tensors, a.limits.num_pes);
  return write_costs(n, split_form(n.genes, l.split, a.closed), l, a, out);
}

/// And of three levels.
outcome score_three(const lane_layer& l, const lane_accelerator& a, const genome* g, cost* out) {
  const deep_mappings n = read_deep(g, l.split, l.genes.tensors, a.limits.num_pes);
  return write_costs(n, deep_form(n.nest, l.split, a.closed, deep_of_lanes{}), l, a, out);
}

/// What the sums of a mapping's windows depend on, in 16 bits: in which of their dimensions each
/// level is parallel, that of the last level first since its sums take longest, and which levels
/// cut the filter.
template <int Levels>
std::uint32_t window_key(const genome& g, const split_layer<double>& l) {
  const auto parallel_window = [&](int level) {
    return static_cast<std::uint32_t>(std::max(index_of(parallel(g, level)) - C, 0));
  };
  std::uint32_t key = parallel_window(Levels - 1);
  for (const int d : {R, S}) {
    auto length = static_cast<std::int32_t>(l.size[d]);
    for (int level = 0; level < Levels; ++level) {
      const std::int32_t size = tile(g, level, static_cast<dimension>(d));
      key = key << 1 | (size < length ? 1u : 0u);
      length = size;
    }
  }
  for (int level = Levels - 2; level >= 0; --level) key = 5 * key + parallel_window(level);
  return key;
}

/// Sorts places of mappings by window_key, byte by byte: mappings of a register then have few sums
/// that a neighbour has not.
template <int Levels>
void sort_by_windows(const split_layer<double>& l,
                     std::span<const genome> genomes,
                     std::span<std::uint32_t> places) {
  static_assert(host_scoring::most_at_once <= 1 << 16);
  std::uint32_t keyed[host_scoring::most_at_once], sorted[host_scoring::most_at_once];
  for (std::size_t i = 0; i < places.size(); ++i) {
    keyed[i] = window_key<Levels>(genomes[places[i]], l) << 16 | places[i];
  }
  const auto sort = [&](const std::uint32_t* from, std::uint32_t* to, int shift) {
    std::uint32_t begin[257] = {};
    for (std::size_t i = 0; i < places.size(); ++i) ++begin[(from[i] >> shift & 255) + 1];
    for (int byte = 0; byte < 256; ++byte) begin[byte + 1] += begin[byte];
    for (std::size_t i = 0; i < places.size(); ++i) to[begin[from[i] >> shift & 255]++] = from[i];
  };
  sort(keyed, sorted, 16);
  sort(sorted, keyed, 24);
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = keyed[i] & 0xffff;
}

template <int Levels>
void score(const lane_layer& l,
           const lane_accelerator& a,
           std::span<const genome> genomes,
           std::span<std::uint32_t> places,
           std::span<cost> out,
           left_over& left) {
  if (places.size() > lane_count) sort_by_windows<Levels>(l.split, genomes, places);
  constexpr auto score_block = Levels == 2 ? score_two : score_three;
  score_places(genomes, places, out, left, [&](const genome* g, cost* c) {
    return score_block(l, a, g, c);
  });
}

}  // namespace

const split_lanes CUGAMMA_ISA{score<2>, score<3>};

}  // namespace cugamma::exact::split
