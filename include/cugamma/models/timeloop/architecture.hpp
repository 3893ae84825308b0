#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cugamma::timeloop {

inline constexpr int max_levels = 6;

/// A storage level. Names of the attributes: Timeloop's, in our spelling; files resolve defaults.
struct storage_level {
  std::string name;
  std::int64_t instances = 1;
  std::int64_t mesh_x = 1;  ///< columns of instances over the whole accelerator
  std::int64_t mesh_y = 1;
  bool is_dram = false;
  std::int64_t word_bits = 16;
  std::int64_t block_size = 1;             ///< words of a vector access
  std::int64_t cluster_size = 1;           ///< instances that share an access
  std::optional<std::int64_t> size_words;  ///< of an instance, before buffering; none: unlimited
  double multiple_buffering = 1;           ///< the usable size is floor(size / this)
  double min_utilization = 0;              ///< least share of the usable size that tiles fill
  std::optional<double> read_bandwidth;    ///< words a cycle of an instance; none: unlimited
  std::optional<double> write_bandwidth;
  std::optional<double> shared_bandwidth;
  std::vector<double> bandwidth_scales;  ///< of each tensor of the problem; empty: all 1
  bool supports_reduction = true;        ///< adds updates up on the way; false for DRAM
  double read_pj = 0;                    ///< of a vector access
  double fill_pj = 0;
  double update_pj = 0;
  double leak_pj = 0;  ///< of an instance, a cycle
  double address_generation_pj = 0;
  double area_um2 = 0;  ///< of an instance
  // The network between this level and the next inner one.
  double network_latency_cycles = 0;  ///< fill and drain
  std::int64_t network_word_bits = 16;
  double router_pj = 0;
  double wire_pj = 0;                       ///< a bit and mm
  std::optional<double> tile_width_um;      ///< of the inner tile; none: from the areas
  std::optional<double> energy_per_hop_pj;  ///< of a word; none: from wire_pj and tile width
  friend bool operator==(const storage_level&, const storage_level&) = default;
};

/// The arithmetic units.
struct arithmetic_units {
  std::string name;
  std::int64_t instances = 1;
  std::int64_t mesh_x = 1;
  std::int64_t mesh_y = 1;
  std::int64_t word_bits = 16;
  double mac_pj = 1;
  double area_um2 = 0;
  friend bool operator==(const arithmetic_units&, const arithmetic_units&) = default;
};

/// An accelerator as Timeloop describes it: a chain of storage levels above the arithmetic.
struct architecture {
  std::string name;  ///< of the file's top component; may be empty
  arithmetic_units arithmetic;
  std::vector<storage_level> levels;  ///< the innermost first, 1 to max_levels
  friend bool operator==(const architecture&, const architecture&) = default;
};

/// Columns and rows of what one instance of a level feeds: instances of the next inner level, or
/// MACs. preconditions: the meshes of the inner level are multiples of the outer one's
struct fan_out {
  std::int64_t x = 1;
  std::int64_t y = 1;
};
fan_out fan_out_of(const architecture& a, int level);

/// Words that tiles may take of an instance; none: unlimited.
std::optional<std::int64_t> usable_size(const storage_level& l);

}  // namespace cugamma::timeloop
