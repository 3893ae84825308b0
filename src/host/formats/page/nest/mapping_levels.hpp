#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/problem/layer.hpp"
#include "formats/page/result_node.hpp"

namespace cugamma::report {

/// One loop of a level: `extent` elements in `steps` of `size`; a parallel one is spread over the
/// sub-clusters of its level. Output rows and columns where it is written as Y' or X'.
struct mapping_loop {
  std::string_view name;
  std::int64_t extent;
  std::int64_t size;
  std::int64_t steps;
  bool is_parallel;
};

/// A level of clusters of a mapping.
struct mapping_level {
  std::int64_t clusters;  ///< sub-clusters, or PEs of the innermost level; 0: unknown
  std::vector<mapping_loop> loops;
  layer tile;  ///< what one of them is handed at a time
};

/// A mapping of a result as a page draws it.
struct mapping_levels {
  layer l;
  std::vector<mapping_level> levels;  ///< empty if there is nothing to draw
  std::string problem;                ///< why the text cannot be read; empty if it can
};

/// Of the text of a best.m; `num_pes` 0: unknown.
mapping_levels levels_of(const result_node& mapping_text, std::int64_t num_pes);

/// Sub-clusters that have work: all, or as many as the parallel loops of the level have steps.
std::int64_t busy_clusters(const mapping_level& level);

/// The PEs that a layer's best mapping runs on; 0: unknown.
std::int64_t pes_of_best(const result_node& root, const result_node& layer);

}  // namespace cugamma::report
