#include <algorithm>
#include <array>

#include "certify/engine.hpp"
#include "certify/exact/exact_engine.hpp"
#include "certify/maestro/maestro_engine.hpp"

namespace cugamma {

std::span<const certify_engine* const> certify_engines() {
  static constexpr std::array<const certify_engine*, 2> all{&maestro_engine, &exact_engine};
  return all;
}

const certify_engine* find_engine(std::string_view model) {
  const auto engines = certify_engines();
  const auto found = std::ranges::find(engines, model, &certify_engine::model);
  return found == engines.end() ? nullptr : *found;
}

}  // namespace cugamma
