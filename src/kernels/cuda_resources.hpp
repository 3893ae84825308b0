#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstddef>
#include <memory_resource>
#include <span>
#include <type_traits>
#include <utility>

namespace cugamma {

/// A stream, owned. Work given to it runs in order; destruction waits for that work.
class cuda_stream {
 public:
  cuda_stream();
  ~cuda_stream();
  cuda_stream(cuda_stream&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
  cuda_stream& operator=(cuda_stream&& other) noexcept {
    std::swap(stream_, other.stream_);
    return *this;
  }

  cudaStream_t get() const { return stream_; }
  /// Waits for all work of the stream; throws cuda_error if any of it failed.
  void synchronize() const;
  /// Waits for all work of the stream, whatever became of it.
  void drain() const noexcept;

 private:
  cudaStream_t stream_ = nullptr;
};

/// A point in a stream, owned. Some measure the time between two of them; others let the thread
/// that waits for them sleep.
class cuda_event {
 public:
  enum class kind { timed, awaited };
  explicit cuda_event(kind k);
  ~cuda_event();
  cuda_event(cuda_event&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  cuda_event& operator=(cuda_event&& other) noexcept {
    std::swap(event_, other.event_);
    return *this;
  }

  void record(const cuda_stream& s);
  void synchronize() const;
  /// Seconds from start to this event. precondition: both timed, recorded and reached
  double seconds_since(const cuda_event& start) const;

 private:
  cudaEvent_t event_ = nullptr;
};

/// Work of a stream kept as a whole, to be given to a stream again by one call.
class cuda_graph {
 public:
  cuda_graph() = default;
  ~cuda_graph();
  cuda_graph(cuda_graph&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)) {}
  cuda_graph& operator=(cuda_graph&& other) noexcept {
    std::swap(graph_, other.graph_);
    return *this;
  }

  /// Keeps what work() gives to a stream, none of which is run. Throws what work throws.
  template <class Work>
  static cuda_graph capture(const cuda_stream& s, Work work) {
    begin_capture(s);
    try {
      work();
    } catch (...) {
      abandon_capture(s);
      throw;
    }
    return end_capture(s);
  }

  bool is_empty() const { return graph_ == nullptr; }
  void launch(const cuda_stream& s) const;

 private:
  static void begin_capture(const cuda_stream& s);
  static cuda_graph end_capture(const cuda_stream& s);
  static void abandon_capture(const cuda_stream& s) noexcept;

  cudaGraphExec_t graph_ = nullptr;
};

namespace detail {
void* allocate_device(std::size_t bytes, cudaStream_t s);
void free_device(void* data, cudaStream_t s) noexcept;
void* allocate_pinned(std::size_t bytes);
void free_pinned(void* data) noexcept;
void copy_async(void* to, const void* from, std::size_t bytes, cudaStream_t s);
void zero_async(void* data, std::size_t bytes, cudaStream_t s);
}  // namespace detail

/// Makes a device the one that this thread's calls go to.
void use_device(int device);

/// Lets the device's memory pool keep what is freed, so that a steady state allocates nothing.
void keep_pool_memory(int device);

/// Free bytes of device memory, what the pool holds unused included.
std::size_t free_device_memory(int device);

/// True if host memory at data is page-locked: copies from and to it need no staging.
bool is_pinned(const void* data);

/// Page-locked host memory for callers. Throws cuda_error if there is none.
std::pmr::memory_resource* pinned_memory();

/// Array of T in device memory, allocated and freed in the order of one stream. The stream must
/// outlive it.
template <class T>
class device_buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  device_buffer() = default;
  device_buffer(std::size_t size, const cuda_stream& s)
      : data_(static_cast<T*>(detail::allocate_device(size * sizeof(T), s.get()))),
        size_(size),
        stream_(s.get()) {}
  ~device_buffer() { detail::free_device(data_, stream_); }
  device_buffer(device_buffer&& other) noexcept { swap(other); }
  device_buffer& operator=(device_buffer&& other) noexcept {
    swap(other);
    return *this;
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

  /// Makes room for at least size elements; what it held is lost if it has to grow.
  void reserve(std::size_t size, const cuda_stream& s) {
    if (size <= size_) return;
    *this = device_buffer();
    *this = device_buffer(size, s);
  }

 private:
  void swap(device_buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(stream_, other.stream_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  cudaStream_t stream_ = nullptr;
};

/// Array of T in page-locked host memory, which device copies and kernels reach directly.
template <class T>
class pinned_buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  pinned_buffer() = default;
  explicit pinned_buffer(std::size_t size)
      : data_(static_cast<T*>(detail::allocate_pinned(size * sizeof(T)))), size_(size) {}
  ~pinned_buffer() { detail::free_pinned(data_); }
  pinned_buffer(pinned_buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  pinned_buffer& operator=(pinned_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<T> first(std::size_t count) const { return {data_, count}; }

  /// Makes room for at least size elements; what it held is lost if it has to grow.
  void reserve(std::size_t size) {
    if (size <= size_) return;
    *this = pinned_buffer();
    *this = pinned_buffer(size);
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Copies host elements to the device, from an element on, in stream order. The host memory must
/// stay until then.
template <class T>
void upload(std::span<const T> from,
            const device_buffer<T>& to,
            const cuda_stream& s,
            std::size_t first = 0) {
  detail::copy_async(to.data() + first, from.data(), from.size_bytes(), s.get());
}

/// Sets the first elements of a device buffer to zero bits, in stream order.
template <class T>
void zero(const device_buffer<T>& data, std::size_t count, const cuda_stream& s) {
  detail::zero_async(data.data(), count * sizeof(T), s.get());
}

/// Copies elements of a device buffer, from one of them on, to the host, in stream order.
template <class T>
void download(const device_buffer<T>& from,
              std::span<T> to,
              const cuda_stream& s,
              std::size_t first = 0) {
  detail::copy_async(to.data(), from.data() + first, to.size_bytes(), s.get());
}

}  // namespace cugamma
