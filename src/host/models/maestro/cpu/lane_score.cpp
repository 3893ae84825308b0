// Compiled once for each instruction set, with CUGAMMA_ISA naming the set.
#include "models/maestro/cpu/lane_score.hpp"

#include <algorithm>

#include "models/maestro/closed/closed_form.hpp"
#include "models/maestro/closed/stepwise.hpp"
#include "models/maestro/walked/walk.hpp"
#include "models/two_level/lane_decode.hpp"
#include "numbers/lanes.hpp"

namespace cugamma {
namespace {

/// Figures of lane_count mappings, figure by figure.
struct figure_rows {
  alignas(64) double row[7][lane_count];
  alignas(64) float error[lane_count];
};

figure_rows store(const core::closed_form_figures<lanes>& f, const maestro_problem& judged_by) {
  const basic_counts<lanes> counts{f.macs,
                                   f.macs,
                                   f.input_l2_read,
                                   f.filter_l2_read,
                                   f.output_l2_write,
                                   f.l1_elems,
                                   f.l2_elems,
                                   f.inner_work_error};
  const basic_figures<lanes, lanes> all = figures_of<lanes>(counts, judged_by, 2);
  figure_rows r;
  const lane_tag d;
  hn::Store(f.runtime_cycles.v, d, r.row[0]);
  hn::Store(all.num_macs.v, d, r.row[1]);
  hn::Store(all.energy_nj.v, d, r.row[2]);
  hn::Store(all.csv_energy_nj.v, d, r.row[3]);
  hn::Store(all.l1_size_elems.v, d, r.row[4]);
  hn::Store(all.l2_size_elems.v, d, r.row[5]);
  hn::Store(all.status.v, d, r.row[6]);
  hn::Store(all.inner_work_error.v, half_tag(), r.error);
  return r;
}

std::int64_t whole(const figure_rows& r, int row, std::size_t lane) {
  return static_cast<std::int64_t>(r.row[row][lane]);
}

/// The cost of a lane's mapping; where the closed form is not exact the runtime is not final.
cost cost_in(const figure_rows& r,
             std::size_t lane,
             const maestro_problem& judged_by,
             std::int32_t pes) {
  return cost_of({whole(r, 1, lane),
                  r.row[2][lane],
                  r.row[3][lane],
                  whole(r, 4, lane),
                  whole(r, 5, lane),
                  whole(r, 6, lane),
                  r.error[lane]},
                 whole(r, 0, lane),
                 judged_by,
                 pes);
}

struct outcome {
  unsigned done;                      ///< lanes whose cost is complete, as bits
  unsigned known;                     ///< lanes whose cost is complete but for the runtime
  unsigned partial[core::free_dims];  ///< known lanes whose outer level has a partial tile there

  /// The dimensions in which a lane's outer level hands down two kinds of tile.
  unsigned variants(std::size_t lane) const {
    unsigned set = 0;
    for (int d = 0; d < core::free_dims; ++d) set |= (partial[d] >> lane & 1) << d;
    return set;
  }
};

/// Scores lane_count mappings.
outcome score_block(const cpu_layer& l, const cpu_machine& m, const genome* g, cost* out) {
  const decoded d = decode(g, l.genes, m.limits.num_pes);
  const core::closed_form_figures<lanes> f = core::closed_form(d.genes, l.two_level, m.facts);
  const lane_mask known = d.simple & f.legal;
  outcome o{bits(known & f.exact), bits(known & !f.exact), {}};
  const maestro_problem judged_by = problem_of(l, m);
  const figure_rows figures = store(f, judged_by);
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    out[lane] = cost_in(figures, lane, judged_by, pes_of(g[lane], m.limits));
  }
  if (o.known == 0) return o;
  for (int dim = 0; dim < core::free_dims; ++dim) {
    const lanes outputs(l.two_level.outputs[dim]);
    o.partial[dim] = bits(core::cut_into(outputs, d.genes.tile[0][dim]).partial);
  }
  return o;
}

/// The cycles of the tiles of lane_count mappings.
struct tile_rows {
  alignas(64) double row[core::most_stepped_tiles][lane_count];

