#pragma once

#include "models/exact/closed/closed_form.hpp"
#include "models/exact/waiting/waiting_walk.hpp"

/// The runtime of two levels whose steps may wait for the NoC or for what is off chip: classes of
/// steps, as docs/exact-model.md has them, the same for every mapping of a register.
namespace cugamma::exact::waiting {

/// Cycles of mappings that are legal and leave the filter whole.
template <class N, class U, class Speeds>
CUGAMMA_HD constexpr wide_of<N> runtime_of(const two_level_genes<N>& g,
                                           const closed_layer<U>& l,
                                           const Speeds& s) {
  using namespace core;
  using W = wide_of<N>;
  const exact::detail::cut_nest<N> n = exact::detail::cut_nest_of(g, l);
  dimension_facts<W> facts[free_dims];
  for (int d = 0; d < free_dims; ++d) {
    const bool has_rows = d >= Y;
    const row_grid<N> grid{N(has_rows ? l.each[d - Y] : U(1)), N(has_rows ? l.more[d - Y] : U(0))};
    facts[d] = facts_of(n.cuts[d], grid, has_rows);
  }
  const step_speeds<W, Speeds> speeds{s, W(s.delay), W(N(l.filter))};
  return waiting_walk<W, Speeds>(facts, g.position[0], g.position[1], l.is_depthwise, speeds)
      .runtime();
}

}  // namespace cugamma::exact::waiting
