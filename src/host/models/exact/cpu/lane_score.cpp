// Compiled once for each instruction set, with CUGAMMA_ISA naming the set.
#include "models/exact/cpu/lane_score.hpp"

#include <algorithm>

#include "models/exact/cpu/lane_chains.hpp"
#include "models/exact/cpu/lane_costs.hpp"
#include "models/exact/cpu/split_score.hpp"
#include "models/two_level/decode.hpp"
#include "models/two_level/lane_decode.hpp"
#include "numbers/lanes.hpp"

namespace cugamma::exact {
namespace {

/// Lanes whose nest is legal; the status of the others.
struct legality {
  lane_mask is_sound;
  lane_mask has_clusters;
};

legality check(const core::two_level_genes<lanes>& g) {
  legality l{g.cluster_size >= lanes(1), g.cluster_size <= g.pes};
  for (int d = 0; d < free_dims; ++d) {
    l.is_sound = l.is_sound & (g.tile[0][d] >= lanes(1)) & (g.tile[1][d] >= lanes(1));
  }
  return l;
}

/// Mappings of two levels.
outcome score_two(const lane_layer& l, const lane_accelerator& a, const genome* g, cost* out) {
  const decoded d = decode(g, l.genes, a.limits.num_pes);
  const legality legal = check(d.genes);
  const closed_figures<lanes> f = closed_form(d.genes, l.closed, a.closed);
  const outcome o{bits(d.simple),
                  bits(legal.is_sound),
                  bits(legal.is_sound & legal.has_clusters),
                  bits(f.is_runtime_final)};
  write_costs(f, l, a, o, out);
  return o;
}

/// Mappings of three levels.
outcome score_three(const lane_layer& l, const lane_accelerator& a, const genome* g, cost* out) {
  const lane_nests n = read_nests(g, l.closed, l.genes, a.limits.num_pes);
  const closed_figures<lanes> f = closed_form(n, l.closed, a.closed);
  const outcome o{bits(n.simple),
                  bits(n.simple),
                  bits(n.simple & n.has_clusters),
                  bits(f.is_runtime_final)};
  write_costs(f, l, a, o, out);
  return o;
}

/// Below this lanes count exactly, quotients too.
constexpr double exact_below = 1ull << 51;

bool counts_exactly(const lane_layer& l) {
  return std::max({l.macs, l.elements, l.outputs}) < exact_below;
}

/// Finishes mappings of two levels that lack their runtime alone, but for those whose cycles are
/// too many for lanes: these stay in the list.
void add_runtimes(const lane_layer& l,
                  const lane_accelerator& a,
                  std::span<const genome> genomes,
                  std::span<cost> out,
                  left_over& left) {
  if (!counts_exactly(l)) return;
  const auto places = left.runtime.first(left.runtime_count);
  left.runtime_count = 0;
  each_register(genomes, places, [&](const genome* g, std::span<const std::uint32_t> here) {
    const decoded d = decode(g, l.genes, a.limits.num_pes);
    alignas(64) double cycles[lane_count];
    hn::Store(waiting::runtime_of(d.genes, l.closed, a.speeds).v, lane_tag(), cycles);
    for (std::size_t lane = 0; lane < here.size(); ++lane) {
      if (cycles[lane] < exact_below) {
        out[here[lane]].runtime_cycles = static_cast<std::int64_t>(cycles[lane]);
      } else {
        left.runtime[left.runtime_count++] = here[lane];
      }
    }
  });
}

/// Whether a mapping of up to three levels leaves R and S whole and is not parallel in them.
bool keeps_filter(const genome& g, const core::gene_context& l, int levels) {
  bool keeps = core::has_whole_filter(g, l, levels);
  for (int level = 0; level < max_genome_levels; ++level) {
    keeps = keeps & ((level >= levels) | (parallel(g, level) < dimension::R));
  }
  return keeps;
}

/// Whether each level names a single parallel dimension.
bool has_one_parallel(const genome& g, int levels) {
  bool has_one = true;
  for (int level = 0; level < max_genome_levels; ++level) {
    has_one = has_one & ((level >= levels) | (second_parallel(g, level) == no_dimension));
  }
  return has_one;
}

/// A list of places in a batch.
struct place_list {
  std::uint32_t places[host_scoring::most_at_once + 1];
  std::size_t count = 0;

  /// Adds a place, if it belongs here; without a branch, since neighbours differ.
  void add_if(bool belongs, std::size_t place) {
    places[count] = static_cast<std::uint32_t>(place);
    count += belongs ? 1 : 0;
  }
  std::span<std::uint32_t> all() { return {places, count}; }
};

/// Places of mappings by the form that takes them.
struct sorted_places {
  place_list two, three, split_two, split_three;
};

/// Lists those that no form takes as left over. genes: by value, or each genome reads them again.
void sort_places(std::span<const genome> genomes,
                 core::gene_context genes,
                 bool splits,
                 sorted_places& p,
                 left_over& left) {
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    const genome& g = genomes[i];
    const int levels = level_count(g);
    const bool keeps = keeps_filter(g, genes, levels);
    const bool is_split = splits & !keeps & has_one_parallel(g, levels);
    p.two.add_if((levels == 2) & keeps, i);
    p.three.add_if((levels == 3) & keeps, i);
    p.split_two.add_if((levels == 2) & is_split, i);
    p.split_three.add_if((levels == 3) & is_split, i);
    left.whole[left.whole_count] = static_cast<std::uint32_t>(i);
    left.whole_count += ((levels == 2) | (levels == 3)) & (keeps | is_split) ? 0 : 1;
  }
}

void score(const lane_layer& l,
           const lane_accelerator& a,
           std::span<const genome> genomes,
           std::span<cost> out,
           left_over& left) {
  sorted_places p;
  sort_places(genomes, l.genes, counts_exactly(l), p, left);
  score_places(genomes, p.two.all(), out, left, [&](const genome* g, cost* c) {
    return score_two(l, a, g, c);
  });
  add_runtimes(l, a, genomes, out, left);
  score_places(genomes, p.three.all(), out, left, [&](const genome* g, cost* c) {
    return score_three(l, a, g, c);
  });
  split::CUGAMMA_ISA.two_levels(l, a, genomes, p.split_two.all(), out, left);
  split::CUGAMMA_ISA.three_levels(l, a, genomes, p.split_three.all(), out, left);
}

}  // namespace

const exact_lanes CUGAMMA_ISA{score};

}  // namespace cugamma::exact
