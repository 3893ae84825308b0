#include <algorithm>

#include "cuda_error.hpp"
#include "timeloop/score_kernel.hpp"

namespace cugamma::timeloop {
namespace {

__device__ void list(std::uint32_t* places, std::uint32_t place) {
  places[1 + atomicAdd(&places[0], 1u)] = place;
}

/// Simple mappings. The tables are in constant memory, as any kernel's arguments.
template <int Tensors, class Factor>
__global__ void __launch_bounds__(max_block_threads)
    simple_kernel(const score_input in, const __grid_constant__ closed::tables t) {
  extern __shared__ double memory[];
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= in.count) return;
  const simple::thread_rows<Factor> rows(t.shape, memory, blockDim.x, threadIdx.x);
  if (!score_simple<Tensors>(in, t, i, rows)) list(in.not_simple, i);
}

/// The others. How many is known to the device alone, so each thread takes every n-th of them.
__global__ void __launch_bounds__(max_block_threads)
    closed_kernel(const score_input in, const __grid_constant__ closed::tables t) {
  const std::uint32_t count = in.not_simple != nullptr ? in.not_simple[0] : in.count;
  for (std::uint32_t at = blockIdx.x * blockDim.x + threadIdx.x; at < count;
       at += gridDim.x * blockDim.x) {
    const std::uint32_t i = in.not_simple != nullptr ? in.not_simple[1 + at] : at;
    if (!score_closed(in, t, i)) list(in.left, i);
  }
}

/// Bytes of shared memory that a block may have.
std::size_t shared_bytes() {
  int device = 0, bytes = 0;
  CUGAMMA_CUDA_CHECK(cudaGetDevice(&device));
  CUGAMMA_CUDA_CHECK(
      cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  return static_cast<std::size_t>(bytes);
}

template <int Tensors, class Factor>
void launch_simple(const score_input& in,
                   const closed::tables& t,
                   int multiprocessors,
                   cudaStream_t s) {
  launch_policy p = choose_launch(in.count, multiprocessors);
  const std::size_t most = shared_bytes();
  std::size_t bytes = simple::thread_rows<Factor>::bytes(t.shape, p.block_threads);
  for (; bytes > most; bytes /= 2) p.block_threads /= 2;
  const auto kernel = simple_kernel<Tensors, Factor>;
  CUGAMMA_CUDA_CHECK(cudaFuncSetAttribute(kernel,
                                          cudaFuncAttributeMaxDynamicSharedMemorySize,
                                          static_cast<int>(bytes)));
  kernel<<<block_count(in.count, p), p.block_threads, bytes, s>>>(in, t);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

template <int Tensors>
void launch_simple(const score_input& in,
                   const closed::tables& t,
                   int multiprocessors,
                   cudaStream_t s) {
  return t.is_short ? launch_simple<Tensors, std::uint16_t>(in, t, multiprocessors, s)
                    : launch_simple<Tensors, std::int32_t>(in, t, multiprocessors, s);
}

/// Blocks of the closed kernel that a multiprocessor has room for.
constexpr int resident_blocks = 7;

}  // namespace

void launch_score(const score_input& in,
                  const closed::tables& t,
                  int multiprocessors,
                  cudaStream_t s) {
  if (in.not_simple != nullptr) {
    t.shape.num_tensors <= 3 ? launch_simple<3>(in, t, multiprocessors, s)
                             : launch_simple<max_tensors>(in, t, multiprocessors, s);
  }
  const launch_policy p = choose_launch(in.count, multiprocessors);
  const auto resident = static_cast<unsigned>(multiprocessors * resident_blocks);
  const unsigned blocks = std::min(block_count(in.count, p), resident);
  closed_kernel<<<blocks, p.block_threads, 0, s>>>(in, t);
  CUGAMMA_CUDA_CHECK(cudaGetLastError());
}

}  // namespace cugamma::timeloop
