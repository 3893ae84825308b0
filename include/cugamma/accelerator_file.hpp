#pragma once

#include <string>
#include <string_view>

#include "cugamma/accelerator.hpp"

namespace cugamma {

/// The bandwidth, in elements per cycle, that a -1 in a file or on a command line stands for.
/// GAMMA hands MAESTRO the same number.
inline constexpr std::int32_t unlimited_bandwidth = 1 << 30;

/// Reads a hardware file: "key: value" pairs, // comments. Keys of MAESTRO (num_pes, l1_size_cstr,
/// l2_size_cstr, noc_bw_cstr, offchip_bw_cstr, NoC_NumHops), of GAMMA (NumPEs, L1Size, L2Size,
/// NoC_BW), and the names of the members of accelerator and cost_constants. NoC_NumHops is what
/// MAESTRO takes it for: the latency of the way through the NoC in cycles, hops times hop latency.
/// -1 is an unlimited size or bandwidth. What the file does not name stays as in `base`. `file` is
/// the name for messages. Throws input_error "file:line:column: found X, expected Y".
accelerator parse_accelerator_file(std::string_view text,
                                   std::string_view file,
                                   const accelerator& base = {});

/// Reads a file from disk. Throws input_error also if it cannot be read.
accelerator read_accelerator_file(const std::string& path, const accelerator& base = {});

}  // namespace cugamma
