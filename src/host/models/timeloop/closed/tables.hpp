#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/genome.hpp"
#include "cugamma/models/timeloop/problem.hpp"

/// Timeloop's figures in a few operations a loop, for one problem on one architecture: what every
/// back end evaluates in bulk. Functions of host and device, without heap.
namespace cugamma::timeloop::closed {

inline constexpr int max_terms = 16;  ///< of all axes of a tensor

struct term_row {
  std::int32_t coefficient = 0;
  std::int16_t dimension = 0;
  bool ends_axis = false;
};

/// A tensor. Its words have addresses, such that jumps of tiles are equal if and only if those of
/// their addresses are: an axis takes up four times its length.
struct tensor_row {
  std::array<term_row, max_terms> terms{};  ///< axis by axis, those that are an index first
  std::array<std::int64_t, max_dimensions> stride{};   ///< of an index in addresses; 0: irrelevant
  std::array<std::int32_t, max_dimensions> axis_of{};  ///< of a dimension; -1: none or several
  std::int32_t num_terms = 0;
  std::int32_t num_indices = 0;  ///< axes that are a dimension's index, no sum
  std::uint32_t relevant = 0;    ///< dimensions in its axes, as bits
  std::uint32_t sliding = 0;     ///< those that share an axis with others
  /// Those of each axis of several terms; 0 past the last.
  std::array<std::uint16_t, max_terms / 2 + 1> sliding_axes{};
  bool is_output = false;
};

struct level_row {
  std::int64_t fan_x = 1, fan_y = 1;
  std::int64_t instances = 1, mesh_x = 1, mesh_y = 1;
  std::int64_t clusters = 1;
  std::int64_t usable = 0;  ///< words; the largest number: unlimited
  double least = 0;         ///< words that tiles fill at least
  double read_bandwidth = 0, write_bandwidth = 0, shared_bandwidth = 0;  ///< infinite: unlimited
  std::array<double, max_tensors> scales{};                              ///< of bandwidth
  std::int64_t block_size = 1;
  std::int32_t block_shift = 0;  ///< its binary logarithm; -1: no whole number
  double read_pj = 0, fill_pj = 0, update_pj = 0, leak_pj = 0, address_pj = 0;
  double hop_pj = 0, router_pj = 0;
  bool supports_reduction = true;
  bool has_bandwidth = false;
  bool has_network_energy = false;
};

struct tables {
  genome_shape shape;
  std::array<std::int32_t, max_levels> spatial_place{};  ///< of a level; -1: it has none
  std::array<std::int32_t, max_levels> temporal_place{};
  std::array<tensor_row, max_tensors> tensors{};
  std::array<level_row, max_levels> levels{};
  std::int64_t mac_instances = 1, mac_mesh_x = 1, mac_mesh_y = 1;
  std::int64_t latency_cycles = 0;
  double compute_pj = 0;
  std::uint32_t output_dimensions = 0;  ///< in axes of the output, as bits
  bool may_break_down = false;  ///< first accesses of the output may exceed all its accesses
  bool may_be_simple =
      false;              ///< whether the simple form takes any mapping (kernels/timeloop/simple)
  bool is_short = false;  ///< whether all dimensions are below 2^16
};
static_assert(std::is_trivially_copyable_v<tables>);

/// Throws input_error for a problem that does not fit: a dimension of 2^31 or more, a tensor with
/// too many terms or addresses, or one that make_genome_shape refuses.
tables make_tables(const architecture& a, const problem& p);

}  // namespace cugamma::timeloop::closed
