#include "cli/search/front_text.hpp"

#include <fmt/format.h>

namespace cugamma::cli {

std::string objectives_text(const objective_values& values, std::span<const objective> objectives) {
  std::string text;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    const objective o = objectives[i];
    text += fmt::format("{}{} {:.8g} {}",
                        i == 0 ? "" : ", ",
                        cugamma::name_of(o),
                        figure_of_value(o, values[i]),
                        unit_of(o));
  }
  return text;
}

std::string extreme_of(objective o) {
  return fmt::format("{} {}", is_maximised(o) ? "most" : "least", cugamma::name_of(o));
}

}  // namespace cugamma::cli
