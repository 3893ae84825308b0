#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cugamma/hd.hpp"
#include "cugamma/models/timeloop/genome.hpp"
#include "cugamma/models/timeloop/problem.hpp"

/// What the simple form (score.hpp) reads of a mapping, and what it keeps besides registers. A
/// device has both in memory of its own (kernels/timeloop/device_rows.hpp).
namespace cugamma::timeloop::simple {

/// A genome on the host.
class host_genome {
 public:
  explicit host_genome(const genome& g) : bytes_(reinterpret_cast<const unsigned char*>(&g)) {}
  /// Bytes from `offset` on, the first in the lowest bits: eight, or five if offset is no multiple
  /// of four.
  std::uint64_t from(std::size_t offset) const {
    std::uint64_t word;
    memcpy(&word, bytes_ + offset, sizeof(word));
    return word;
  }

 private:
  const unsigned char* bytes_;
};

/// Numbers that are looked up by an index of the run. Of place p and dimension d: p * dimensions +
/// d.
class host_rows {
 public:
  /// The factor of a dimension at a place.
  std::int32_t& factor(int i) { return factors_[i]; }
  /// The product of its factors at all places inside of it; past the last place, its size.
  std::int32_t& inside(int i) { return insides_[i]; }
  double& amount(int i) { return amounts_[i]; }

 private:
  std::int32_t factors_[max_places * max_dimensions];
  std::int32_t insides_[(max_places + 1) * max_dimensions];
  double amounts_[(max_tensors + 1) * max_levels];
};

}  // namespace cugamma::timeloop::simple
