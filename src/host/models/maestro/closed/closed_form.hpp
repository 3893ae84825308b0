#pragma once

#include "models/maestro/closed/inner.hpp"
#include "models/maestro/closed/traffic.hpp"

/// The figures of the mappings that a search mostly breeds, without any enumeration of steps
/// (docs/model.md "The closed form"): two levels, one spatial dimension each out of K, C, Y, X, R
/// and S whole, on an accelerator whose NoC takes a step's traffic at once.
///
/// There a step of the inner level takes as long as its slowest PE computes, so every sum over
/// cases is a product over dimensions: a temporal dimension that is cut into q full tiles and a
/// partial one contributes q x (value of a full tile) + (value of the partial one), the spatial
/// dimension a sum over its few kinds of step.
///
/// What the two flags say of a legal mapping:
/// - `exact`: all figures are MAESTRO's.
/// - `fits_words`, but not `exact`: all but the runtime are; stepwise_runtime() gives it.
/// - neither: the figures mean nothing; walk() scores the mapping.
///
/// N: see two_level.hpp. What is of type N is below 2^32 where `fits_words` is set, and wherever
/// the figures are exact, because the NoC takes it at once; elsewhere an N of 32 bits may have
/// wrapped around.
namespace cugamma::core {

/// N: a wide number.
template <class N>
struct closed_form_figures {
  N runtime_cycles;
  N macs;
  N input_l2_read;
  N filter_l2_read;
  N output_l2_write;
  N l1_elems;
  N l2_elems;
  real_of<N> inner_work_error;
  mask_of<N> legal;
  mask_of<N> exact;       ///< the figures are MAESTRO's
  mask_of<N> fits_words;  ///< all but the runtime are, at least: no volume has more than 32 bits
};

/// All figures of a mapping but the judgement on them. Where `legal` is not set the mapping breaks
/// a rule and the figures mean nothing.
template <class N, class U>
CUGAMMA_HD constexpr closed_form_figures<wide_of<N>> closed_form(const two_level_genes<N>& genes,
                                                                 const two_level_layer<U>& layer,
                                                                 const machine_facts<U>& machine) {
  using W = wide_of<N>;
  closed_form_figures<W> out;
  out.legal = is_legal_nest(genes, layer);
  const outer_level<N> outer = make_outer(genes, layer);
  const inner_level<N> inner = make_inner(genes, outer, layer);
  // The inner level first and all that it is needed for, so that few registers hold it for long.
  out.inner_work_error = inner_error(genes, outer, inner, layer);
  const W head(machine.head_cycles);
  out.runtime_cycles = compute_bound_runtime(genes, outer, inner, layer, head);
  const W bandwidth(machine.noc_bw.value);
  // A step's off-chip traffic must be hidden by its computation, and a PE's work by nothing at all.
  const W hidden = (shortest_step(inner, layer) + W(1)) * W(machine.offchip_bw.value);
  const W least_work = W(layer.window) * W(min_of(inner.spatial.tile, inner.spatial.edge));
  const auto inner_volumes = bound_volumes(genes, layer, 1, inner.spatial, inner.of_full);
  out.exact = are_within(inner_volumes, bandwidth) & (head <= least_work);
  if (machine.simd_lanes.value != U{1}) out.exact = no_lane<N>();
  out.l1_elems = W(2) * pe_buffer(genes, layer);

  out.macs = counted_macs(genes, outer, layer);
  const outer_repeats<N> repeats = count_repeats(genes, outer);
  const couplings& tensors = layer.tensors;
  const auto input = ingress(genes, outer, repeats, layer, tensors.input, outer.in_input);
  const auto filter = ingress(genes, outer, repeats, layer, tensors.filter, outer.in_filter);
  const auto output = egress(genes, outer, layer);
  out.input_l2_read = input.total;
  out.filter_l2_read = filter.total;
  out.output_l2_write = output.total;
  const W first_in = input.first + filter.first;
  out.l2_elems = W(2) * (first_in + output.first);
  const auto outer_volumes = bound_volumes(genes, layer, 0, outer.spatial, outer.tilings);
  out.exact =
      out.exact & are_within(outer_volumes, bandwidth) & (max_of(first_in, output.first) < hidden);
  const W word(std::int64_t{0xffffffff});
  out.fits_words = are_within(inner_volumes, word) & are_within(outer_volumes, word);
  return out;
}

}  // namespace cugamma::core
