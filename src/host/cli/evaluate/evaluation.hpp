#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma::cli {

/// What became of one layer of a mapping file.
struct layer_result {
  named_mapping given;
  std::string_view status = "ok";  ///< "ok", "illegal", or "unsupported" by the back end
  std::vector<std::string> reasons;
  std::vector<std::string> warnings;
  std::int64_t layer_macs = 0;  ///< 0 if the filter does not fit the input
  report figures;               ///< only if the status is "ok"
};

struct evaluation {
  std::string network;
  accelerator machine;
  std::string back_end;
  std::vector<const report_column*> columns;  ///< those that the back end fills
  std::vector<layer_result> layers;
  std::vector<std::int64_t> counts = {};  ///< of each layer in its network; empty: not known
  bool all_ok() const;
};

/// Evaluates every layer by itself, with all columns. back_end: "cpu" alone scores genomes, fills
/// what follows from a cost, and leaves a mapping that no genome says "unsupported". Throws
/// input_error for an unknown back end, backend_error with the cause if it cannot run here.
evaluation evaluate_file(const mapping_file& file,
                         const accelerator& machine,
                         const std::string& back_end);

/// A test of plausibility: what it says of a layer is "pass", "fail" or "off".
struct plausibility_test {
  std::string_view name;
  std::string_view about;
  status_bit bit;
};
inline constexpr plausibility_test plausibility_tests[] = {
    {"macs", "counts the layer's MACs", implausible_macs},
    {"runtime", "no faster than the PEs", implausible_runtime},
    {"l2_traffic", "L2 moves each tensor at least once", implausible_traffic},
    {"inner_work", "inner levels count their tiles' MACs", implausible_inner_work},
};
std::string_view verdict(const plausibility_test& test, const layer_result& result);

}  // namespace cugamma::cli
