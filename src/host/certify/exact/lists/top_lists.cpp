#include "certify/exact/lists/top_lists.hpp"

#include <algorithm>
#include <limits>

#include "certify/exact/terms/busy.hpp"

namespace cugamma::exact {
namespace {

/// The cluster sizes that give a dimension of so many tiles so many sub-clusters.
void set_cluster_sizes(const question& q, std::int32_t tiles, top_list& list) {
  list.largest_cluster = std::min(q.largest_cluster, q.machine.num_pes / list.units);
  list.least_cluster = list.units == tiles ? 1 : q.machine.num_pes / (list.units + 1) + 1;
  list.least_cluster = std::max(list.least_cluster, q.least_cluster);
}

}  // namespace

class_grid::class_grid(const question& q) {
  for (std::size_t d = 0; d < free_dims; ++d) {
    const tile_bounds& rule = q.tiles[0][d];
    classes[d] = tile_classes(q.size[d], rule.least_below(q.size[d]), rule.most_below(q.size[d]));
    of_tile[d] = class_of_tiles(classes[d], q.size[d]);
  }
}

std::vector<top_list> empty_lists(const question& q) {
  top_list none;
  none.least_cluster = q.least_cluster;
  none.largest_cluster = q.largest_cluster;
  std::vector<top_list> all{none};
  for (int d = 0; d < free_dims; ++d) {
    if (!contains(q.parallel[0], d)) continue;
    const std::int32_t size = q.size[at(d)];
    const tile_bounds& rule = q.tiles[0][at(d)];
    const std::int32_t most = std::min(rule.most_below(size), size - 1);
    for (std::int32_t tile = rule.least_below(size); tile <= most; ++tile) {
      const std::int32_t tiles = ceil_div(size, tile);
      for (std::int32_t units = 2; units <= std::min(tiles, q.machine.num_pes); ++units) {
        top_list list;
        list.parallel = d;
        list.tile = tile;
        list.units = units;
        set_cluster_sizes(q, tiles, list);
        if (list.least_cluster > list.largest_cluster) continue;
        list.steps = ceil_div(tiles, units);
        list.busy = static_cast<double>(busy_extent(size, tile, units, 1, 1));
        all.push_back(std::move(list));
      }
    }
  }
  return all;
}

double least_busy(const question& q, const top_list& list, int inner, double inner_busy) {
  double busy = 1;
  for (int d = 0; d < free_dims; ++d) {
    double extent = q.size[at(d)];
    if (d == inner) extent = list.parallel == d ? inner_busy / list.units : inner_busy;
    if (d == list.parallel && d != inner) extent = list.busy;
    busy *= extent;
  }
  return busy;
}

}  // namespace cugamma::exact
