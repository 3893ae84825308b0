#pragma once

#include <memory>

namespace cugamma {

class device_scoring;

/// MAESTRO's model in kernels: the closed form a mapping a thread, and for what it leaves over the
/// runtime step by step, a mapping a thread, and the walk, a handed tile a thread
/// (src/kernels/maestro/).
std::unique_ptr<device_scoring> make_maestro_device_scoring();

}  // namespace cugamma
