#include "cugamma/evaluate/report_batch.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma {
namespace {

void check(const report_batch& b, std::size_t out_size) {
  if (b.requests.size() != out_size) {
    throw input_error(
        fmt::format("report: {} reports for {} mappings", out_size, b.requests.size()));
  }
  for (std::size_t i = 0; i < b.requests.size(); ++i) {
    const report_request& r = b.requests[i];
    if (r.layer_index >= b.layers.size() || r.accelerator_index >= b.accelerators.size()) {
      throw input_error(fmt::format(
          "report: mapping {} names layer {} and accelerator {}, the batch has {} and {}",
          i,
          r.layer_index,
          r.accelerator_index,
          b.layers.size(),
          b.accelerators.size()));
    }
  }
}

}  // namespace

void evaluator::report(const report_batch& b, std::span<cugamma::report> out) {
  check(b, out.size());
  if (!out.empty()) do_report(b, out);
}

void evaluator::do_report(const report_batch& b, std::span<cugamma::report> out) {
  tbb::parallel_for(std::size_t{0}, out.size(), [&](std::size_t i) {
    const report_request& r = b.requests[i];
    out[i] = evaluate_reference(b.layers[r.layer_index], b.accelerators[r.accelerator_index], r.m);
  });
}

}  // namespace cugamma
