#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/models/cost_model.hpp"
#include "cugamma/problem/network.hpp"

namespace cugamma::cli {

/// How far the figures of one cost model are from those of another, on random mappings.
struct error_plan {
  const cost_model* model = nullptr;   ///< whose figures count as right
  const cost_model* judged = nullptr;  ///< whose errors are asked for
  std::vector<network_layer> layers;
  accelerator a;
  std::size_t count = 1000;  ///< mappings of each layer and draw
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores
};

/// Mappings by what the judged model's doubts leave of them.
struct mapping_subset {
  std::string_view name;             ///< "all", or of a belief
  std::uint32_t rejecting_bits = 0;  ///< of the judged model's status
};
/// All mappings; and for each belief for which a search rejects more, those that it keeps.
std::vector<mapping_subset> subsets_of(const cost_model& judged);

/// |judged / right - 1| of one figure, over the mappings of a draw; infinite where 0 is right and
/// the judged figure is another.
struct figure_error {
  std::string_view figure;
  double equal_share = 0;
  double median = 0;
  double p90 = 0;
  double largest = 0;
};
struct draw_errors {
  std::string_view draw;
  std::string_view subset;
  std::size_t mappings = 0;
  std::vector<figure_error> figures;  ///< that both models have; none without mappings
};

inline constexpr std::array<std::string_view, 3> correlated_figures{"latency", "energy", "EDP"};
inline constexpr std::size_t best_count = 1000;

/// Spearman's rank correlation of the judged figure with the right one; nothing if one of them does
/// not vary.
struct correlation {
  std::optional<double> overall;
  std::optional<double>
      among_best;  ///< of the best_count mappings that the judged model likes most
};
struct layer_correlations {
  std::string layer;
  std::string_view subset;
  std::size_t mappings = 0;  ///< of both draws
  std::array<correlation, correlated_figures.size()> figures;
};

struct model_errors {
  std::vector<draw_errors> errors;               ///< over all layers
  std::vector<layer_correlations> correlations;  ///< layer by layer
};

/// Draws mappings that are legal for both models, prices them with both references and compares.
/// Throws input_error for a layer that a model cannot hold, or of which no legal mapping turns up.
model_errors find_errors(const error_plan& plan);

}  // namespace cugamma::cli
