#include "models/tile_count/tile_count_model.hpp"

#include <array>

#include "models/host_scoring.hpp"
#include "models/tile_count/tile_count.hpp"

namespace cugamma {
namespace {

std::optional<std::string> obstacle(const layer& l, const accelerator&) {
  if (l.stride_y == 1 && l.stride_x == 1) return std::nullopt;
  return "tile_count has no strides";
}

double tiles(const cost& c, const accelerator&) { return static_cast<double>(c.runtime_cycles); }

constexpr std::array columns{report_column{"tiles", "", true, tiles}};

report explain(const layer& l, const accelerator& a, const mapping& m) {
  report r{tile_count::price(l, a, m), {}};
  if (is_legal(r.figures.status)) r.values = {tiles(r.figures, a)};
  return r;
}

}  // namespace

const cost_model tile_count_model{.name = "tile_count",
                                  .about = "every tile of every level takes a cycle",
                                  .obstacle = obstacle,
                                  .explain = explain,
                                  .price = tile_count::price,
                                  .make_scoring = make_plain_scoring<tile_count>,
                                  .make_device_scoring = make_tile_count_device_scoring,
                                  .searches_unit_stride = true,
                                  .second_energy = "second_energy_nj",
                                  .columns = columns,
                                  .doubts = {},
                                  .objectives = {},
                                  .formats = {}};

}  // namespace cugamma
