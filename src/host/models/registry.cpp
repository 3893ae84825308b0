#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cugamma/error.hpp"
#include "cugamma/models/cost_model.hpp"
#include "files/did_you_mean.hpp"
#include "models/exact/exact_model.hpp"
#include "models/maestro/maestro_model.hpp"
#include "models/timeloop/timeloop_model.hpp"

namespace cugamma {
namespace {

// The registry: one row a model, the default one first.
std::vector<const cost_model*>& registry() {
  static std::vector<const cost_model*> rows{&maestro_model, &exact_model};
  return rows;
}
constexpr std::array<const file_cost_model*, 1> rows_with_files{&timeloop_model};

bool is_taken(std::string_view name) {
  return std::ranges::find(registry(), name, &cost_model::name) != registry().end() ||
         find_file_cost_model(name) != nullptr;
}

// What makes a mapping illegal or too large, for every model.
constexpr std::array<std::pair<status_bit, std::string_view>, 11> common_reasons{{
    {clusters_exceed_pes, "clusters exceed PEs"},
    {tile_exceeds_dim, "tile exceeds dim"},
    {window_exceeds_tile, "window exceeds tile"},
    {partial_filter, "partial R/S"},
    {offset_exceeds_size, "offset > size"},
    {bad_structure, "bad structure"},
    {no_work, "no tile holds a filter window"},
    {edge_exceeds_tile, "strided edge exceeds tile"},
    {exceeds_l1, "exceeds L1"},
    {exceeds_l2, "exceeds L2"},
    {exceeds_cluster_buffer, "exceeds the cluster buffer"},
}};

}  // namespace

std::span<const cost_model* const> cost_models() { return registry(); }

std::span<const file_cost_model* const> file_cost_models() { return rows_with_files; }

const file_cost_model* find_file_cost_model(std::string_view name) {
  const auto found = std::ranges::find(rows_with_files, name, &file_cost_model::name);
  return found == rows_with_files.end() ? nullptr : *found;
}

const cost_model& find_cost_model(std::string_view name) {
  const auto rows = cost_models();
  const auto found = std::ranges::find(rows, name, &cost_model::name);
  if (found != rows.end()) return **found;
  if (const file_cost_model* own = find_file_cost_model(name)) {
    throw input_error(fmt::format("cost model '{}' is not for layers and accelerators, it reads {}",
                                  name,
                                  own->files));
  }
  std::vector<std::string> names;
  for (const cost_model* m : rows) names.emplace_back(m->name);
  throw input_error(fmt::format(
      "cost model '{}' is not known{}",
      name,
      did_you_mean(name, names, fmt::format(" (there is: {})", fmt::join(names, ", ")))));
}

void register_cost_model(const cost_model& model) {
  if (is_taken(model.name)) {
    throw input_error(fmt::format("a cost model '{}' is registered already", model.name));
  }
  registry().push_back(&model);
}

std::optional<double> find_value(const cost_model& model,
                                 const report& r,
                                 std::string_view column) {
  const auto found = std::ranges::find(model.columns, column, &report_column::name);
  const auto at = static_cast<std::size_t>(found - model.columns.begin());
  if (at >= r.values.size()) return std::nullopt;
  return r.values[at];
}

layer searched_form(const cost_model& model, const layer& l) {
  return model.searches_unit_stride ? unit_stride(l) : l;
}

bool is_rejecting(const doubt& d, belief trust) {
  return trust == belief::strict || (trust == belief::plausible && d.rejects_from == trust);
}

std::uint32_t rejecting_bits(const cost_model& model, belief trust) {
  std::uint32_t bits = illegal_mask | too_large_mask;
  for (const doubt& d : model.doubts) bits |= is_rejecting(d, trust) ? d.bit : 0;
  return bits;
}

std::vector<std::string> reasons(std::uint32_t status, const cost_model& model) {
  std::vector<std::pair<std::uint32_t, std::string_view>> all(common_reasons.begin(),
                                                              common_reasons.end());
  for (const doubt& d : model.doubts) all.emplace_back(d.bit, d.fails);
  std::ranges::sort(all);
  std::vector<std::string> set;
  for (const auto& [bit, reason] : all) {
    if ((status & bit) != 0) set.emplace_back(reason);
  }
  return set;
}

std::vector<std::string> reasons(std::uint32_t status) {
  return reasons(status, find_cost_model(default_cost_model));
}

}  // namespace cugamma
