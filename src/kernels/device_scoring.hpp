#pragma once

#include <span>

#include "cuda_resources.hpp"
#include "score_input.hpp"

namespace cugamma {

/// A cost model on a device in bulk: what the cuda back end asks of it.
class device_scoring {
 public:
  virtual ~device_scoring() = default;

  /// Makes the tables of a batch the ones that the kernels read. True if they lie elsewhere than
  /// those before, so that kernels that were launched with these must not be replayed.
  virtual bool prepare(std::span<const layer> layers,
                       std::span<const accelerator> accelerators,
                       const cuda_stream& s) = 0;

  /// Gives a stream the kernels that score a population: no allocation, and the same for the same
  /// input. Throws cuda_error. preconditions: count >= 1; the heads of `left` are 0 by then
  virtual void launch(const score_input& in, int multiprocessors, const cuda_stream& s) const = 0;

  /// Whether the host finishes what the kernels list as left over.
  virtual bool leaves_work_to_the_host() const { return false; }

  /// Finishes a cost. Several threads call it at once. preconditions: the model leaves work to the
  /// host; the mapping's layer and accelerator are of the batch
  virtual void finish(const genome&, lacking, cost&) const {}
};

}  // namespace cugamma
