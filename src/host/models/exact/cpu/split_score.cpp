// Compiled once for each instruction set, with CUGAMMA_ISA naming the set; apart from
// lane_score.cpp, where a compiler that finds this text too would put fewer functions into their
// callers.
#include "models/exact/cpu/split_score.hpp"

#include <algorithm>

#include "models/exact/cpu/lane_costs.hpp"
#include "models/exact/cpu/lane_split.hpp"

namespace cugamma::exact::split {
namespace {

/// Mappings of two levels that cut R or S or are parallel in them.
outcome score_block(const lane_layer& l, const lane_accelerator& a, const genome* g, cost* out) {
  const split_mappings n = read_split(g, l.genes.tensors, a.limits.num_pes);
  const split_figures<lanes> f = split_form(n.genes, l.split, a.closed);
  const outcome o{bits(n.simple & (f.is_traffic_known | !n.has_clusters)),
                  bits(n.simple),
                  bits(n.simple & n.has_clusters),
                  bits(f.all.is_runtime_final)};
  write_costs(f.all, l, a, o, out);
  return o;
}

/// Sorts places of mappings of two levels by the parallel dimensions: those of a register then
/// have few sums that a neighbour has not.
void sort_by_parallel(std::span<const genome> genomes, std::span<std::uint32_t> places) {
  constexpr int keys = 1 << 2 * dimension_bits;
  const auto key = [&](std::uint32_t place) {
    const genome& g = genomes[place];
    return index_of(parallel(g, 0)) << dimension_bits | index_of(parallel(g, 1));
  };
  std::uint32_t begin[keys + 1] = {}, sorted[host_scoring::most_at_once];
  for (const std::uint32_t place : places) ++begin[key(place) + 1];
  for (int k = 0; k < keys; ++k) begin[k + 1] += begin[k];
  for (const std::uint32_t place : places) sorted[begin[key(place)]++] = place;
  std::copy_n(sorted, places.size(), places.begin());
}

void score(const lane_layer& l,
           const lane_accelerator& a,
           std::span<const genome> genomes,
           std::span<std::uint32_t> places,
           std::span<cost> out,
           left_over& left) {
  sort_by_parallel(genomes, places);
  score_places(genomes, places, out, left, [&](const genome* g, cost* c) {
    return score_block(l, a, g, c);
  });
}

}  // namespace

const split_lanes CUGAMMA_ISA{score};

}  // namespace cugamma::exact::split
