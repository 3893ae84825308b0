#include "models/tile_count/tile_count.hpp"
#include "plain_kernel.cuh"

namespace cugamma {

std::unique_ptr<device_scoring> make_tile_count_device_scoring() {
  return make_plain_device_scoring<tile_count>();
}

}  // namespace cugamma
