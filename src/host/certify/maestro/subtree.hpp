#pragma once

#include <array>
#include <atomic>
#include <vector>

#include "certify/maestro/candidates.hpp"

/// The subtrees that a proof cuts the space into: all mappings that are parallel in one dimension
/// in the outer level, with one number of clusters and one tile of that dimension.
namespace cugamma::maestro_proof {

/// Of which no mapping passes the tests, or none has a value below the bound.
struct subtree {
  int dim = 0;
  std::size_t clusters = 0;  ///< index into facts::clusters
  number tile = 1;
  bool counts_right = false;  ///< else it fails test 1 as a whole
  double bound = 0;
  traffic_factors factors{};
};

/// What opening a subtree came across.
struct opening {
  number vectors = 0;   ///< candidates of all dimensions together whose bound was looked at
  number orders = 0;    ///< loop orders that were priced
  number suspects = 0;  ///< orders that were cheap and implausible, so that a class was enumerated
  /// No mapping of the subtree has a value below this, nor below the best known at its end.
  double least = std::numeric_limits<double>::infinity();
  bool is_complete = true;  ///< false if the proof was over before
  /// Whether what was found holds for every subtree of the same dimension whose traffic factors are
  /// no smaller: the objective does not depend on the runtime, and no mapping was left out because
  /// it is implausible or has no inner level.
  bool holds_for_larger = false;
};

/// The bounds of L2's ingress that do not depend on a loop order, for the classes of the dimensions
/// that are not parallel in the outer level. Each by itself is the least over the orders with the
/// loops that do not index the tensor innermost.
class ingress_bounds {
 public:
  ingress_bounds(const facts& f,
                 const candidate_lists& lists,
                 const outer_split& dealt,
                 bool is_filter);

  number at(const std::array<std::size_t, free_dims>& step_class) const {
    std::size_t index = 0;
    for (std::size_t d = 0; d < free_dims; ++d) index += stride_[d] * step_class[d];
    return least_[index];
  }

 private:
  std::array<std::size_t, free_dims> stride_{};  ///< 0 for dimensions that do not matter
  std::vector<number> least_;
};

/// What all subtrees share.
struct proof_tables {
  /// Incomplete if the proof is over before.
  proof_tables(const facts& f, const proof& p);

  const facts& all;
  candidate_lists lists;
  /// The bounds of tensors that a parallel dimension does not index; by that dimension.
  std::array<std::vector<ingress_bounds>, free_dims> shared_input;
  std::array<std::vector<ingress_bounds>, free_dims> shared_filter;
};

/// All subtrees of a problem, the lowest bound first, among equals that of the least traffic; those
/// that fail test 1 last.
std::vector<subtree> list_subtrees(const proof_tables& tables);

/// Looks at every mapping of a subtree that could beat the best known, and offers those that do. On
/// a narrow NoC its bounds may leave mappings that do not, unless what is left is looked at one by
/// one.
opening open_subtree(const proof_tables& tables, const subtree& s, proof& p, bool one_by_one);

}  // namespace cugamma::maestro_proof
