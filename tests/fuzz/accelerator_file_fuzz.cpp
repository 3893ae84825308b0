#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"

/// Any text is read or refused with an input_error; what was read is an accelerator that can be
/// evaluated.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cugamma;
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const accelerator a = parse_accelerator_file(text, "fuzz.m");
    const bool usable = a.num_pes >= 1 && a.simd_lanes >= 1 && a.noc_bw >= 1 && a.offchip_bw >= 1 &&
                        a.noc_hops >= 0 && a.noc_hop_latency >= 0 && a.l1_size_elems >= unlimited &&
                        a.l2_size_elems >= unlimited;
    if (!usable) std::abort();
  } catch (const input_error&) {
  }
  return 0;
}
