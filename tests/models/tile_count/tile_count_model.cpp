#include "models/tile_count/tile_count_model.hpp"

#include <array>

#include "models/host_scoring.hpp"
#include "models/maestro/legality.hpp"

namespace cugamma {
namespace {

std::optional<std::string> obstacle(const layer& l, const accelerator&) {
  if (l.stride_y == 1 && l.stride_x == 1) return std::nullopt;
  return "tile_count has no strides";
}

// Tiles of a directive over the part that the level above hands down.
std::int64_t tiles_of(const directive& d, std::int64_t part) {
  if (d.size >= part) return 1;
  return (part - d.size + d.offset - 1) / d.offset + 1;
}

std::int64_t tiles_of(const layer& l, const mapping& m) {
  std::int64_t tiles = 1;
  std::array<std::int64_t, 8> part{};
  for (std::size_t i = 0; i < part.size(); ++i) part[i] = l.size[i];
  for (int level = 0; level < m.level_count; ++level) {
    for (int i = 0; i < m.levels[level].directive_count; ++i) {
      const directive& d = m.levels[level].directives[i];
      std::int64_t& above = part[static_cast<std::size_t>(index_of(d.dim))];
      tiles *= tiles_of(d, above);
      above = std::min<std::int64_t>(above, d.size);
    }
  }
  return tiles;
}

cost price(const layer& l, const accelerator& a, const mapping& m) {
  cost c;
  c.status = check_legality(l, a, m);
  if (!is_legal(c.status)) return c;
  c.runtime_cycles = tiles_of(l, m);
  c.num_macs = layer_macs(l);
  return c;
}

/// The model as the back ends run it.
struct tile_count {
  using layer_table = layer;
  using accelerator_table = accelerator;
  static layer prepare(const layer& l) { return l; }
  static accelerator prepare(const accelerator& a) { return a; }
  static cost score(const genome& g, const layer& l, accelerator a) {
    if (!has_loop_orders(g)) return {.status = bad_structure};
    a.num_pes = pes_of(g, a);
    return price(l, a, to_mapping(g, l));
  }
};

double tiles(const cost& c, const accelerator&) { return static_cast<double>(c.runtime_cycles); }

constexpr std::array columns{report_column{"tiles", "", true, tiles}};

report explain(const layer& l, const accelerator& a, const mapping& m) {
  report r{price(l, a, m), {}};
  if (is_legal(r.figures.status)) r.values = {tiles(r.figures, a)};
  return r;
}

}  // namespace

const cost_model tile_count_model{.name = "tile_count",
                                  .about = "every tile of every level takes a cycle",
                                  .obstacle = obstacle,
                                  .explain = explain,
                                  .price = price,
                                  .make_scoring = make_plain_scoring<tile_count>,
                                  .searches_unit_stride = true,
                                  .second_energy = "second_energy_nj",
                                  .columns = columns,
                                  .doubts = {},
                                  .objectives = {},
                                  .formats = {}};

}  // namespace cugamma
