#include "cuda_device.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <algorithm>

#include "cuda_error.hpp"

namespace cugamma {
namespace {

int attribute(cudaDeviceAttr what, int device) {
  int value = 0;
  CUGAMMA_CUDA_CHECK(cudaDeviceGetAttribute(&value, what, device));
  return value;
}

int compute_of(int device) {
  return 10 * attribute(cudaDevAttrComputeCapabilityMajor, device) +
         attribute(cudaDevAttrComputeCapabilityMinor, device);
}

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

cuda_device describe(int index) {
  cudaDeviceProp properties{};
  CUGAMMA_CUDA_CHECK(cudaGetDeviceProperties(&properties, index));
  cuda_device d;
  d.index = index;
  d.name = properties.name;
  d.compute_major = properties.major;
  d.compute_minor = properties.minor;
  d.multiprocessors = properties.multiProcessorCount;
  d.clock_hz = 1e3 * attribute(cudaDevAttrClockRate, index);
  // The rate is in kHz of a double data rate bus, the width in bits.
  d.memory_bytes_s = 2e3 * attribute(cudaDevAttrMemoryClockRate, index) *
                     attribute(cudaDevAttrGlobalMemoryBusWidth, index) / 8;
  d.memory_bytes = properties.totalGlobalMem;
  return d;
}

}  // namespace

std::optional<std::string> cuda_obstacle(const cuda_probe& p) {
  if (p.driver_version == 0) return "no driver: the CUDA driver is not installed";
  if (p.driver_version / 1000 < p.runtime_version / 1000) {
    return fmt::format("driver too old: it supports CUDA {}, {} is needed",
                       version_text(p.driver_version),
                       version_text(p.runtime_version));
  }
  if (!p.failure.empty()) return p.failure;
  if (p.device_count == 0) return "no device: the CUDA driver finds no GPU";
  if (p.best_compute.value_or(0) < oldest_compute) {
    return fmt::format(
        "device too old: compute capability {:.1f}, {:.1f} is the oldest that is supported",
        p.best_compute.value_or(0) / 10.0,
        oldest_compute / 10.0);
  }
  return std::nullopt;
}

cuda_probe probe_cuda() {
  cuda_probe p;
  try {
    CUGAMMA_CUDA_CHECK(cudaRuntimeGetVersion(&p.runtime_version));
    CUGAMMA_CUDA_CHECK(cudaDriverGetVersion(&p.driver_version));
    if (p.driver_version == 0) return p;
    const cudaError_t counted = cudaGetDeviceCount(&p.device_count);
    if (counted == cudaErrorNoDevice) {
      static_cast<void>(cudaGetLastError());
      p.device_count = 0;
    } else {
      check_cuda(counted, "cudaGetDeviceCount", __FILE__, __LINE__);
    }
    for (int i = 0; i < p.device_count; ++i) {
      p.best_compute = std::max(p.best_compute.value_or(0), compute_of(i));
    }
  } catch (const cuda_error& e) {
    p.failure = e.what();
  }
  return p;
}

std::vector<int> usable_cuda_devices() {
  std::vector<int> usable;
  const int count = probe_cuda().device_count;
  for (int i = 0; i < count; ++i) {
    if (compute_of(i) >= oldest_compute) usable.push_back(i);
  }
  return usable;
}

cuda_device find_cuda_device(int place) {
  if (const auto obstacle = cuda_obstacle(probe_cuda())) {
    throw backend_error(fmt::format("back end 'cuda' cannot run: {}", *obstacle));
  }
  const std::vector<int> usable = usable_cuda_devices();
  if (place >= 0) return describe(usable.at(static_cast<std::size_t>(place)));
  return describe(*std::ranges::max_element(usable, {}, [](int i) {
    return attribute(cudaDevAttrMultiProcessorCount, i);
  }));
}

}  // namespace cugamma
