// Compiled once for each instruction set, with CUGAMMA_ISA naming the set.
#include "models/timeloop/lanes/lane_score.hpp"

#include "models/timeloop/lanes/lane_walk.hpp"

namespace cugamma::timeloop {
namespace {

/// Words of an instance of a level, as closed::level_counts.
struct lane_counts {
  lanes reads = lanes(0), fills = lanes(0), updates = lanes(0);
};

struct lane_costs {
  alignas(64) double cycles[lane_count];
  alignas(64) double energy_pj[lane_count];
  alignas(64) lane_row accesses[max_levels];
};

/// To the nearest, half away from zero; of numbers from 0 on.
lanes rounded(lanes a) {
  const lanes down = whole(a);
  return down + select(a - down >= lanes(0.5), lanes(1), lanes(0));
}

/// As closed::detail::set_counts.
lane_counts counts_of(bool is_output, lane_mask is_last, lanes content, lanes handed, lanes part) {
  lane_counts c;
  const lanes share = select(is_last, lanes(0), handed);
  if (!is_output) {
    c.reads = rounded(content);
    c.fills = whole(share);  // a sum of shares of diagonals may fall short of a whole number
    return c;
  }
  c.updates = rounded(content);
  c.reads = rounded(content - part);
  c.fills = select(is_last, lanes(0), rounded(share - part));
  return c;
}

/// As closed::detail::level_cycles.
lanes level_cycles(const level_row& l,
                   const lane_counts* counts,
                   int tensors,
                   lanes compute_cycles) {
  lanes read(0), written(0);
  for (int k = 0; k < tensors; ++k) {
    const lanes scale(l.scales[static_cast<std::size_t>(k)]);
    read = read + counts[k].reads / compute_cycles * scale;
    written = written + (counts[k].fills + counts[k].updates) / compute_cycles * scale;
  }
  lanes slowdown(1);
  const auto slow_down = [&slowdown](double there_is, lanes need) {
    const lanes bandwidth(there_is);
    slowdown = select(bandwidth < need, min_of(slowdown, bandwidth / need), slowdown);
  };
  slow_down(l.read_bandwidth, read);
  slow_down(l.write_bandwidth, written);
  slow_down(l.shared_bandwidth, read + written);
  const lanes needed = compute_cycles / slowdown, down = whole(needed);
  return down + select(down < needed, lanes(1), lanes(0));
}

/// As simple::may_slow_down, for any lane.
bool may_slow_down(const level_row& l, const lane_counts* counts, int tensors, lanes busy_cycles) {
  lanes read(0), written(0);
  for (int k = 0; k < tensors; ++k) {
    const lanes scale(l.scales[static_cast<std::size_t>(k)]);
    read = read + counts[k].reads * scale;
    written = written + (counts[k].fills + counts[k].updates) * scale;
  }
  const lanes margin = busy_cycles * lanes(1 - 0x1p-40);
  return any_of((read > lanes(l.read_bandwidth) * margin) |
                (written > lanes(l.write_bandwidth) * margin) |
                (read + written > lanes(l.shared_bandwidth) * margin));
}

/// As closed::detail::stored_pj.
lanes stored_pj(const level_row& l, const lane_counts& c, bool is_output, lanes instances) {
  const lanes block = number(l.block_size);
  const auto vectors = [&](lanes words) { return whole((words + (block - lanes(1))) / block); };
  const lanes clusters = min_of(instances, number(l.clusters));
  const lanes one = vectors(c.reads) * lanes(l.read_pj) + vectors(c.fills) * lanes(l.fill_pj) +
                    vectors(c.updates) * lanes(l.update_pj);
  const lanes addresses = (is_output ? c.updates : c.reads) + c.fills;
  return one * clusters + addresses * lanes(l.address_pj) * clusters;
}

/// What the levels met so far, from the inside, come to; as simple::running.
template <int Tensors>
struct lane_running {
  lanes content[Tensors];
  lanes part;
  lanes busy_cycles;
};

/// What a level hands down of a tensor.
struct lane_handed {
  lanes share;            ///< to an element
  lanes accesses;         ///< of all groups
  lanes passed_accesses;  ///< each record's `more` times
};

/// A record for each length of diagonals, ascending; their groups are as large as that times the
/// loops that do not move the tensor.
lane_handed over_diagonals(const lane_diagonals& d,
                           lanes groups,
                           lanes used,
                           lanes words,
                           lanes more) {
  const lanes apart = groups / (d.columns * d.rows), multicast = used / groups;
  lane_handed h{lanes(0), lanes(0), lanes(0)};
  for (int length = 1; any_of(d.runs(length) > lanes(0)); ++length) {
    const lanes count = d.runs(length) - lanes(2) * d.runs(length + 1) + d.runs(length + 2);
    const lanes accesses = apart * count * words;
    h.share = h.share + accesses * (multicast * number(std::int64_t{length})) / used;
    h.accesses = h.accesses + accesses;
    h.passed_accesses = h.passed_accesses + accesses * more;
  }
  return h;
}

/// As simple::count_level, with diagonals.
template <int Tensors>
void count_level(const lane_walk<Tensors>& w,
                 int level,
                 lane_running<Tensors>& r,
                 lane_counts (&counts)[Tensors]) {
  const tables& t = w.t;
  const int next = level + 1 < t.shape.num_levels ? level + 1 : level;
  const int place = t.spatial_place[static_cast<std::size_t>(next)];
  const word_lanes keep = w.genomes.byte(offsetof(genome, keep) + static_cast<unsigned>(level));
  const lanes here = number(std::int64_t{level});
  lanes used(1), output_groups(1);
  for (int d = 0; place >= 0 && d < w.dimensions(); ++d) {
    used = used * load(w.rows.factor[place * w.dimensions() + d]);
  }
  for (int k = 0; k < t.shape.num_tensors && k < Tensors; ++k) {
    const tensor_row& tensor = t.tensors[static_cast<std::size_t>(k)];
    lanes groups(1);
    for (int d = 0; place >= 0 && d < w.dimensions(); ++d) {
      if ((tensor.relevant >> d & 1) == 0) continue;
      groups = groups * load(w.rows.factor[place * w.dimensions() + d]);
    }
    const lanes handed = load(w.words[k][next]), content = r.content[k];
    const lane_mask is_kept = is_bit_set(keep, word(static_cast<unsigned>(k)));
    const lane_mask is_counted = is_kept & (here <= w.last[k]);
    const lanes more = content * used / (handed * used);
    lane_handed h{handed, groups * handed, groups * handed * more};
    if (w.has_diagonals[k][next])
      h = over_diagonals(w.diagonals[k][next], groups, used, handed, more);
    const lane_counts c = counts_of(tensor.is_output, here == w.last[k], content, h.share, r.part);
    counts[k].reads = select(is_counted, c.reads, lanes(0));
    counts[k].fills = select(is_counted, c.fills, lanes(0));
    counts[k].updates = select(is_counted, c.updates, lanes(0));
    r.content[k] = select(is_kept, h.accesses, h.passed_accesses);
    if (tensor.is_output) output_groups = select(here < w.last[k], groups, lanes(1));
  }
  r.part = r.part * output_groups;
}

/// As simple::price.
template <int Tensors>
void price(const lane_walk<Tensors>& w, lane_costs& out) {
  const tables& t = w.t;
  const int levels = t.shape.num_levels;
  const int tensors = t.shape.num_tensors < Tensors ? t.shape.num_tensors : Tensors;
  lane_running<Tensors> r;
  for (lanes& content : r.content) content = w.outward;
  r.part = w.whole_output / w.output_groups;
  r.busy_cycles = w.outward;
  lanes stored[max_levels][Tensors];
  for (int b = 0; b < levels; ++b) {
    const level_row& l = t.levels[static_cast<std::size_t>(b)];
    lane_counts counts[Tensors];
    count_level(w, b, r, counts);
    if (l.has_bandwidth && may_slow_down(l, counts, tensors, r.busy_cycles)) {
      r.busy_cycles = max_of(r.busy_cycles, level_cycles(l, counts, tensors, w.outward));
    }
    const lanes instances = load(w.instances[b]);
    lanes accesses(0);
    for (int k = 0; k < tensors; ++k) {
      const bool is_output = t.tensors[static_cast<std::size_t>(k)].is_output;
      stored[b][k] = stored_pj(l, counts[k], is_output, instances);
      accesses = accesses + counts[k].reads + counts[k].fills + counts[k].updates;
    }
    store(out.accesses[b], accesses * instances);
  }
  lanes energy_pj(t.compute_pj);
  for (int b = 0; b < levels; ++b) {
    const lanes leak_pj(t.levels[static_cast<std::size_t>(b)].leak_pj);
    const lanes leak = leak_pj * r.busy_cycles * load(w.instances[b]);
    const lanes share = leak / number(std::int64_t{tensors});
    for (int k = 0; k < tensors; ++k) energy_pj = energy_pj + (stored[b][k] + share);
  }
  store(out.cycles, r.busy_cycles + number(t.latency_cycles));
  store(out.energy_pj, energy_pj);
}

void write(const lane_costs& from, std::size_t lane, int levels, cost& out) {
  out = cost{};
  out.cycles = static_cast<std::int64_t>(from.cycles[lane]);
  out.energy_pj = from.energy_pj[lane];
  for (int b = 0; b < levels; ++b) {
    out.accesses[static_cast<std::size_t>(b)] = static_cast<std::int64_t>(from.accesses[b][lane]);
  }
}

template <int Tensors>
std::size_t score_all(const tables& t,
                      std::span<const genome> genomes,
                      std::span<cost> costs,
                      std::span<std::uint32_t> left) {
  lane_walk<Tensors> w(t);
  std::size_t num_left = 0;
  for (std::size_t first = 0; first < genomes.size(); first += lane_count) {
    const std::size_t rest = genomes.size() - first;
    const genome* read[lane_count];
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      read[lane] = &genomes[first + (lane < rest ? lane : 0)];
    }
    w.genomes.read(read);
    w.walk_inward();
    lane_costs scored;
    if (any_of(w.is_fine)) price(w, scored);
    alignas(64) double is_fine[lane_count];
    store(is_fine, select(w.is_fine, lanes(1), lanes(0)));
    for (std::size_t lane = 0; lane < lane_count && lane < rest; ++lane) {
      if (is_fine[lane] != 0) {
        write(scored, lane, t.shape.num_levels, costs[first + lane]);
      } else {
        left[num_left++] = static_cast<std::uint32_t>(first + lane);
      }
    }
  }
  return num_left;
}

std::size_t score(const tables& t,
                  std::span<const genome> genomes,
                  std::span<cost> costs,
                  std::span<std::uint32_t> left) {
  return t.shape.num_tensors <= 3 ? score_all<3>(t, genomes, costs, left)
                                  : score_all<max_tensors>(t, genomes, costs, left);
}

}  // namespace

const timeloop_lanes CUGAMMA_ISA{score};

}  // namespace cugamma::timeloop
