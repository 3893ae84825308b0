#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cugamma/error.hpp"
#include "cugamma/formats/network_file.hpp"

/// Any text is read or refused with an input_error; every layer that was read has work to do.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cugamma;
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const network_layer& row : parse_network_csv(text, "fuzz.csv").layers) {
      if (row.count < 1 || layer_macs(row.l) < 1) std::abort();
      if (layer_macs(unit_stride(row.l)) != layer_macs(row.l)) std::abort();
    }
  } catch (const input_error&) {
  }
  return 0;
}
