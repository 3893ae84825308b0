#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/formats/timeloop_files.hpp"
#include "cugamma/formats/timeloop_output.hpp"

/// Any text is read or refused with an input_error; what was read has a level, and a mapping that
/// is written reads back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cugamma;
  using namespace cugamma::timeloop;
  try {
    std::vector<file_text> files{{"fuzz.yaml", {reinterpret_cast<const char*>(data), size}}};
    const file_contents c = parse_files(files);
    if (c.machine && c.machine->levels.empty()) std::abort();
    if (c.mappings.empty() || c.mappings[0].why != rejection::none) return 0;
    files.push_back({"again.yaml", mapping_yaml(*c.machine, *c.layer, c.mappings[0].loops)});
    if (parse_files(files).mappings.at(1).loops != c.mappings[0].loops) std::abort();
  } catch (const input_error&) {
  }
  return 0;
}
