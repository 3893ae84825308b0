#include "certify/maestro/maestro_engine.hpp"

namespace cugamma {
namespace {

std::optional<std::string> obstacle(const certify_problem&) {
  return "optima under maestro cannot be proved yet";
}

engine_result prove(const certify_problem&, proof&, bool) { return {}; }

}  // namespace

const certify_engine maestro_engine{.model = "maestro", .obstacle = obstacle, .prove = prove};

}  // namespace cugamma
