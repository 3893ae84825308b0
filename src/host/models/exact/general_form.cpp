#include "models/exact/general_form.hpp"

#include <optional>

#include "models/exact/chained/price.hpp"
#include "models/exact/figures.hpp"
#include "models/exact/runtime.hpp"

namespace cugamma::exact {
namespace {

accelerator with_pes(const genome& g, accelerator a) {
  a.num_pes = pes_of(g, a);
  return a;
}

/// The runtime where it has a closed form.
std::optional<std::int64_t> runtime_with_a_wide_noc(const genome& g,
                                                    const layer& l,
                                                    const accelerator& a) {
  const auto noc = chained::make_machine_limits(a);
  const auto layer_row = chained::make_layer_row(l);
  chained::nest n;
  if (chained::read_nest(g, layer_row.sizes, a.num_pes, n) != 0) return std::nullopt;
  if (!chained::has_wide_noc(n, layer_row.rules, noc)) return std::nullopt;
  return chained::wide_runtime(n, noc);
}

}  // namespace

cost price(const genome& g, const layer& l, const accelerator& a) {
  if (!has_loop_orders(g)) return {.status = bad_structure};
  const accelerator own = with_pes(g, a);
  const mapping m = to_mapping(g, l);
  const auto runtime = runtime_with_a_wide_noc(g, l, own);
  return cost_of(runtime ? evaluate(l, own, m, *runtime) : evaluate(l, own, m), own);
}

std::int64_t runtime_of(const genome& g, const layer& l, const accelerator& a) {
  const accelerator own = with_pes(g, a);
  loop_nest n;
  make_nest(l, own, to_mapping(g, l), n);
  return runtime_of(n, own);
}

}  // namespace cugamma::exact
