#include "models/exact/figures.hpp"

#include "models/exact/buffer_limits.hpp"
#include "models/exact/elements.hpp"
#include "models/exact/energy.hpp"
#include "models/exact/runtime.hpp"

namespace cugamma::exact {
namespace {

/// Elements of a box of output rows, channels and so on; the box is [0, lengths).
tensor_counts elements_of(const loop_nest& n, const std::array<std::int32_t, dims>& lengths) {
  const auto rows = [](std::int64_t outputs, std::int64_t filter, window w) {
    const std::int64_t shared = std::max<std::int64_t>(0, filter - w.stride);
    return outputs * std::min<std::int64_t>(w.stride, filter) + shared;
  };
  const std::int64_t channels = lengths[C];
  const std::int64_t features = n.depthwise ? 1 : lengths[K];
  return {channels * rows(lengths[Y], lengths[R], n.rows) * rows(lengths[X], lengths[S], n.columns),
          features * channels * lengths[R] * lengths[S],
          (n.depthwise ? channels : features) * lengths[Y] * lengths[X]};
}

std::array<std::int32_t, dims> sizes(const loop_nest& n) {
  std::array<std::int32_t, dims> all;
  for (int d = 0; d < dims; ++d) all[d] = n.chains[d].size;
  return all;
}

/// The largest tile of a level's sub-cluster.
std::array<std::int32_t, dims> tile_lengths(const loop_nest& n, int level) {
  std::array<std::int32_t, dims> lengths;
  for (int d = 0; d < dims; ++d) lengths[d] = n.chains[d].levels[level].tile;
  return lengths;
}

/// What level 0's sub-clusters work on together at most.
std::array<std::int32_t, dims> step_lengths(const loop_nest& n) {
  std::array<std::int32_t, dims> lengths;
  for (int d = 0; d < dims; ++d) {
    lengths[d] = n.chains[d].levels[0].step_of({0, n.chains[d].size}, 0).length();
  }
  return lengths;
}

void set_accesses(const loop_nest& n, figures& f) {
  const level_traffic& outer = f.noc[0];
  const level_traffic& inner = f.noc[static_cast<std::size_t>(n.level_count - 1)];
  const tensor_counts layer = elements_of(n, sizes(n));
  f.l2 = {{outer.input_reads, outer.filter_reads, outer.outputs},
          {layer.input, layer.filter, outer.outputs}};
  f.partial_sums_read_back = outer.outputs - layer.output;
  f.dram = layer;
  f.l1 = {{f.macs, f.macs, f.macs}, {inner.input_fills, inner.filter_fills, f.macs}};
  for (int level = 1; level < n.level_count; ++level) {
    const level_traffic &above = f.noc[static_cast<std::size_t>(level - 1)],
                        &below = f.noc[static_cast<std::size_t>(level)];
    f.cluster_buffers[static_cast<std::size_t>(level - 1)] = {
        {below.input_reads, below.filter_reads, below.outputs},
        {above.input_fills, above.filter_fills, below.outputs}};
    f.cluster_buffer_sizes[static_cast<std::size_t>(level - 1)] =
        2 * elements_of(n, tile_lengths(n, level - 1)).sum();
  }
}

figures figures_of(const loop_nest& n,
                   const layer& l,
                   const accelerator& a,
                   std::int64_t runtime_cycles) {
  figures f;
  f.level_count = n.level_count;
  f.macs = layer_macs(l);
  f.noc = traffic_of(n);
  f.runtime_cycles = runtime_cycles;
  set_accesses(n, f);
  f.l1_size = 2 * elements_of(n, tile_lengths(n, n.level_count - 1)).sum();
  f.l2_size = 2 * elements_of(n, step_lengths(n)).sum();
  const activity<double> done{static_cast<double>(f.macs),
                              static_cast<double>(f.l1.sum()),
                              static_cast<double>(f.l2.sum()),
                              static_cast<double>(f.cluster_accesses()),
                              static_cast<double>(f.dram.sum())};
  f.energy_nj = energy_nj(done, a.constants.cluster_energy_macs, a.constants);
  f.energy_without_clusters_nj = energy_nj(done, 0, a.constants);
  return f;
}

}  // namespace

evaluation evaluate(const layer& l, const accelerator& a, const mapping& m) {
  loop_nest n;
  const std::uint32_t status = make_nest(l, a, m, n);
  if (status != 0) return {status, {}};
  return {0, figures_of(n, l, a, runtime_of(n, a))};
}

evaluation evaluate(const layer& l,
                    const accelerator& a,
                    const mapping& m,
                    std::int64_t runtime_cycles) {
  loop_nest n;
  const std::uint32_t status = make_nest(l, a, m, n);
  if (status != 0) return {status, {}};
  return {0, figures_of(n, l, a, runtime_cycles)};
}

cost cost_of(const evaluation& e, const accelerator& a) {
  cost c{.status = e.status};
  if (!is_legal(e.status)) return c;
  c.runtime_cycles = e.all.runtime_cycles;
  c.num_macs = e.all.macs;
  c.energy_nj = e.all.energy_nj;
  c.second_energy_nj = e.all.energy_without_clusters_nj;
  c.l1_size_elems = e.all.l1_size;
  c.l2_size_elems = e.all.l2_size;
  c.cluster_buffer_elems = e.all.cluster_buffer_sizes[0];  // the outer ones hold the larger tiles
  c.status |= too_large({c.l1_size_elems, c.l2_size_elems, c.cluster_buffer_elems}, a);
  return c;
}

cost price(const layer& l, const accelerator& a, const mapping& m) {
  return cost_of(evaluate(l, a, m), a);
}

tensor_counts touched_elements(const layer& l) {
  loop_nest n;
  set_sizes(l, n);
  return elements_of(n, sizes(n));
}

}  // namespace cugamma::exact
