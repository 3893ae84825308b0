#pragma once

#include <cstdint>

#include "cugamma/hd.hpp"
#include "cugamma/models/cost.hpp"
#include "models/maestro/counts.hpp"
#include "models/maestro/energy.hpp"
#include "models/maestro/plausibility.hpp"

/// From what MAESTRO's model counts to a cost. Every form of the model ends here.
namespace cugamma {

/// The figures that follow from counts: all but the runtime and the test of it. N: of the counts;
/// R: a double, or one a SIMD lane.
template <class N, class R>
struct basic_figures {
  N num_macs;
  R energy_nj;
  R csv_energy_nj;
  N l1_size_elems;
  N l2_size_elems;
  N status;
  core::real_of<N> inner_work_error;
};

template <class R, class N>
CUGAMMA_HD constexpr basic_figures<N, R> figures_of(const basic_counts<N>& n,
                                                    const maestro_problem& p,
                                                    int level_count) {
  const activity<R> done{R(n.num_macs),
                         R(n.output_l1),
                         R(n.input_l2_read),
                         R(n.filter_l2_read),
                         R(n.output_l2_write)};
  const cost_constants& k = p.machine.constants;
  return {n.num_macs,
          energy_nj(done, p.layer.fill, k),
          maestro_csv_energy_nj(done, p.layer.fill, k, level_count),
          n.l1_size_elems,
          n.l2_size_elems,
          check_counts(n, p),
          n.inner_work_error};
}

/// The cost of a legal mapping. num_pes: of the individual.
CUGAMMA_HD constexpr cost cost_of(const basic_figures<std::int64_t, double>& f,
                                  std::int64_t runtime_cycles,
                                  const maestro_problem& p,
                                  std::int32_t num_pes) {
  // Field by field: a copy of a cost that was written in parts stalls the CPU.
  return {runtime_cycles,
          f.num_macs,
          f.energy_nj,
          f.csv_energy_nj,
          f.l1_size_elems,
          f.l2_size_elems,
          0,
          static_cast<std::uint32_t>(f.status) | check_runtime(runtime_cycles, p, num_pes),
          f.inner_work_error};
}
CUGAMMA_HD constexpr cost cost_of(const maestro_counts& n,
                                  std::int64_t runtime_cycles,
                                  const maestro_problem& p,
                                  std::int32_t num_pes,
                                  int level_count) {
  return cost_of(figures_of<double>(n, p, level_count), runtime_cycles, p, num_pes);
}

/// Gives a cost another runtime; the other figures stand.
CUGAMMA_HD constexpr void set_runtime(cost& c,
                                      std::int64_t runtime_cycles,
                                      const maestro_problem& p,
                                      std::int32_t num_pes) {
  c.runtime_cycles = runtime_cycles;
  c.status =
      (c.status & ~std::uint32_t{implausible_runtime}) | check_runtime(runtime_cycles, p, num_pes);
}

}  // namespace cugamma
