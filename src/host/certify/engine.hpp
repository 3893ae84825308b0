#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "certify/proof.hpp"
#include "cugamma/evaluate/objective.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "cugamma/problem/accelerator.hpp"

/// The seam between `cugamma certify` and the engines that prove optima, one for each cost model.
namespace cugamma {

/// The question of one layer: which mapping of a space has the least value of an objective. A
/// mapping counts if it is legal, keeps the accelerator's L1 and L2 and passes every test of its
/// cost model (belief::strict).
struct certify_problem {
  search_space space;  ///< as space_for() gives it, its target as the cost model searches it
  accelerator machine;
  objective goal = objective::latency;
  int threads = 1;               ///< host threads, at least 1
  std::string back_end = "cpu";  ///< that scores mappings of which no bound tells enough
};

/// A mapping that counts, with its value as value() of objective.hpp computes it from the cost
/// model's figures.
struct found_mapping {
  genome mapping;
  double value = 0;
};

/// What an engine leaves behind, whether it came to the end or was stopped. What it has proved is
/// in the proof that it was handed.
struct engine_result {
  std::int64_t subtrees = 0;  ///< parts that it cut the space into
  std::int64_t opened = 0;    ///< of them, those whose bound did not settle them
  /// Lines of the certificate behind its header, each a JSON object without a line end: tables, and
  /// one for every subtree, with its bound or with what opening it found.
  std::vector<std::string> records;
  /// Whether a certificate says how the bound is proved.
  bool has_certificate = true;
};

/// Proves optima of one cost model.
struct certify_engine {
  std::string_view model;  ///< name of the cost model

  /// Why a problem cannot be certified, as a sentence for people: "objective area: ...". Nothing if
  /// it can. Quick: asked of all layers before any work.
  std::optional<std::string> (*obstacle)(const certify_problem& problem) = nullptr;

  /// Works until the proof is over: raises its lower bound and offers every better mapping that it
  /// comes across (the mapping to start from, if any, has been offered). At its own end the lower
  /// bound is the value of the best mapping, or infinite where no mapping counts.
  /// wants_records: whether engine_result::records shall be filled. precondition: no obstacle
  engine_result (*prove)(const certify_problem& problem, proof& p, bool wants_records) = nullptr;
};

/// All engines.
std::span<const certify_engine* const> certify_engines();

/// The engine of a cost model; null if it has none.
const certify_engine* find_engine(std::string_view model);

}  // namespace cugamma