  void set(unsigned tile, lanes cycles) { hn::Store(cycles.v, lane_tag(), row[tile]); }
  lanes at(lanes tile) const {
    const hn::Rebind<std::int64_t, lane_tag> signed_tag;
    const auto width = static_cast<std::int64_t>(lane_count);
    const auto first = hn::ConvertTo(signed_tag, (tile * lanes(static_cast<double>(width))).v);
    return lanes(hn::GatherIndex(lane_tag(), row[0], hn::Add(first, hn::Iota(signed_tag, 0))));
  }
};

/// Mappings that lack their runtime, until there are enough to fill the lanes. Those wait together
/// that hand down the same kinds of tile: lanes take as long as all of their kinds.
class runtime_queue {
 public:
  runtime_queue(const cpu_layer& l,
                const cpu_machine& m,
                std::span<const genome> genomes,
                std::span<cost> out)
      : layer_(l), machine_(m), genomes_(genomes), out_(out) {}

  /// variants: see outcome::variants.
  void add(std::size_t position, unsigned variants) {
    line& waiting = lines_[variants];
    waiting.position[waiting.count++] = position;
    if (waiting.count == lane_count) run(waiting);
  }

  /// Runs those that still wait, whatever they hand down; those that hand down few first.
  void finish() {
    line last;
    for (const unsigned variants : {0, 1, 2, 4, 8, 3, 5, 6, 9, 10, 12, 7, 11, 13, 14, 15}) {
      line& waiting = lines_[variants];
      for (std::size_t i = 0; i < waiting.count; ++i) {
        last.position[last.count++] = waiting.position[i];
        if (last.count == lane_count) run(last);
      }
      waiting.count = 0;
    }
    if (last.count > 0) run(last);
  }

 private:
  struct line {
    std::size_t position[lane_count];
    std::size_t count = 0;
  };

  void run(line& ready) {
    genome g[lane_count];
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      g[lane] = genomes_[ready.position[std::min(lane, ready.count - 1)]];
    }
    const decoded d = decode(g, layer_.genes, machine_.limits.num_pes);
    tile_rows tiles;
    alignas(64) double runtime[lane_count];
    hn::Store(core::stepwise_runtime(d.genes, layer_.two_level, machine_.facts, tiles).v,
              lane_tag(),
              runtime);
    for (std::size_t lane = 0; lane < ready.count; ++lane) {
      set_runtime(out_[ready.position[lane]],
                  static_cast<std::int64_t>(runtime[lane]),
                  problem_of(layer_, machine_),
                  pes_of(g[lane], machine_.limits));
    }
    ready.count = 0;
  }

  const cpu_layer& layer_;
  const cpu_machine& machine_;
  std::span<const genome> genomes_;
  std::span<cost> out_;
  line lines_[core::most_stepped_tiles];
};

std::size_t score(const cpu_layer& l,
                  const cpu_machine& m,
                  std::span<const genome> genomes,
                  std::span<cost> out,
                  std::span<std::uint32_t> left) {
  std::size_t count = 0;
  runtime_queue queue(l, m, genomes, out);
  for (std::size_t i = 0; i < genomes.size(); i += lane_count) {
    const std::size_t n = std::min(lane_count, genomes.size() - i);
    genome g[lane_count];
    cost c[lane_count];
    std::copy_n(&genomes[i], n, g);
    std::fill(g + n, g + lane_count, g[0]);
    const outcome o = score_block(l, m, g, c);
    std::copy_n(c, n, &out[i]);
    for (std::size_t lane = 0; lane < n; ++lane) {
      if ((o.known >> lane & 1) != 0) queue.add(i + lane, o.variants(lane));
      left[count] = static_cast<std::uint32_t>(i + lane);
      count += ((o.done | o.known) >> lane & 1) == 0 ? 1 : 0;
    }
  }
  queue.finish();
  return count;
}

}  // namespace

const cpu_lanes CUGAMMA_ISA{score,
                            core::analyse_tiles<tile_block, double>,
                            hwy::TargetName(HWY_TARGET)};

}  // namespace cugamma
