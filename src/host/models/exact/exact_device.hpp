#pragma once

#include <memory>

namespace cugamma {

class device_scoring;

namespace exact {

/// The exact model on a device: a kernel runs the closed form, a mapping a thread, and the host
/// finishes by the general form what that leaves over (src/kernels/exact/).
std::unique_ptr<device_scoring> make_device_scoring();

}  // namespace exact
}  // namespace cugamma
