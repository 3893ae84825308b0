#include <array>
#include <cstdio>

#include "cugamma/evaluator.hpp"

int main() {
  using namespace cugamma;
  using enum dimension;
  // A 3 x 3 convolution with a 56 x 56 output on 168 PEs, spread over rows and output channels.
  const layer conv{.size = {64, 64, 58, 58, 3, 3, 1, 1}};
  const accelerator chip{.num_pes = 168};
  std::array<genome, 4> candidates;
  for (int i = 0; i < 4; ++i) {
    genome& g = candidates[i];
    set_cluster_size(g, 1, 8);
    for (int level = 0; level < 2; ++level) {
      for (int d = 0; d < gene_dimension_count; ++d) {
        set_order(g, level, d, static_cast<dimension>(d));
        set_tile(g, level, static_cast<dimension>(d), d < 4 ? 1 : 3);
      }
    }
    set_tile(g, 0, K, 8 << i);
    set_parallel(g, 0, Y);
    set_parallel(g, 1, K);
  }
  std::array<cost, 4> costs;
  make_evaluator("auto")->evaluate({{&conv, 1}, {&chip, 1}, candidates}, costs);
  for (const cost& c : costs) std::printf("%ld cycles\n", static_cast<long>(c.runtime_cycles));
}
