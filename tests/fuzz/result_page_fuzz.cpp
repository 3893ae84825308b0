#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cugamma/error.hpp"
#include "cugamma/formats/result_page.hpp"

/// Any text becomes a page or is refused with an input_error; no page has a script of the text's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cugamma;
  try {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const result_file file{"fuzz.json", text};
    const std::string page = report_html({&file, 1});
    if (page.find("<script>alert") != page.npos) std::abort();
  } catch (const input_error&) {
  }
  return 0;
}
