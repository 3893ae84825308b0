#pragma once

#include <memory>

#include "cuda_error.hpp"
#include "device_scoring.hpp"
#include "device_tables.hpp"
#include "launch_policy.hpp"
#include "left_over.cuh"
#include "models/host_scoring.hpp"

/// A model of plain functions on a device. To be included by a .cu file that defines the model's
/// device scoring as make_plain_device_scoring<Model>().
namespace cugamma {

template <plain_model Model>
using plain_input = tabled_input<typename Model::layer_table, typename Model::accelerator_table>;

/// A mapping a thread.
template <plain_model Model>
__global__ void __launch_bounds__(max_block_threads) plain_kernel(plain_input<Model> in) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  genome g;
  if (i >= in.count || !read_genome(in, i, g)) return;
  in.costs[i] = Model::score(g, in.layers[g.layer_index], in.accelerators[g.accelerator_index]);
}

template <plain_model Model>
class plain_device_scoring final : public device_scoring {
 public:
  bool prepare(std::span<const layer> layers,
               std::span<const accelerator> accelerators,
               const cuda_stream& s) override {
    return tables_.update(layers, Model::prepare, accelerators, Model::prepare, s);
  }

  void launch(const score_input& in, int multiprocessors, const cuda_stream& s) const override {
    const launch_policy p = choose_launch(in.count, multiprocessors);
    plain_kernel<Model>
        <<<block_count(in.count, p), p.block_threads, 0, s.get()>>>(tables_.with(in));
    CUGAMMA_CUDA_CHECK(cudaGetLastError());
  }

 private:
  device_tables<typename Model::layer_table, typename Model::accelerator_table> tables_;
};

/// precondition: Model's score is CUGAMMA_HD and its tables are trivially copyable
template <plain_model Model>
std::unique_ptr<device_scoring> make_plain_device_scoring() {
  return std::make_unique<plain_device_scoring<Model>>();
}

}  // namespace cugamma
