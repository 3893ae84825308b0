#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cugamma::timeloop {

/// Why a mapping is rejected, in the order in which Timeloop looks.
enum class rejection : std::uint8_t {
  none,
  unknown_dimension,
  spatial_without_fanout,
  imperfect_not_supported,
  factor_product,
  tensor_kept_nowhere,
  breakdown,  ///< Timeloop stops: a tensor's first accesses exceed all its accesses
  mac_instances,
  mac_mesh_x,
  mac_mesh_y,
  capacity,
  min_utilization,
  instances,
  mesh_x,
  mesh_y,
  fan_out_x,  ///< only searches ask: more columns at a level than its fan-out has
  fan_out_y,
};
inline constexpr int num_rejections = 17;
std::string_view name_of(rejection r);  ///< "mac_mesh_x"

/// Accesses that serve groups of equal size at once.
struct transfer_record {
  double multicast = 1;
  double scatter = 1;
  double accesses = 0;
  double hops = 0;  ///< sum over the accesses
};

/// Counts are words of one instance; energies are of all instances.
struct tensor_figures {
  bool is_kept = true;
  std::int64_t tile = 0;
  std::int64_t partition = 0;
  std::int64_t instances = 0;
  std::int64_t reads = 0;
  std::int64_t fills = 0;
  std::int64_t updates = 0;
  std::int64_t temporal_reductions = 0;
  std::int64_t address_generations = 0;
  double storage_pj = 0;
  double energy_pj = 0;  ///< storage, address generation, a share of the leakage
};

struct level_figures {
  std::int64_t cycles = 0;  ///< as this level's bandwidth bounds them
  double slowdown = 1;
  double leak_pj = 0;
  std::vector<tensor_figures> tensors;  ///< of the problem's tensors
};

/// What one tensor moves over the network below a level.
struct tensor_transfers {
  std::vector<transfer_record> records;  ///< empty: nothing
  double link_transfers = 0;             ///< between neighbours
  double spatial_reductions = 0;
  double energy_pj = 0;
};

struct network_figures {
  std::vector<tensor_transfers> tensors;
};

/// All figures of a mapping. A rejected one has only why and where.
struct figures {
  rejection why = rejection::none;
  int at = -1;  ///< the level that rejects; -1: the whole mapping or the arithmetic
  std::int64_t cycles = 0;
  double energy_pj = 0;
  double utilization = 0;  ///< 0 to 1
  std::int64_t macs = 0;
  double area_um2 = 0;
  std::int64_t compute_instances = 0;
  std::int64_t compute_cycles = 0;  ///< before bandwidth
  double compute_pj = 0;
  std::vector<level_figures> levels;      ///< the innermost first
  std::vector<network_figures> networks;  ///< networks[b] lies below level b
};

}  // namespace cugamma::timeloop
