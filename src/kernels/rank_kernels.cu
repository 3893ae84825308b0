#include <thrust/execution_policy.h>

#include "cuda_resources.hpp"
#include "rank_kernels.hpp"
#include "rank_passes.hpp"

namespace cugamma {
namespace {

// Gives thrust its temporary storage from the stream's pool.
struct stream_allocator {
  using value_type = char;
  cudaStream_t stream;
  char* allocate(std::ptrdiff_t bytes) {
    return static_cast<char*>(detail::allocate_device(static_cast<std::size_t>(bytes), stream));
  }
  void deallocate(char* data, std::size_t) { detail::free_device(data, stream); }
};

}  // namespace

void rank_on_device(const rank_input& in,
                    const rank_scratch& at,
                    std::uint32_t count,
                    ranked_mapping* best,
                    cudaStream_t s) {
  stream_allocator allocator{s};
  const auto policy = thrust::cuda::par_nosync(allocator).on(s);
  rank_population(policy, in, at);
  take_best(policy, in, at, count, best);
}

}  // namespace cugamma
