// Compiled once for each instruction set, with CUGAMMA_ISA naming the set.
#include "models/exact/cpu/lane_score.hpp"

#include <algorithm>

#include "models/exact/buffer_limits.hpp"
#include "models/exact/cpu/lane_chains.hpp"
#include "models/exact/cpu/lane_split.hpp"
#include "models/exact/energy.hpp"
#include "models/host_scoring.hpp"
#include "models/two_level/decode.hpp"
#include "models/two_level/lane_decode.hpp"
#include "numbers/lanes.hpp"

namespace cugamma::exact {
namespace {

/// Figures of lane_count mappings, figure by figure.
struct figure_rows {
  alignas(64) double runtime[lane_count];
  alignas(64) double energy[lane_count];
  alignas(64) double energy_without_clusters[lane_count];
  alignas(64) double l1_size[lane_count];
  alignas(64) double l2_size[lane_count];
  alignas(64) double cluster_size[lane_count];
};

figure_rows store(const closed_figures<lanes>& f,
                  const lane_layer& l,
                  const cost_constants& constants) {
  const lanes macs(l.macs);
  const activity<lanes> done{macs,
                             lanes(4) * macs + f.l1_fills,
                             f.l2_traffic + lanes(l.elements),
                             f.cluster_traffic,
                             lanes(l.elements + l.outputs)};
  figure_rows r;
  const lane_tag d;
  hn::Store(f.runtime_cycles.v, d, r.runtime);
  hn::Store(energy_nj(done, constants.cluster_energy_macs, constants).v, d, r.energy);
  hn::Store(energy_nj(done, 0, constants).v, d, r.energy_without_clusters);
  hn::Store(f.l1_size.v, d, r.l1_size);
  hn::Store(f.l2_size.v, d, r.l2_size);
  hn::Store(f.cluster_size.v, d, r.cluster_size);
  return r;
}

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

struct outcome {
  unsigned simple;         ///< lanes that the closed form can express, as bits
  unsigned sound;          ///< of which these are sound
  unsigned legal;          ///< and these legal
  unsigned final_runtime;  ///< and these complete
};

/// Writes the costs of lanes whose figures are there, and why the others have none.
void write_costs(const closed_figures<lanes>& f,
                 const lane_layer& l,
                 const lane_accelerator& a,
                 const outcome& o,
                 cost* out) {
  const figure_rows r = store(f, l, a.limits.constants);
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    const auto whole = [&](const double* row) { return static_cast<std::int64_t>(row[lane]); };
    if ((o.legal >> lane & 1) == 0) {
      out[lane] = {.status = (o.sound >> lane & 1) == 0 ? bad_structure : clusters_exceed_pes};
      continue;
    }
    const buffer_sizes needed{whole(r.l1_size), whole(r.l2_size), whole(r.cluster_size)};
    out[lane] = {whole(r.runtime),
                 static_cast<std::int64_t>(l.macs),
                 r.energy[lane],
                 r.energy_without_clusters[lane],
                 needed.l1,
                 needed.l2,
                 needed.cluster,
                 too_large(needed, a.limits),
                 0};
  }
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

/// Mappings of two levels that cut R or S or are parallel in them.
outcome score_split(const lane_layer& l, const lane_accelerator& a, const genome* g, cost* out) {
  const split_lanes n = read_split(g, l.genes.tensors, a.limits.num_pes);
  const split::split_figures<lanes> f = split::split_form(n.genes, l.split, a.closed);
  const outcome o{bits(n.simple & (f.is_traffic_known | !n.has_clusters)),
                  bits(n.simple),
                  bits(n.simple & n.has_clusters),
                  bits(f.all.is_runtime_final)};
  write_costs(f.all, l, a, o, out);
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

/// Calls f(genomes, places) for the mappings at `places`, a register of them at a time; lanes past
/// the last place repeat the first.
template <class F>
void each_register(std::span<const genome> genomes, std::span<const std::uint32_t> places, F f) {
  for (std::size_t i = 0; i < places.size(); i += lane_count) {
    const auto here = places.subspan(i, std::min(lane_count, places.size() - i));
    genome g[lane_count];
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      g[lane] = genomes[here[lane < here.size() ? lane : 0]];
    }
    f(g, here);
  }
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

/// Scores the mappings at `places`.
template <class Block>
void score_places(std::span<const genome> genomes,
                  std::span<const std::uint32_t> places,
                  std::span<cost> out,
                  left_over& left,
                  Block block) {
  each_register(genomes, places, [&](const genome* g, std::span<const std::uint32_t> here) {
    cost c[lane_count];
    const outcome o = block(g, c);
    const unsigned lack_runtime = o.simple & o.legal & ~o.final_runtime;
    for (std::size_t lane = 0; lane < here.size(); ++lane) {
      const std::uint32_t place = here[lane];
      out[place] = c[lane];
      left.whole[left.whole_count] = place;
      left.whole_count += (o.simple >> lane & 1) == 0 ? 1 : 0;
      left.runtime[left.runtime_count] = place;
      left.runtime_count += lack_runtime >> lane & 1;
    }
  });
}

/// Whether a mapping of two levels leaves R and S whole and is not parallel in them.
bool keeps_filter(const genome& g, const core::gene_context& l) {
  return core::has_whole_filter(g, l) && parallel(g, 0) < dimension::R &&
         parallel(g, 1) < dimension::R;
}

/// Whether each of two levels names a single parallel dimension.
bool has_one_parallel(const genome& g) {
  return second_parallel(g, 0) == no_dimension && second_parallel(g, 1) == no_dimension;
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

/// Places of mappings by the form that takes them.
struct sorted_places {
  std::uint32_t two[host_scoring::most_at_once];
  std::uint32_t split[host_scoring::most_at_once];
  std::uint32_t three[host_scoring::most_at_once];
  std::size_t two_count = 0, split_count = 0, three_count = 0;

  std::span<const std::uint32_t> of_two() const { return {two, two_count}; }
  std::span<std::uint32_t> of_split() { return {split, split_count}; }
  std::span<const std::uint32_t> of_three() const { return {three, three_count}; }
};

void score(const lane_layer& l,
           const lane_accelerator& a,
           std::span<const genome> genomes,
           std::span<cost> out,
           left_over& left) {
  sorted_places p;
  const bool splits = counts_exactly(l);
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    const auto place = static_cast<std::uint32_t>(i);
    const genome& g = genomes[i];
    const int levels = level_count(g);
    if (levels == 3) {
      p.three[p.three_count++] = place;
    } else if (levels == 2 && keeps_filter(g, l.genes)) {
      p.two[p.two_count++] = place;
    } else if (levels == 2 && splits && has_one_parallel(g)) {
      p.split[p.split_count++] = place;
    } else {
      left.whole[left.whole_count++] = place;
    }
  }
  score_places(genomes, p.of_two(), out, left, [&](const genome* g, cost* c) {
    return score_two(l, a, g, c);
  });
  add_runtimes(l, a, genomes, out, left);
  sort_by_parallel(genomes, p.of_split());
  score_places(genomes, p.of_split(), out, left, [&](const genome* g, cost* c) {
    return score_split(l, a, g, c);
  });
  score_places(genomes, p.of_three(), out, left, [&](const genome* g, cost* c) {
    return score_three(l, a, g, c);
  });
}

}  // namespace

const exact_lanes CUGAMMA_ISA{score};

}  // namespace cugamma::exact
