#include "cli/search/missing_layers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cugamma::cli {
namespace {

/// What a mapping needs at least of a buffer, as far as a short search for the least finds it.
std::optional<std::int64_t> least_buffer(const network_search_request& request,
                                         const searched_layer& l,
                                         objective buffer,
                                         bool parallel_rs) {
  network_search_request small = request;
  small.space.parallel_rs = parallel_rs;
  small.layers = {{l.name, l.given, 1}};
  small.machine.l1_size_elems = small.machine.l2_size_elems = unlimited;
  small.search.objectives = {buffer};
  small.search.limits.clear();
  small.area_budget_mm2 = 0;
  small.search_pes = false;
  small.init.clear();
  small.stop = {};
  small.stop.evaluations = 5000;
  small.checkpoints = {};
  small.peers = nullptr;
  const network_search_result found = search_network(small);
  if (!found.layers[0].best) return std::nullopt;
  const cost& c = found.layers[0].best->figures;
  return buffer == objective::l1_size ? c.l1_size_elems : c.l2_size_elems;
}

/// The least of a buffer that was too small for all mappings; empty: that was no reason.
std::string least_buffer_text(const network_search_request& request,
                              const searched_layer& l,
                              std::int64_t too_large,
                              objective buffer) {
  if (too_large == 0) return "";
  const bool parallel_rs = request.space.parallel_rs;
  const auto least = least_buffer(request, l, buffer, parallel_rs);
  if (!least) return "";
  std::string text = fmt::format("; one needs an {} of {} elements",
                                 buffer == objective::l1_size ? "L1" : "L2",
                                 *least);
  const std::int64_t own =
      buffer == objective::l1_size ? request.machine.l1_size_elems : request.machine.l2_size_elems;
  if (*least <= own) {
    return text + fmt::format(", where there are {}: more --evaluations may find one", own);
  }
  if (parallel_rs || request.constraint || l.mapped[dimension::R] * l.mapped[dimension::S] == 1)
    return text;
  const auto spread = least_buffer(request, l, buffer, true);
  if (!spread || *spread >= *least) return text;
  return text + fmt::format(", with --parallel-rs (R and S over PEs) {}{}",
                            *spread,
                            *spread <= own ? ", which fit" : "");
}

std::string least_buffers_text(const network_search_request& request, const searched_layer& l) {
  if (request.search.selection == selection_rule::pareto || request.search_pes) return "";
  return least_buffer_text(request, l, l.rejected.l1_size, objective::l1_size) +
         least_buffer_text(request, l, l.rejected.l2_size, objective::l2_size);
}

std::string missing_text(const network_search_request& request, const searched_layer& l) {
  std::string why;
  const search_options& options = request.search;
  for (const rejection& r : list_rejections(l.rejected, *options.model, options.trust)) {
    if (r.count == 0 || !r.is_rejected) continue;
    why += fmt::format("{}{} {}", why.empty() ? "" : ", ", r.count, r.about);
  }
  return fmt::format("no feasible mapping among {}: {}{}",
                     l.evaluations,
                     why.empty() ? "none was evaluated" : why,
                     least_buffers_text(request, l));
}

}  // namespace

said_of missing_layers(const network_search_result& result) {
  said_of all;
  std::vector<std::pair<layer, std::string>> of_shapes;
  for (const searched_layer& l : result.layers) {
    if (l.best) continue;
    auto known = std::ranges::find(of_shapes, l.mapped, [](const auto& s) { return s.first; });
    if (known == of_shapes.end()) {
      known = of_shapes.insert(known, {l.mapped, missing_text(result.request, l)});
    }
    all.add(l.name, known->second);
  }
  return all;
}

}  // namespace cugamma::cli
