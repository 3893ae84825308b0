#include "cugamma/evaluate/network_figures.hpp"

#include <algorithm>

namespace cugamma {

network_figures::network_figures(std::span<const network_part> parts, const accelerator& a)
    : a_(a) {
  for (const network_part& part : parts) {
    const scored_mapping m{part.figures, a_, pes_of(part.mapping, a_)};
    const auto count = static_cast<double>(part.count);
    latency_ += count * m.latency();
    energy_ += count * m.energy();
    maestro_energy_ += count * m.maestro_energy();
    macs_ += count * static_cast<double>(layer_macs(part.l));
    needs_.l1_size_elems = std::max(needs_.l1_size_elems, part.figures.l1_size_elems);
    needs_.l2_size_elems = std::max(needs_.l2_size_elems, part.figures.l2_size_elems);
    if (own_pes(part.mapping) > own_pes(widest_)) set_own_pes(widest_, own_pes(part.mapping));
  }
}

}  // namespace cugamma
