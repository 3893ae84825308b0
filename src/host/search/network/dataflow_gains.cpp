#include "search/network/dataflow_gains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/mapping/style_mapping.hpp"

namespace cugamma {
namespace {

/// The accelerator that a layer's best mapping runs on.
accelerator machine_of(const searched_layer& l, accelerator a) {
  if (l.best) a.num_pes = pes_of(l.best->mapping, a);
  return a;
}

/// The first level with two parallel dimensions, from 1; 0: there is none.
int two_parallel_at(const genome& g) {
  for (int level = 0; level < level_count(g); ++level) {
    if (second_parallel(g, level) != no_dimension) return level + 1;
  }
  return 0;
}

/// Why a mapping that was evaluated is not feasible.
std::string reason_of(const genome& g, const cost& c, const cost_model& model) {
  if (c.status == 0) return "beyond a limit or the area budget";
  const int level = model.most_parallel_dimensions == 1 ? two_parallel_at(g) : 0;
  if (c.status == bad_structure && level > 0) {
    return fmt::format("cluster level {} has two parallel dimensions, cost model {} prices one",
                       level,
                       model.name);
  }
  return fmt::format("{}", fmt::join(reasons(c.status, model), ", "));
}

/// The one mapping that a dataflow has for a layer; nothing if it is not feasible, which the layer
/// then tells.
std::optional<network_part> styled_part(const mapping_constraint& dataflow,
                                        searched_layer& l,
                                        const network_search_request& request,
                                        evaluator& score) {
  try {
    const accelerator a = machine_of(l, request.machine);
    const styled_layer styled =
        style_mapping(dataflow, searched_form(*request.search.model, l.given), a);
    network_part part{styled.mapped, styled.mapping, {}, l.count};
    score.evaluate({{&part.l, 1}, {&a, 1}, {&part.mapping, 1}}, {&part.figures, 1});
    const search_space space = make_search_space(part.l, a, {1, 3});
    const search_rank found = rank(part.mapping, part.figures, space, a, request.search);
    if (found.violation > 0) {
      l.left_out.push_back(
          {dataflow.name, reason_of(part.mapping, part.figures, *request.search.model)});
      return std::nullopt;
    }
    set_own_pes(part.mapping, own_pes(l.best->mapping));
    return part;
  } catch (const input_error& error) {  // an accelerator that the dataflow does not fit
    l.left_out.push_back({dataflow.name, error.what()});
    return std::nullopt;
  }
}

/// How many times better the first objective of the parts found is than that of a dataflow's.
double gain_over(std::span<const network_part> styled,
                 std::span<const network_part> found,
                 const network_search_request& request) {
  const objective o = request.search.objectives[0];
  const double theirs = figure(o, network_figures(styled, request.machine));
  const double ours = figure(o, network_figures(found, request.machine));
  return is_maximised(o) ? ours / theirs : theirs / ours;
}

std::vector<mapping_constraint> known_dataflows() {
  const std::vector<std::string> known = constraint_names();
  std::vector<mapping_constraint> dataflows;
  for (const std::string& name : classic_styles()) {
    if (std::ranges::find(known, name) == known.end()) continue;
    dataflows.push_back(read_constraint(find_constraint(name)));
  }
  return dataflows;
}

void add_gains_over(const mapping_constraint& dataflow,
                    network_search_result& result,
                    evaluator& score) {
  const network_search_request& request = result.request;
  std::vector<network_part> styled;
  std::vector<network_part> found;
  for (searched_layer& l : result.layers) {
    if (!l.best) continue;
    const auto part = styled_part(dataflow, l, request, score);
    if (!part) continue;
    styled.push_back(*part);
    found.push_back(part_of(l));
    l.gains.push_back({dataflow.name, gain_over({&styled.back(), 1}, {&found.back(), 1}, request)});
  }
  const bool is_network = result.layers.size() > 1 && styled.size() == result.layers.size();
  // A co-design holds the network to its limits.
  const bool is_beyond =
      is_network && result.machines > 0 &&
      beyond(request.search.limits, network_figures(styled, request.machine)) > 0;
  if (is_network && !is_beyond)
    result.gains.push_back({dataflow.name, gain_over(styled, found, request)});
}

}  // namespace

network_part part_of(const searched_layer& l) {
  return {l.mapped, l.best->mapping, l.best->figures, l.count};
}

void add_gains(network_search_result& result, evaluator& score) {
  const network_search_request& request = result.request;
  const auto dataflows = request.dataflows ? *request.dataflows : known_dataflows();
  for (const mapping_constraint& dataflow : dataflows) add_gains_over(dataflow, result, score);
}

}  // namespace cugamma
