#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cugamma/error.hpp"
#include "cugamma/search/warm_start.hpp"

/// What --init reads of a result.json: any text is read or refused with an input_error, and what
/// was read becomes members of a space.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cugamma;
  static const search_space space = [] {
    layer l;
    l.size = {8, 4, 10, 10, 3, 3, 1, 1};
    return make_search_space(l, {});
  }();
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto known = known_mappings_of(text, "fuzz.json");
    std::ranges::for_each(known, fit_tiles);
    if (warm_start(known, "conv", space, 10).size() > 10) std::abort();
  } catch (const input_error&) {
  }
  return 0;
}
