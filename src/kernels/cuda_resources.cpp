#include "cuda_resources.hpp"

#include <cstdint>

#include "cuda_error.hpp"

namespace cugamma {

cuda_stream::cuda_stream() {
  CUGAMMA_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

cuda_stream::~cuda_stream() {
  drain();
  if (stream_ != nullptr) static_cast<void>(cudaStreamDestroy(stream_));
}

void cuda_stream::synchronize() const { CUGAMMA_CUDA_CHECK(cudaStreamSynchronize(stream_)); }

void cuda_stream::drain() const noexcept {
  if (stream_ != nullptr) static_cast<void>(cudaStreamSynchronize(stream_));
}

cuda_event::cuda_event(kind k) {
  const unsigned flags =
      k == kind::timed ? cudaEventDefault : cudaEventDisableTiming | cudaEventBlockingSync;
  CUGAMMA_CUDA_CHECK(cudaEventCreateWithFlags(&event_, flags));
}

cuda_event::~cuda_event() {
  if (event_ != nullptr) static_cast<void>(cudaEventDestroy(event_));
}

void cuda_event::record(const cuda_stream& s) {
  CUGAMMA_CUDA_CHECK(cudaEventRecord(event_, s.get()));
}

void cuda_event::synchronize() const { CUGAMMA_CUDA_CHECK(cudaEventSynchronize(event_)); }

double cuda_event::seconds_since(const cuda_event& start) const {
  float milliseconds = 0;
  CUGAMMA_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, start.event_, event_));
  return milliseconds * 1e-3;
}

cuda_graph::~cuda_graph() {
  if (graph_ != nullptr) static_cast<void>(cudaGraphExecDestroy(graph_));
}

void cuda_graph::launch(const cuda_stream& s) const {
  CUGAMMA_CUDA_CHECK(cudaGraphLaunch(graph_, s.get()));
}

// Thread local: other threads may allocate meanwhile, for devices of their own.
void cuda_graph::begin_capture(const cuda_stream& s) {
  CUGAMMA_CUDA_CHECK(cudaStreamBeginCapture(s.get(), cudaStreamCaptureModeThreadLocal));
}

cuda_graph cuda_graph::end_capture(const cuda_stream& s) {
  cudaGraph_t captured = nullptr;
  CUGAMMA_CUDA_CHECK(cudaStreamEndCapture(s.get(), &captured));
  cuda_graph made;
  const cudaError_t status = cudaGraphInstantiate(&made.graph_, captured, 0);
  static_cast<void>(cudaGraphDestroy(captured));
  CUGAMMA_CUDA_CHECK(status);
  return made;
}

void cuda_graph::abandon_capture(const cuda_stream& s) noexcept {
  cudaGraph_t captured = nullptr;
  static_cast<void>(cudaStreamEndCapture(s.get(), &captured));
  if (captured != nullptr) static_cast<void>(cudaGraphDestroy(captured));
  static_cast<void>(cudaGetLastError());
}

namespace detail {

void* allocate_device(std::size_t bytes, cudaStream_t s) {
  void* data = nullptr;
  if (bytes != 0) CUGAMMA_CUDA_CHECK(cudaMallocAsync(&data, bytes, s));
  return data;
}

void free_device(void* data, cudaStream_t s) noexcept {
  if (data != nullptr) static_cast<void>(cudaFreeAsync(data, s));
}

void* allocate_pinned(std::size_t bytes) {
  void* data = nullptr;
  if (bytes != 0) CUGAMMA_CUDA_CHECK(cudaMallocHost(&data, bytes));
  return data;
}

void free_pinned(void* data) noexcept {
  if (data != nullptr) static_cast<void>(cudaFreeHost(data));
}

void copy_async(void* to, const void* from, std::size_t bytes, cudaStream_t s) {
  if (bytes != 0) CUGAMMA_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, s));
}

void zero_async(void* data, std::size_t bytes, cudaStream_t s) {
  if (bytes != 0) CUGAMMA_CUDA_CHECK(cudaMemsetAsync(data, 0, bytes, s));
}

}  // namespace detail

namespace {

class pinned_resource final : public std::pmr::memory_resource {
  // What the runtime gives is aligned to a page.
  void* do_allocate(std::size_t bytes, std::size_t) override {
    return detail::allocate_pinned(std::max<std::size_t>(bytes, 1));
  }
  void do_deallocate(void* data, std::size_t, std::size_t) override { detail::free_pinned(data); }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

}  // namespace

std::pmr::memory_resource* pinned_memory() {
  static pinned_resource memory;
  return &memory;
}

void use_device(int device) { CUGAMMA_CUDA_CHECK(cudaSetDevice(device)); }

void keep_pool_memory(int device) {
  cudaMemPool_t pool = nullptr;
  CUGAMMA_CUDA_CHECK(cudaDeviceGetDefaultMemPool(&pool, device));
  std::uint64_t keep = UINT64_MAX;
  CUGAMMA_CUDA_CHECK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep));
}

std::size_t free_device_memory(int device) {
  std::size_t free = 0;
  std::size_t total = 0;
  CUGAMMA_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  cudaMemPool_t pool = nullptr;
  CUGAMMA_CUDA_CHECK(cudaDeviceGetDefaultMemPool(&pool, device));
  std::uint64_t reserved = 0;
  std::uint64_t used = 0;
  CUGAMMA_CUDA_CHECK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReservedMemCurrent, &reserved));
  CUGAMMA_CUDA_CHECK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used));
  return free + static_cast<std::size_t>(reserved - used);
}

bool is_pinned(const void* data) {
  cudaPointerAttributes attributes{};
  CUGAMMA_CUDA_CHECK(cudaPointerGetAttributes(&attributes, data));
  return attributes.type == cudaMemoryTypeHost;
}

}  // namespace cugamma
