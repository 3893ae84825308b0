#include "models/exact/nest.hpp"

#include "cugamma/models/cost.hpp"

namespace cugamma::exact {
namespace {

// The tile that a directive cuts, in elements of the dimension (Y and X: of the output); 0 if it
// cuts no tiles that lie side by side.
std::int32_t tile_of(const directive& d, const layer& l) {
  const int dim = index_of(d.dim);
  const bool of_input = (dim == Y || dim == X) && !d.output_centric && l.type != layer_type::gemm;
  if (!of_input) return d.size >= 1 && d.offset == d.size ? d.size : 0;
  const std::int32_t stride = dim == Y ? l.stride_y : l.stride_x;
  const std::int32_t filter = l[dim == Y ? dimension::R : dimension::S];
  if (d.size < filter || (d.size - filter) % stride != 0) return 0;
  const std::int32_t tile = (d.size - filter) / stride + 1;
  return d.offset == tile * stride || d.size >= l[d.dim] ? tile : 0;
}

// Reads one level. False if it is none of the model's.
bool read_level(const layer& l, const cluster_level& from, int level, loop_nest& out) {
  unsigned named = 0;
  int place = 0, parallel_count = 0;
  for (int i = 0; i < from.directive_count; ++i) {
    const directive& d = from.directives[i];
    const int dim = index_of(d.dim);
    const std::int32_t tile = tile_of(d, l);
    if (dim >= dims || tile == 0 || (named >> dim & 1) != 0) return false;
    named |= 1u << dim;
    out.order[level][place++] = dim;
    out.chains[dim].levels[level].tile = tile;
    if (d.kind == directive_kind::spatial) {
      out.parallel[level] = dim;
      ++parallel_count;
    }
  }
  for (int dim = 0; dim < dims; ++dim) {
    if ((named >> dim & 1) == 0) {
      out.order[level][place++] = dim;
      out.chains[dim].levels[level].tile = out.chains[dim].size;
    }
  }
  return parallel_count == 1;
}

void cut_tiles(chain& c, int level_count) {
  std::int32_t above = c.size;
  for (int level = 0; level < level_count; ++level) {
    c.levels[level].tile = std::min(c.levels[level].tile, above);
    above = c.levels[level].tile;
  }
}

// No more sub-clusters than tiles of the largest box: the others never work, and with all of them
// 32 bits could not hold what a step works on.
void set_units(int level, loop_nest& out) {
  chain& c = out.chains[out.parallel[level]];
  tiling& t = c.levels[level];
  const std::int32_t largest = level == 0 ? c.size : c.levels[level - 1].tile;
  t.units = std::min(out.sub_clusters[level], ceil_div(largest, t.tile));
}

}  // namespace

void set_sizes(const layer& l, loop_nest& out) {
  for (int d = 0; d < dims; ++d) {
    out.chains[d].size = output_size(l, static_cast<dimension>(d));
  }
  out.rows = {l.stride_y, l[dimension::R]};
  out.columns = {l.stride_x, l[dimension::S]};
  out.depthwise = l.type == layer_type::dsconv;
}

std::uint32_t make_nest(const layer& l, const accelerator& a, const mapping& m, loop_nest& out) {
  if (m.level_count < 1 || m.level_count > most_levels) return bad_structure;
  out.level_count = m.level_count;
  set_sizes(l, out);
  std::int64_t pes_below = 1;
  for (int level = 0; level < m.level_count; ++level) {
    if (!read_level(l, m.levels[level], level, out)) return bad_structure;
    if (level == 0) continue;
    if (m.levels[level].cluster_size < 1) return bad_structure;
    out.sub_clusters[level] = m.levels[level].cluster_size;
    pes_below *= m.levels[level].cluster_size;
  }
  out.sub_clusters[0] = static_cast<std::int32_t>(a.num_pes / pes_below);
  if (out.sub_clusters[0] < 1) return clusters_exceed_pes;
  for (chain& c : out.chains) cut_tiles(c, m.level_count);
  for (int level = 0; level < m.level_count; ++level) set_units(level, out);
  return 0;
}

}  // namespace cugamma::exact
