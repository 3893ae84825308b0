#include "cugamma/error.hpp"
#include "models/tile_count/tile_count.hpp"

namespace cugamma {

std::unique_ptr<device_scoring> make_tile_count_device_scoring() {
  throw backend_error("built without CUDA");
}

}  // namespace cugamma
