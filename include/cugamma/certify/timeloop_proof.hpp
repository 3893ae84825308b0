#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "cugamma/search/timeloop_search.hpp"

/// Proofs of optima under Timeloop's model (docs/certify-timeloop.md).
namespace cugamma::timeloop {

/// How far an optimum is to be proved.
struct proof_options {
  figure goal = figure::edp;  ///< edp, latency or energy
  double gap = 0;             ///< how far above the optimum is close enough, 0.01 for 1 %
  double seconds = std::numeric_limits<double>::infinity();
  std::function<bool()> interrupted;  ///< asked now and then; may be empty
  bool wants_certificate = false;
};

/// What is proved of one problem: no mapping that counts has a figure below `lower`, and the best
/// mapping known has `upper`. Those mappings count that a search without bypass looks at: perfect
/// factors, all loop orders, every level keeps every tensor that constraints let it keep.
struct proved_optimum {
  double lower = 0;        ///< infinite where it is proved that no mapping counts
  double upper = 0;        ///< infinite where no mapping is known
  bool is_proven = false;  ///< to the gap that was asked for
  double seconds = 0;
  std::int64_t subtrees = 0;  ///< parts into which the space was cut
  std::int64_t opened = 0;    ///< of them, those whose bound did not settle them
  std::optional<genome> best;
  /// Text of certificate.jsonl; empty if it was not asked for, or would have been too long.
  std::string certificate;

  /// (upper - lower) / lower; infinite while either is unknown, 0 where they meet.
  double gap() const;
  std::optional<double> optimum() const;
};

/// Why the optimum of a problem cannot be proved, as a sentence for people; nothing if it can.
/// Throws input_error for what genomes cannot hold.
std::optional<std::string> proof_obstacle(const architecture& a,
                                          const problem& p,
                                          const constraints& c,
                                          const objective& goal);

/// Proves the optimum of a problem on an architecture under constraints, beginning with a mapping
/// that counts, if one is known. observe: told lower and upper each time that one gets better; may
/// be empty. precondition: no obstacle
proved_optimum prove_optimum(const architecture& a,
                             const problem& p,
                             const constraints& c,
                             const proof_options& options,
                             const std::optional<candidate>& known = {},
                             const std::function<void(double lower, double upper)>& observe = {});

}  // namespace cugamma::timeloop
