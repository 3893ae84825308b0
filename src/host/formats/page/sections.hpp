#pragma once

#include <string>
#include <vector>

#include "formats/page/charts/line_chart.hpp"
#include "formats/page/result_node.hpp"

namespace cugamma::report {

/// One result.json: its name (the file's), its content, and its number in the page.
struct run {
  std::string name;
  result_node root;
  int number;
};

/// Name of a layer, its type and its sizes.
std::string layer_name(const result_node& layer);

/// How often the network has the layer; 1 if it is not said.
double layer_count(const result_node& layer);

/// The larger of the two lower bounds on the cycles of a layer; NaN if there is none.
result_node bound_of(const result_node& layer);

/// Best value over evaluations, as chart points: the steps and the end.
std::vector<chart_point> convergence_points(const result_node& layer, const std::string& unit);

/// Name of an objective; "objective" if the file does not say.
std::string objective_name(const result_node& root, std::size_t i);
std::string first_objective(const result_node& root);

/// What was searched: "best edp", or "front of latency and energy".
std::string goal_of(const result_node& root);

/// The front of a run or layer as a chart; empty if there is none.
std::string pareto_card(const result_node& root, const result_node& owner);

/// How often better a layer or network is than each fixed dataflow, as a chart; empty if not said.
std::string gains_card(const result_node& owner);

/// What was asked, of which accelerator, and the line to repeat it.
std::string run_head(const run& r);

/// Totals over the layers and what dominates them; empty for a single layer.
std::string network_section(const run& r);

struct shape;
/// All of one shape, folded to its title unless `open`.
std::string layer_section(const run& r, const shape& s, bool open);

/// Several runs side by side.
std::string comparison_section(const std::vector<run>& runs);

/// A self-contained page with our style and script around a body of HTML. title: as text.
std::string framed_page(const std::string& title, const std::string& body);

}  // namespace cugamma::report
