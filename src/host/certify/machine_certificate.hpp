#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cugamma/certify/machines.hpp"
#include "search/network/shape_searches.hpp"

namespace cugamma {

/// A number of PEs with this much L2, and as much L1 as any mapping needs: no mapping of a shape
/// takes fewer cycles than those. Infinite: none fits.
struct machine_floor {
  std::int64_t l2_elems = 0;
  std::vector<double> cycles;  ///< by shape
};

/// What is proved of all accelerators with one number of PEs.
struct proved_size {
  std::int32_t pes = 0;
  double bound = 0;  ///< of their values; infinite if none counts
  std::optional<machine_floor> opened;
};

/// The text of the certificate of an accelerator: a line for the header, one for the accelerator,
/// one for each number of PEs. docs/certify.md describes them.
std::string machine_certificate_text(const network_search_request& request,
                                     const layer_shapes& shapes,
                                     const certified_machine& proved,
                                     const std::vector<proved_size>& sizes);

}  // namespace cugamma
