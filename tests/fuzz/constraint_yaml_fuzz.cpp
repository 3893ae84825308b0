#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cugamma/error.hpp"
#include "cugamma/formats/constraint_file.hpp"

/// Any text is read or refused with an input_error; what was read has levels.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cugamma;
  try {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const mapping_constraint c = parse_constraint(text, "fuzz.yaml");
    if (c.levels.empty() || c.inflexible.size() > c.levels.size()) std::abort();
  } catch (const input_error&) {
  }
  return 0;
}
