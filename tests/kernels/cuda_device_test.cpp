#include "cuda_device.hpp"

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cuda_error.hpp"
#include "cuda_resources.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "maestro/maestro_kernels.hpp"

namespace cugamma {
namespace {

cuda_probe usable() {
  return {.driver_version = 13000,
          .runtime_version = 13000,
          .device_count = 1,
          .best_compute = 90,
          .failure = {}};
}

std::string obstacle_of(const cuda_probe& p) { return cuda_obstacle(p).value_or("none"); }

TEST(CudaDevice, NamesEachObstacle) {
  EXPECT_EQ(obstacle_of(usable()), "none");

  cuda_probe p = usable();
  p.driver_version = 0;
  EXPECT_EQ(obstacle_of(p), "no driver: the CUDA driver is not installed");

  p = usable();
  p.driver_version = 12040;
  EXPECT_EQ(obstacle_of(p), "driver too old: it supports CUDA 12.4, 13.0 is needed");

  p = usable();
  p.device_count = 0;
  p.best_compute.reset();
  EXPECT_EQ(obstacle_of(p), "no device: the CUDA driver finds no GPU");

  p = usable();
  p.best_compute = 61;
  EXPECT_EQ(obstacle_of(p),
            "device too old: compute capability 6.1, 7.5 is the oldest that is supported");

  p = usable();
  p.failure = "cudaGetDeviceCount: cudaErrorUnknown";
  EXPECT_EQ(obstacle_of(p), p.failure);
}

TEST(CudaDevice, MinorDriverVersionsAreCompatible) {
  cuda_probe p = usable();
  p.runtime_version = 13050;
  EXPECT_EQ(obstacle_of(p), "none");
}

TEST(CudaDevice, ProbeNeverThrowsAndAgreesWithFinding) {
  const auto obstacle = cuda_obstacle(probe_cuda());
  if (!obstacle) {
    EXPECT_GT(find_cuda_device().multiprocessors, 0);
    return;
  }
  try {
    find_cuda_device();
    FAIL() << "found a device in spite of: " << *obstacle;
  } catch (const backend_error& e) {
    EXPECT_NE(std::string(e.what()).find(*obstacle), std::string::npos);
  }
}

TEST(CudaError, SaysWhatFailedAndWhere) {
  try {
    CUGAMMA_CUDA_CHECK(cudaErrorMemoryAllocation);
    FAIL();
  } catch (const cuda_error& e) {
    const std::string what = e.what();
    EXPECT_NE(what.find("cuda_device_test.cpp:"), std::string::npos) << what;
    EXPECT_NE(what.find("cudaErrorMemoryAllocation"), std::string::npos) << what;
    EXPECT_EQ(e.code(), cudaErrorMemoryAllocation);
  }
}

TEST(CudaResources, WithoutADeviceEveryOwnerFailsWithAnError) {
  if (!cuda_obstacle(probe_cuda())) GTEST_SKIP() << "a device is there";
  EXPECT_THROW(cuda_stream(), cuda_error);
  EXPECT_THROW(cuda_event(cuda_event::kind::timed), cuda_error);
  EXPECT_THROW(pinned_buffer<int>(1000), cuda_error);
  EXPECT_THROW(static_cast<void>(pinned_memory()->allocate(64)), cuda_error);
  EXPECT_THROW(use_device(0), cuda_error);
}

TEST(CudaResources, EmptyOwnersNeedNoDevice) {
  pinned_buffer<int> pinned;
  device_buffer<int> device;
  pinned_buffer<int> moved = std::move(pinned);
  EXPECT_EQ(moved.data(), nullptr);
  EXPECT_EQ(device.size(), 0u);
}

TEST(CudaResources, OutOfMemoryAndAFailingLaunchLeaveTheDeviceUsable) {
  if (const auto obstacle = cuda_obstacle(probe_cuda())) {
    const char* required = std::getenv("CUGAMMA_REQUIRE_GPU");
    if (required != nullptr && std::string(required) == "1") FAIL() << *obstacle;
    GTEST_SKIP() << "cuda: " << *obstacle;
  }
  use_device(find_cuda_device().index);
  const cuda_stream s;
  EXPECT_THROW(device_buffer<char>(std::size_t{1} << 46, s), cuda_error);
  maestro_input one;
  one.count = 1;
  EXPECT_THROW(launch_score(one, {.block_threads = 1 << 20}, s.get()), cuda_error);

  const layer l;
  const accelerator a;
  const std::vector<genome> genomes(5000);
  std::vector<cost> expected(genomes.size()), got(genomes.size());
  make_evaluator("cpu")->evaluate({{&l, 1}, {&a, 1}, genomes}, expected);
  make_evaluator("cuda")->evaluate({{&l, 1}, {&a, 1}, genomes}, got);
  EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace cugamma
