#include "cugamma/models/timeloop/accelerator_architecture.hpp"

#include <fmt/format.h>

#include <limits>
#include <optional>

#include "cugamma/error.hpp"

namespace cugamma::timeloop {
namespace {

std::optional<std::int64_t> size(std::int64_t elements) {
  return elements == unlimited ? std::nullopt : std::optional(elements);
}

storage_level make_level(const std::string& name, double access_pj) {
  storage_level l;
  l.name = name;
  l.read_pj = l.fill_pj = l.update_pj = access_pj;
  return l;
}

}  // namespace

architecture architecture_of(const accelerator& a, const std::string& name) {
  const double mac_pj = a.constants.mac_energy_nj * 1000;
  const std::int64_t macs = std::int64_t{a.num_pes} * a.simd_lanes;
  if (macs > std::numeric_limits<std::int32_t>::max()) {
    throw input_error(fmt::format("{} PEs of {} MACs: found {} MACs, expected at most 2147483647",
                                  a.num_pes,
                                  a.simd_lanes,
                                  macs));
  }
  architecture made;
  made.name = name;
  made.arithmetic = {"MAC", macs, macs, 1, 16, mac_pj, 0};
  storage_level l1 = make_level("L1", a.constants.l1_energy_macs * mac_pj);
  l1.instances = l1.mesh_x = a.num_pes;
  l1.size_words = size(a.l1_size_elems);
  l1.multiple_buffering = 2;
  storage_level l2 = make_level("L2", a.constants.l2_energy_macs * mac_pj);
  l2.size_words = size(a.l2_size_elems);
  l2.multiple_buffering = 2;
  l2.read_bandwidth = l2.write_bandwidth = a.noc_bw;
  storage_level dram = make_level("DRAM", a.constants.dram_energy_macs * mac_pj);
  dram.is_dram = true;
  dram.supports_reduction = false;
  dram.shared_bandwidth = a.offchip_bw;
  made.levels = {l1, l2, dram};
  return made;
}

}  // namespace cugamma::timeloop
