#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cugamma/problem/accelerator.hpp"
#include "cugamma/search/co_design.hpp"

namespace cugamma {

/// Of PEs, L1 and L2, as a budget counts them.
double area_of(const accelerator& a);

/// A size in elements as a whole number, no larger than a limit that may be unlimited.
std::int64_t at_most(double elems, std::int64_t limit_elems);

/// Accelerators that spend a whole budget: more or fewer PEs, more or less of what they leave on
/// L2.
std::vector<accelerator> spending(const accelerator& base, const co_design_options& o);

/// Accelerators within the budget with somewhat more or fewer PEs and smaller or larger buffers
/// than a given one.
std::vector<accelerator> like(const accelerator& known,
                              const accelerator& base,
                              const co_design_options& o);

/// The accelerators on which every layer has a space; throws if there is none.
std::vector<accelerator> possible(std::vector<accelerator> machines,
                                  std::span<const weighted_layer> layers,
                                  const space_maker& make_space);

}  // namespace cugamma
