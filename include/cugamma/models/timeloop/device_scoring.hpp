#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "cugamma/models/timeloop/scoring.hpp"

namespace cugamma::timeloop {

/// As scorer, on a CUDA device, a mapping a thread; what takes a list of elements the host
/// finishes. The same bits.
class device_scorer {
 public:
  /// timed: measures the time in kernels; transfers then do not overlap with them. Throws
  /// backend_error if CUDA cannot run here, input_error as scorer does.
  device_scorer(const architecture& a, const problem& p, bool timed = false);
  ~device_scorer();
  device_scorer(device_scorer&&) noexcept;
  device_scorer& operator=(device_scorer&&) noexcept;

  const genome_shape& shape() const;

  /// Throws backend_error if the device fails. preconditions: as many costs as genomes; one call at
  /// a time
  void score(std::span<const genome> genomes, std::span<cost> costs);

  /// What the last call to score took: time in kernels, and mappings that the host finished.
  struct effort {
    double kernel_seconds = 0;  ///< 0 unless timed
    std::size_t on_host = 0;
  };
  const effort& last_effort() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace cugamma::timeloop
