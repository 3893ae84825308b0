#include "cugamma/error.hpp"
#include "evaluate/back_end.hpp"

namespace cugamma {

std::optional<std::string> cuda_back_end_obstacle() { return "built without CUDA"; }

int cuda_device_count() { return 0; }

std::unique_ptr<evaluator> make_cuda_evaluator(const evaluator_options&) {
  throw backend_error("back end 'cuda' cannot run: built without CUDA");
}

}  // namespace cugamma
