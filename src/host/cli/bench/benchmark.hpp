#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"

namespace cugamma::cli {

/// One back end at one population size. Times are of one call, over the repetitions.
struct measurement {
  std::string back_end;
  std::size_t population = 0;
  double median_seconds = 0;
  double least_seconds = 0;
  double most_seconds = 0;
  /// Back ends on a device: time in kernels alone, of a run of its own without overlap; bytes
  /// moved.
  double kernel_seconds = 0;
  device_profile profile;

  double mappings_per_second() const { return static_cast<double>(population) / median_seconds; }
  double kernel_mappings_per_second() const {
    return static_cast<double>(population) / kernel_seconds;
  }
};

/// Instructions that the score kernel executes for a mapping that the closed form finishes, as a
/// profiler counted them on sm_90. What other mappings take is not in the shares below.
inline constexpr double kernel_lane_instructions = 3100;

/// Share of a device's issue rate (four warp instructions a cycle and multiprocessor) and of its
/// memory bandwidth that the kernel's rate amounts to; nothing for host back ends.
struct device_shares {
  double arithmetic = 0;
  double bandwidth = 0;
};
std::optional<device_shares> shares_of(const measurement& m);

/// The seconds of each call but the first, which warms up, the least first.
std::vector<double> sorted_seconds(int repetitions, const std::function<double()>& time);

/// Scores a sample of a batch with a back end and with the reference. Throws backend_error naming
/// the first mapping on which they differ.
void verify_sample(evaluator& e, const cost_model& model, const batch& b, std::size_t sample);

/// Times a back end on a batch: one call to warm up, then the repetitions.
measurement measure(const std::string& back_end,
                    const batch& b,
                    int repetitions,
                    evaluator_options options);

/// MAESTRO's own program on the first mappings of a batch.
struct maestro_run {
  std::size_t mappings = 0;
  std::size_t failed = 0;     ///< it wrote no figures
  std::size_t differing = 0;  ///< runtime, MACs, L2 accesses or sizes other than the reference's
  double seconds = 0;
};

/// Runs the program once for each of the first `sample` legal mappings, in a temporary folder.
/// Throws backend_error if it is not there or writes no figures at all.
maestro_run run_maestro(const std::string& program, const batch& b, std::size_t sample);

}  // namespace cugamma::cli
