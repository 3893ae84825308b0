#pragma once

#include <functional>
#include <vector>

#include "certify/exact/lists/top_lists.hpp"

namespace cugamma::exact {

/// Floors of level 1 over all tiles, for each inner parallel dimension and none.
using root_floors = std::array<four_floors, free_dims + 1>;

/// Fills all lists with the vectors that fit L2 and may be part of a mapping better than `best`, in
/// each those of little energy first. Where is_over() it leaves out some.
void fill_lists(const question& q,
                const class_grid& grid,
                const root_floors& floors,
                double best,
                int threads,
                const std::function<bool()>& is_over,
                std::vector<top_list>& lists);

}  // namespace cugamma::exact
