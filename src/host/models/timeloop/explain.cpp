#include "cugamma/models/timeloop/explain.hpp"

#include <algorithm>
#include <cmath>

#include "models/timeloop/reference/energy.hpp"
#include "models/timeloop/reference/rejections.hpp"

namespace cugamma::timeloop {
namespace {

using namespace reference;

std::vector<tensor_counts> count_all(const architecture& a,
                                     const problem& p,
                                     const mapping& m,
                                     const nest& n) {
  std::vector<tensor_counts> counts;
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    std::vector<bool> keep;
    for (const level_loops& l : m.levels) keep.push_back((l.keep >> t & 1) != 0);
    counts.push_back(counts_of(a, n, p.tensors[t], keep));
  }
  return counts;
}

tensor_figures stored(const tensor_at_level& c, bool is_output, std::int64_t instances) {
  tensor_figures f;
  f.is_kept = c.is_kept;
  f.tile = c.tile;
  f.partition = c.partition;
  f.instances = instances;
  f.reads = c.reads;
  f.fills = c.fills;
  f.updates = c.updates;
  f.temporal_reductions = c.temporal_reductions;
  f.address_generations = (is_output ? c.updates : c.reads) + c.fills;
  return f;
}

tensor_transfers moved(const tensor_at_level& c, bool is_output) {
  tensor_transfers f{c.below.records, c.below.link_transfers, 0, 0};
  if (!is_output) return f;
  for (const transfer_record& r : f.records) f.spatial_reductions += (r.multicast - 1) * r.accesses;
  return f;
}

void set_counts(const problem& p,
                const nest& n,
                const std::vector<tensor_counts>& counts,
                figures& f) {
  f.levels.resize(n.levels.size());
  f.networks.resize(n.levels.size());
  for (std::size_t b = 0; b < n.levels.size(); ++b) {
    for (std::size_t t = 0; t < p.tensors.size(); ++t) {
      const tensor_at_level& c = counts[t].levels[b];
      const bool is_output = p.tensors[t].is_output;
      f.levels[b].tensors.push_back(stored(c, is_output, n.instances(static_cast<int>(b))));
      f.networks[b].tensors.push_back(moved(c, is_output));
    }
  }
}

/// A level that its bandwidth cannot feed slows the whole accelerator.
void set_level_cycles(const storage_level& l, std::int64_t compute_cycles, level_figures& f) {
  const auto cycles = static_cast<double>(compute_cycles);
  double read = 0, written = 0;  // words a cycle
  for (std::size_t t = 0; t < f.tensors.size(); ++t) {
    const tensor_figures& c = f.tensors[t];
    const double scale = l.bandwidth_scales.empty() ? 1 : l.bandwidth_scales[t];
    read += static_cast<double>(c.reads) / cycles * scale;
    written += static_cast<double>(c.fills + c.updates) / cycles * scale;
  }
  const auto bound = [&](const std::optional<double>& bandwidth, double need) {
    if (bandwidth && *bandwidth < need) f.slowdown = std::min(f.slowdown, *bandwidth / need);
  };
  bound(l.read_bandwidth, read);
  bound(l.write_bandwidth, written);
  bound(l.shared_bandwidth, read + written);
  f.cycles = static_cast<std::int64_t>(std::ceil(cycles / f.slowdown));
}

void set_cycles(const architecture& a, const nest& n, figures& f) {
  f.compute_cycles = n.cycles();
  f.compute_instances = n.instances(-1);
  f.cycles = f.compute_cycles;
  double latency = 0;
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    set_level_cycles(a.levels[b], f.compute_cycles, f.levels[b]);
    f.cycles = std::max(f.cycles, f.levels[b].cycles);
    latency += a.levels[b].network_latency_cycles;
  }
  f.cycles += static_cast<std::int64_t>(latency);
  f.utilization = static_cast<double>(f.macs) / static_cast<double>(a.arithmetic.instances) /
                  static_cast<double>(f.cycles);
}

}  // namespace

figures explain(const architecture& a, const problem& p, const mapping& m) {
  figures f;
  const auto reject = [&f](const verdict& v) {
    f.why = v.why;
    f.at = v.at;
    return v.why != rejection::none;
  };
  if (reject(check_mapping(a, p, m))) return f;
  const nest n = nest_of(p, m);
  const std::vector<tensor_counts> counts = count_all(a, p, m, n);
  if (reject(check_fit(a, n, counts))) return f;
  f.macs = macs(p);
  f.area_um2 = area_of(a);
  set_counts(p, n, counts, f);
  set_cycles(a, n, f);
  set_energy(a, p, n, f);
  return f;
}

}  // namespace cugamma::timeloop
