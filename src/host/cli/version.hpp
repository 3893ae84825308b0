#pragma once

#include <string>

namespace cugamma::cli {

/// Version, build, CUDA with the architectures compiled for, and the back ends that can run here.
std::string version_text();

}  // namespace cugamma::cli
