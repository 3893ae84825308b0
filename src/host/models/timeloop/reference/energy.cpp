#include "models/timeloop/reference/energy.hpp"

#include <algorithm>
#include <cmath>

namespace cugamma::timeloop::reference {
namespace {

/// Accesses of whole vectors that hold `words` words.
double vectors(std::int64_t words, std::int64_t block_size) {
  return static_cast<double>((words + block_size - 1) / block_size);
}

/// `instances` in use share accesses in clusters.
void set_storage(const storage_level& l, std::int64_t instances, tensor_figures& t) {
  const auto clusters = static_cast<double>(std::min(instances, l.instances / l.cluster_size));
  const double one = vectors(t.reads, l.block_size) * l.read_pj +
                     vectors(t.fills, l.block_size) * l.fill_pj +
                     vectors(t.updates, l.block_size) * l.update_pj;
  const double addresses = static_cast<double>(t.address_generations) * l.address_generation_pj;
  t.storage_pj = one * clusters;
  t.energy_pj = t.storage_pj + addresses * clusters;
}

/// Area of what lies below a level: an instance of the next inner one with all that is inside.
double inner_tile_area(const architecture& a, int level) {
  double area = a.arithmetic.area_um2;
  std::int64_t count = a.arithmetic.instances;
  for (int b = 0; b < level; ++b) {
    const storage_level& l = a.levels[static_cast<std::size_t>(b)];
    area = l.area_um2 + area * (static_cast<double>(count) / static_cast<double>(l.instances));
    count = l.instances;
  }
  return area;
}

double network_pj(const tensor_transfers& t, double hop, double router, double instances) {
  double wires = 0, routers = 0;
  for (const transfer_record& r : t.records) {
    if (r.accesses <= 0) continue;
    const double hops = r.hops / r.accesses;
    routers = std::trunc(routers + (1 + std::floor(hops)) * r.accesses);
    wires += hops * r.accesses;
  }
  return (wires * hop + routers * router + t.link_transfers * (hop + 2 * router)) * instances;
}

}  // namespace

double hop_pj(const architecture& a, int level) {
  const storage_level& l = a.levels[static_cast<std::size_t>(level)];
  if (l.energy_per_hop_pj) return *l.energy_per_hop_pj;
  const double width_um = l.tile_width_um ? *l.tile_width_um : std::sqrt(inner_tile_area(a, level));
  return static_cast<double>(l.network_word_bits) * (width_um / 1000) * l.wire_pj;
}

double area_of(const architecture& a) {
  double area = a.arithmetic.area_um2 * static_cast<double>(a.arithmetic.instances);
  for (const storage_level& l : a.levels) area += l.area_um2 * static_cast<double>(l.instances);
  return area;
}

void set_energy(const architecture& a, const problem& p, const nest& n, figures& f) {
  std::int64_t busy_cycles = f.compute_cycles;
  for (const level_figures& l : f.levels) busy_cycles = std::max(busy_cycles, l.cycles);
  f.compute_pj = static_cast<double>(f.macs) * a.arithmetic.mac_pj;
  f.energy_pj = f.compute_pj;
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    const storage_level& l = a.levels[b];
    const std::int64_t instances = n.instances(static_cast<int>(b));
    f.levels[b].leak_pj =
        l.leak_pj * static_cast<double>(busy_cycles) * static_cast<double>(instances);
    const double leak_share = f.levels[b].leak_pj / static_cast<double>(p.tensors.size());
    const double hop = hop_pj(a, static_cast<int>(b));
    for (std::size_t t = 0; t < p.tensors.size(); ++t) {
      tensor_figures& stored = f.levels[b].tensors[t];
      set_storage(l, instances, stored);
      stored.energy_pj += leak_share;
      tensor_transfers& moved = f.networks[b].tensors[t];
      moved.energy_pj = network_pj(moved, hop, l.router_pj, static_cast<double>(instances));
      f.energy_pj += stored.energy_pj + moved.energy_pj;
    }
  }
}

}  // namespace cugamma::timeloop::reference
