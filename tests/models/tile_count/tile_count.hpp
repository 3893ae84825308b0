#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "cugamma/hd.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "models/maestro/legality.hpp"

namespace cugamma {

class device_scoring;

/// The model as the back ends run it: functions for host and device.
struct tile_count {
  using layer_table = layer;
  using accelerator_table = accelerator;
  static layer prepare(const layer& l) { return l; }
  static accelerator prepare(const accelerator& a) { return a; }

  CUGAMMA_HD static constexpr cost score(const genome& g, const layer& l, accelerator a) {
    if (!has_loop_orders(g)) return {.status = bad_structure};
    a.num_pes = pes_of(g, a);
    return price(l, a, to_mapping(g, l));
  }

  CUGAMMA_HD static constexpr cost price(const layer& l, const accelerator& a, const mapping& m) {
    cost c;
    c.status = check_legality(l, a, m);
    if (!is_legal(c.status)) return c;
    c.runtime_cycles = tiles_of(l, m);
    c.num_macs = layer_macs(l);
    return c;
  }

 private:
  /// Tiles of a directive over the part that the level above hands down.
  CUGAMMA_HD static constexpr std::int64_t tiles_of(const directive& d, std::int64_t part) {
    if (d.size >= part) return 1;
    return (part - d.size + d.offset - 1) / d.offset + 1;
  }

  CUGAMMA_HD static constexpr std::int64_t tiles_of(const layer& l, const mapping& m) {
    std::int64_t tiles = 1;
    std::array<std::int64_t, dimension_count> part{};
    for (int d = 0; d < dimension_count; ++d) part[d] = l.size[d];
    for (int level = 0; level < m.level_count; ++level) {
      for (int i = 0; i < m.levels[level].directive_count; ++i) {
        const directive& d = m.levels[level].directives[i];
        std::int64_t& above = part[index_of(d.dim)];
        tiles *= tiles_of(d, above);
        above = std::min<std::int64_t>(above, d.size);
      }
    }
    return tiles;
  }
};

/// tile_count.cu; tile_count_no_cuda.cpp in a build without CUDA.
std::unique_ptr<device_scoring> make_tile_count_device_scoring();

}  // namespace cugamma
