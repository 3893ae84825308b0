#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// Dimensions of which a level of a point makes several steps, as bits.
std::array<unsigned, 2> dimensions_of_several_steps(const question& q, const point& p);

/// Of those orders (bits of `among`) that differ in loops of one step alone, one each, as bits.
/// several: the dimensions of several steps, as bits.
std::uint32_t distinct_orders(const std::vector<four_dims>& orders,
                              std::uint32_t among,
                              unsigned several);

}  // namespace cugamma::exact
