#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cuda_resources.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "device_tables.hpp"
#include "families/family_passes.hpp"
#include "score_pipeline.hpp"

namespace cugamma {

/// Families of mappings on the device. Only the families themselves are sent there, and the best
/// mapping's key and number come back; all memory is kept from one call to the next.
class device_families {
 public:
  /// See evaluator::evaluate_families; scores at most `at_once` mappings at a time. Throws
  /// cuda_error. precondition: the pipeline has begun the batch
  std::optional<numbered_mapping> best_of(const family_batch& b,
                                          objective by,
                                          std::size_t at_once,
                                          score_pipeline& pipeline);

 private:
  std::uint64_t send(const family_batch& b, const cuda_stream& s);

  device_table<accelerator, accelerator> accelerators_;
  device_buffer<order_family> families_;
  device_buffer<std::uint64_t> first_;
  device_buffer<order_table> orders_;
  std::vector<std::uint64_t> numbers_;
};

}  // namespace cugamma
