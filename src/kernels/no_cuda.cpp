#include "cugamma/error.hpp"
#include "cugamma/models/timeloop/device_scoring.hpp"
#include "evaluate/back_end.hpp"
#include "models/exact/exact_device.hpp"
#include "models/maestro/maestro_device.hpp"

namespace cugamma {
namespace {

constexpr const char* obstacle = "built without CUDA";

[[noreturn]] void refuse() {
  throw backend_error(std::string("back end 'cuda' cannot run: ") + obstacle);
}

}  // namespace

std::optional<std::string> cuda_back_end_obstacle() { return obstacle; }

int cuda_device_count() { return 0; }

std::unique_ptr<evaluator> make_cuda_evaluator(const evaluator_options&) { refuse(); }

// What models have on a device. Their rows name it in every build, so that has_cost_model() says
// the same in all of them.
std::unique_ptr<device_scoring> make_maestro_device_scoring() { refuse(); }
std::unique_ptr<device_scoring> exact::make_device_scoring() { refuse(); }

struct timeloop::device_scorer::state {};
timeloop::device_scorer::device_scorer(const architecture&, const problem&, bool) { refuse(); }
timeloop::device_scorer::~device_scorer() = default;
timeloop::device_scorer::device_scorer(device_scorer&&) noexcept = default;
timeloop::device_scorer& timeloop::device_scorer::operator=(device_scorer&&) noexcept = default;
const timeloop::genome_shape& timeloop::device_scorer::shape() const { refuse(); }
void timeloop::device_scorer::score(std::span<const genome>, std::span<cost>) { refuse(); }
const timeloop::device_scorer::effort& timeloop::device_scorer::last_effort() const { refuse(); }

}  // namespace cugamma
