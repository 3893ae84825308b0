#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "cli/several/variants.hpp"
#include "cugamma/evaluate/objective.hpp"
#include "cugamma/search/network_search.hpp"
#include "cugamma/search/pareto.hpp"

namespace cugamma::cli {

/// A member of the front of several searches.
struct common_member {
  std::size_t search = 0;
  std::size_t member = 0;  ///< of that search's front: the network's, or the only layer's
  objective_values values{};
};

/// The front of searches for fronts: of all their members those that no other one beats, in the
/// order of the first objective; of equal ones the first.
struct common_front {
  std::vector<common_member> members;
  std::vector<variant> searches;  ///< what each of them is
  std::vector<objective> objectives;
};

/// precondition: as many variants as results, which have the same objectives; at least one
common_front make_common_front(std::vector<variant> searches,
                               std::span<const network_search_result* const> found);

/// It as a table: the options that were varied, "member" (from 1, as that search's files count) and
/// the objectives.
std::string common_front_csv(const common_front& front);

/// [{"search":,"member":,"objectives":[]}, ...], numbers from 1.
nlohmann::ordered_json common_front_json(const common_front& front);

/// It in words: how many members, and those that are best in one objective.
std::string common_front_text(const common_front& front);

}  // namespace cugamma::cli
