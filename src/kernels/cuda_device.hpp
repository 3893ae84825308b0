#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cugamma {

/// What the CUDA back end and the benchmarks need to know of a device.
struct cuda_device {
  int index = 0;
  std::string name;
  int compute_major = 0;
  int compute_minor = 0;
  int multiprocessors = 0;
  double clock_hz = 0;        ///< highest clock of the multiprocessors
  double memory_bytes_s = 0;  ///< peak bandwidth of the device's memory
  std::size_t memory_bytes = 0;
};

/// What the runtime says about driver and devices. Versions as CUDA writes them: 13000 is 13.0.
struct cuda_probe {
  int driver_version = 0;  ///< 0: no driver
  int runtime_version = 0;
  int device_count = 0;
  std::optional<int> best_compute;  ///< 10 * major + minor of the newest device
  std::string failure;              ///< any other error, empty if none
};

/// Oldest compute capability that the kernels are built for, 10 * major + minor.
inline constexpr int oldest_compute = 75;

/// Why CUDA cannot run, in words, or nothing if it can. Pure: see probe_cuda for the asking.
std::optional<std::string> cuda_obstacle(const cuda_probe& p);

/// Asks the CUDA runtime; never throws.
cuda_probe probe_cuda();

/// CUDA's numbers of the devices that the kernels can run on.
std::vector<int> usable_cuda_devices();

/// The usable device at that place among them, or below 0 the one with the most multiprocessors.
/// Throws backend_error naming the obstacle. precondition: there are so many
cuda_device find_cuda_device(int place = -1);

}  // namespace cugamma
