#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/mapping/search_space.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A statement of a constraint file, as messages quote it.
struct clause {
  std::string text;  ///< "levels[1].sp: [C]"
  int line = 0;      ///< from 1
};

/// Which dimensions may be parallel (in second_parallel also bit no_dimension).
struct parallel_clause {
  clause where;
  dimension_mask allowed = 0;
};

/// What a cluster size may be.
struct cluster_clause {
  clause where;
  cluster_rule rule;
};

/// The outermost loops of a level.
struct order_clause {
  clause where;
  std::vector<dimension> prefix;
};

/// What the tile of one dimension may be.
struct tile_clause {
  clause where;
  tile_rule rule;
  std::optional<clause> buffer;  ///< whose type bounds the tile besides
};

/// What a file says of one cluster level; what it leaves out is free.
struct level_constraint {
  std::optional<parallel_clause> parallel;
  std::optional<parallel_clause> second_parallel;
  std::optional<parallel_clause> network;  ///< what the NoC types leave of the parallel dimensions
  std::optional<cluster_clause> cluster;
  std::optional<order_clause> order;
  std::array<std::optional<tile_clause>, gene_dimension_count> tiles;
  /// Any parallel dimensions that the space offers without the clauses, besides those that obey
  /// them.
  bool is_parallelism_free = false;
};

/// What an accelerator's hardware asks of a mapping (docs/constraints.md). Levels from the top.
struct mapping_constraint {
  std::string file;
  std::string name;
  bool as_gemm = false;  ///< layers are mapped as matrix products
  std::vector<level_constraint> levels;
  /// What holds besides on an accelerator without any flexibility (see with_flexibility).
  std::vector<level_constraint> inflexible;
};

/// Which axes of a mapping an accelerator leaves free (SIGMETRICS 2022).
struct flexibility {
  bool tile = false;
  bool order = false;
  bool parallelism = false;
  bool shape = false;  ///< cluster sizes
  friend constexpr bool operator==(const flexibility&, const flexibility&) = default;
};
inline constexpr int flexibility_class_count = 16;

/// Class 0 .. 15 as its four bits read: tile is the first and highest.
constexpr flexibility flexibility_of(int bits) {
  return {(bits & 8) != 0, (bits & 4) != 0, (bits & 2) != 0, (bits & 1) != 0};
}

/// "0110": the bits of tile, order, parallelism, shape.
std::string name_of(flexibility f);

/// Reads "none", "all", letters of T O P S, or four bits in that order. Throws input_error.
flexibility parse_flexibility(std::string_view text);

/// The constraint of one flexibility class: all that the file fixes, less the clauses of the free
/// axes. A class admits every mapping that a class with fewer free axes admits; its own parallel
/// dimensions too, where a space without constraint would not offer them (Eyeriss: R).
mapping_constraint with_flexibility(const mapping_constraint& c, flexibility f);

/// The layer that a constrained search maps: the layer itself or, where the constraint asks for it,
/// its matrix product: M = Y' X' (times the channels of a dsconv), K = C R S, N = K. precondition:
/// unit stride
layer constrained_layer(const mapping_constraint& c, const layer& l);

/// The part of a space that obeys a constraint. Numbers are capped by the layer; a dimension that
/// the layer's type lacks falls out of a clause, and a clause left empty falls away (dsconv: K
/// reads as C). Throws input_error naming the two clauses that leave nothing.
search_space constrain(search_space space, const mapping_constraint& c);

}  // namespace cugamma
