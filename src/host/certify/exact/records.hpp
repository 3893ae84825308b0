#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/lists/numbered_lists.hpp"

/// The lines of certificates (docs/certify-exact.md "The certificate").
namespace cugamma::exact {

/// All mappings with these parallel dimensions and this cluster size.
struct latency_part {
  int outer = 0;
  int inner = 0;
  std::int32_t cluster = 1;
  /// The least bound of the tiles of the outer parallel dimension that were not opened.
  double bound = std::numeric_limits<double>::infinity();
  /// The others, with cycles that no mapping with this tile falls short of.
  std::vector<std::pair<std::int32_t, double>> opened;
};

/// What opening tiles of PEs found.
struct leaf_findings {
  std::int64_t vectors = 0;   ///< of level 0, with a number of PEs, that no bound settled
  std::int64_t mappings = 0;  ///< above them that fit L2, each with its best loop orders
  /// The least value of these, as far as a cluster size makes them.
  double least = std::numeric_limits<double>::infinity();
  std::uint64_t priced = 0;  ///< with loop orders, of which no bound told enough
};

std::string record_of(const latency_part& part);

/// What tells level 0's lists from those of another program: a line for each parallel dimension.
/// best: value that the vectors left out do not fall short of.
std::vector<std::string> records_of(const numbered_lists& lists, double best);

/// Of a range of PEs' tiles, settled by its bound, or by those of its vectors of level 0, or
/// opened.
std::string record_of(const inner_range& r,
                      double bound,
                      bool is_by_vectors,
                      const std::optional<leaf_findings>& found);

}  // namespace cugamma::exact
