#include "models/exact/general_form.hpp"

#include "models/exact/figures.hpp"
#include "models/exact/runtime.hpp"

namespace cugamma::exact {
namespace {

accelerator with_pes(const genome& g, accelerator a) {
  a.num_pes = pes_of(g, a);
  return a;
}

}  // namespace

cost price(const genome& g, const layer& l, const accelerator& a) {
  if (!has_loop_orders(g)) return {.status = bad_structure};
  return price(l, with_pes(g, a), to_mapping(g, l));
}

std::int64_t runtime_of(const genome& g, const layer& l, const accelerator& a) {
  const accelerator own = with_pes(g, a);
  loop_nest n;
  make_nest(l, own, to_mapping(g, l), n);
  return runtime_of(n, own);
}

}  // namespace cugamma::exact
