#include "cugamma/models/belief.hpp"

#include <array>

#include "problem/enum_names.hpp"

namespace cugamma {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 3> names{"plausible", "strict", "maestro-compat"};

}  // namespace

std::string_view name_of(belief trust) { return names[static_cast<std::size_t>(trust)]; }

belief parse_belief(std::string_view name) {
  return name == "maestro" ? belief::maestro : enumerator_named<belief>("believe", name, names);
}

}  // namespace cugamma
