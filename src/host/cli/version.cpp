#include "cli/version.hpp"

#include <fmt/format.h>

#include <string_view>

#include "cugamma/evaluate/evaluator.hpp"

namespace cugamma::cli {

std::string version_text() {
  const std::string_view cuda = CUGAMMA_CUDA_VERSION;
  const std::string with =
      cuda.empty()
          ? std::string("not built in")
          : fmt::format("{}, architectures {}", cuda, std::string_view(CUGAMMA_ARCHITECTURES));
  return fmt::format("cugamma {}\nbuild: {}\nCUDA: {}\nback ends that can run here: {}\n",
                     CUGAMMA_VERSION,
                     CUGAMMA_BUILD,
                     with,
                     fmt::join(available_evaluators(), ", "));
}

}  // namespace cugamma::cli
