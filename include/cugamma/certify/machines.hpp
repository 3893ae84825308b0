#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "cugamma/certify/certify.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// Whether the first objective and the limits of a request ask for an accelerator: the smallest one
/// that keeps a latency (objective budget-area), or the fastest one within an area budget
/// (objective latency, PEs searched).
bool asks_for_machine(const network_search_request& request);

/// One layer on the accelerator that was found.
struct layer_on_machine {
  std::string name;
  std::int64_t count = 1;
  report figures;       ///< all columns
  std::string mapping;  ///< as MAESTRO writes mappings
};

/// What is proved of all accelerators with up to so many PEs, any L1 and any L2: none that counts
/// has a value below `lower`, and `machine` has `upper`. Values: um^2 of budget-area, or cycles. An
/// accelerator counts if it keeps the limit, or the budget, with the best mapping of each layer.
struct certified_machine {
  objective goal = objective::budget_area;
  double most_cycles = std::numeric_limits<double>::infinity();  ///< the limit
  double lower = 0;  ///< infinite where it is proved that no accelerator counts
  double upper = std::numeric_limits<double>::infinity();
  bool is_proven = false;  ///< to the gap that was asked for
  double seconds = 0;
  std::int64_t sizes = 0;                ///< numbers of PEs in question
  std::int64_t opened = 0;               ///< of them, those whose bound did not settle them
  accelerator machine;                   ///< its L1 and L2 as small as the mappings allow
  double cycles = 0;                     ///< of all layers
  double area_um2 = 0;                   ///< budget area
  std::vector<layer_on_machine> layers;  ///< empty if no accelerator is known
  std::string certificate;               ///< JSON lines, docs/certify.md; empty unless asked for

  double gap() const;
};

/// Throws input_error for a request that asks for an accelerator that cannot be proved, with the
/// reason.
void expect_certifiable_machine(const network_search_request& request);

/// Proves the best machine.
/// precondition: expect_certifiable_machine passed
certified_machine certify_machine(
    const network_search_request& request,
    const certify_options& options = {},
    const std::function<void(double lower, double upper)>& observe = {});

/// {"machine":{"num_pes","l1_size_elems","l2_size_elems","budget_area_um2"},"objective","latency_limit",
/// "area_budget_mm2","optimum","lower_bound","upper_bound","gap","proven","seconds","sizes",
/// "opened","latency_cycles","layers":[{"layer","count","mapping","metrics"}]}; what is not known,
/// or not finite, is null.
std::string machine_json(const certified_machine& found, const network_search_request& request);

/// Writes machine.json and certificate.jsonl into a folder, making it if need be, and best.m of
/// each layer, of several layers in LAYER/.
void write_machine(const certified_machine& found,
                   const network_search_request& request,
                   const std::string& folder);

}  // namespace cugamma
