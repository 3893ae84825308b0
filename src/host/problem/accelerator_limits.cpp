#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <iterator>

#include "cugamma/error.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma {
namespace {

void expect_at_least(const char* name, std::int64_t found, std::int64_t least) {
  if (found >= least) return;
  throw input_error(fmt::format("{}: found {}, expected {} or more", name, found, least));
}

void check(const cost_constants& c) {
  constexpr double cost_constants::*all[] = {&cost_constants::mac_energy_nj,
                                             &cost_constants::l1_energy_macs,
                                             &cost_constants::l2_energy_macs,
                                             &cost_constants::cluster_energy_macs,
                                             &cost_constants::dram_energy_macs,
                                             &cost_constants::mac_area_um2,
                                             &cost_constants::mac_power_mw,
                                             &cost_constants::sram_area_um2_per_byte,
                                             &cost_constants::sram_power_mw_per_byte,
                                             &cost_constants::bus_area_um2,
                                             &cost_constants::bus_power_mw,
                                             &cost_constants::bus_c1,
                                             &cost_constants::bus_c0,
                                             &cost_constants::arbiter_area_um2,
                                             &cost_constants::arbiter_power_mw,
                                             &cost_constants::arbiter_c2,
                                             &cost_constants::arbiter_c1,
                                             &cost_constants::arbiter_c0,
                                             &cost_constants::budget_pe_area_um2,
                                             &cost_constants::budget_buffer_area_um2_per_byte};
  static_assert(sizeof(cost_constants) == sizeof(double) * std::size(all), "each is checked");
  for (const auto member : all) {
    if (!std::isfinite(c.*member)) {
      throw input_error(fmt::format("constants: found {}, expected finite numbers", c.*member));
    }
  }
}

}  // namespace

void check(const accelerator& a) {
  expect_at_least("num_pes", a.num_pes, 1);
  expect_at_least("simd_lanes", a.simd_lanes, 1);
  expect_at_least("noc_bw", a.noc_bw, 1);
  expect_at_least("noc_hops", a.noc_hops, 0);
  expect_at_least("noc_hop_latency", a.noc_hop_latency, 0);
  expect_at_least("offchip_bw", a.offchip_bw, 1);
  expect_at_least("l1_size_elems", a.l1_size_elems, unlimited);
  expect_at_least("l2_size_elems", a.l2_size_elems, unlimited);
  expect_at_least("cluster_buffer_elems", a.cluster_buffer_elems, unlimited);
  check(a.constants);
}

}  // namespace cugamma
