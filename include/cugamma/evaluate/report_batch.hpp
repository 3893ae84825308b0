#pragma once

#include <cstdint>
#include <span>
#include <type_traits>

#include "cugamma/mapping/mapping.hpp"
#include "cugamma/models/report.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A mapping as a file writes it, with the rows of its layer and its accelerator.
struct report_request {
  mapping m;
  std::uint32_t layer_index = 0;
  std::uint32_t accelerator_index = 0;
  friend constexpr bool operator==(const report_request&, const report_request&) = default;
};
static_assert(std::is_trivially_copyable_v<report_request>);

/// What one call of evaluator::report reports on: any layers, strided ones too.
struct report_batch {
  std::span<const layer> layers;
  std::span<const accelerator> accelerators;
  std::span<const report_request> requests;
};

}  // namespace cugamma
