#include "formats/opinion_text.hpp"

#include <fmt/format.h>

namespace cugamma {

std::string opinion_text(const second_opinion& o, const cost& asked) {
  const cost& c = o.figures;
  if (!is_legal(c.status)) {
    return fmt::format("{} finds it illegal: {}",
                       o.model->name,
                       fmt::join(reasons(c.status & illegal_mask, *o.model), ", "));
  }
  const auto percent = [](double other, double own) {
    return 100 * relative_difference(other, own);
  };
  return fmt::format(
      "{} says {} cycles ({:+.2f} %), {:.8g} nJ ({:+.2f} %)",
      o.model->name,
      c.runtime_cycles,
      percent(static_cast<double>(c.runtime_cycles), static_cast<double>(asked.runtime_cycles)),
      c.energy_nj,
      percent(c.energy_nj, asked.energy_nj));
}

}  // namespace cugamma
