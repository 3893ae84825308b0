#pragma once

#include "cugamma/hd.hpp"

namespace cugamma::core {

/// Which of the two sizes a tile that a level hands down has in a dimension.
enum : int { full_tile = 0, edge_tile = 1 };

/// The tile, full_tile or edge_tile, from which a level takes the sizes of its edges and the number
/// of sub-clusters that are active there, when it is handed the given one. MAESTRO takes the full
/// tile for both, though the edge tile may leave another rest (docs/model.md, "What MAESTRO
/// miscounts").
CUGAMMA_HD constexpr int edges_come_from(int /*handed*/) { return full_tile; }

}  // namespace cugamma::core
