#include "cugamma/models/reasons.hpp"

#include <array>
#include <utility>

namespace cugamma {
namespace {

constexpr std::array<std::pair<status_bit, std::string_view>, 14> names{{
    {clusters_exceed_pes, "clusters exceed PEs"},
    {tile_exceeds_dim, "tile exceeds dim"},
    {window_exceeds_tile, "window exceeds tile"},
    {partial_filter, "partial R/S"},
    {offset_exceeds_size, "offset > size"},
    {bad_structure, "bad structure"},
    {no_work, "no tile holds a filter window"},
    {edge_exceeds_tile, "strided edge exceeds tile"},
    {implausible_macs, "MACs differ from the layer's"},
    {implausible_runtime, "faster than the PEs"},
    {implausible_traffic, "L2 moves less than a tensor"},
    {implausible_inner_work, "an inner level miscounts its tile"},
    {exceeds_l1, "exceeds L1"},
    {exceeds_l2, "exceeds L2"},
}};

}  // namespace

std::string_view reason_name(status_bit bit) {
  for (const auto& [named, name] : names) {
    if (named == bit) return name;
  }
  return "unknown";
}

std::vector<std::string> reasons(std::uint32_t status) {
  std::vector<std::string> set;
  for (const auto& [bit, name] : names) {
    if ((status & bit) != 0) set.emplace_back(name);
  }
  return set;
}

}  // namespace cugamma
