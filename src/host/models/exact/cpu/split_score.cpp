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

/// And before that by the filter's tiles of the first two levels: these decide how many kinds of
/// steps R and S have.
void sort_by_filter(std::span<const genome> genomes, std::span<std::uint32_t> places) {
  constexpr int bits = 2;
  sort_by<1 << 4 * bits>(genomes, places, [](const genome& g) {
    int key = 0;
    for (const dimension d : {dimension::R, dimension::S}) {
      for (const int level : {0, 1}) {
        key = key << bits | (std::clamp(tile(g, level, d), 1, 1 << bits) - 1);
      }
    }
    return key;
  });
}

template <int Levels>
void score(const lane_layer& l,
           const lane_accelerator& a,
           std::span<const genome> genomes,
           std::span<std::uint32_t> places,
           std::span<cost> out,
           left_over& left) {
  sort_by_filter(genomes, places);
  sort_by_parallel<Levels>(genomes, places);
  constexpr auto score_block = Levels == 2 ? score_two : score_three;
  score_places(genomes, places, out, left, [&](const genome* g, cost* c) {
    return score_block(l, a, g, c);
  });
}

}  // namespace

const split_lanes CUGAMMA_ISA{score<2>, score<3>};

}  // namespace cugamma::exact::split
