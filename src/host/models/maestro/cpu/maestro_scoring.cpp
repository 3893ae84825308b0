#include "models/maestro/cpu/maestro_scoring.hpp"

#include <hwy/highway.h>

#include <array>

#include "models/lane_sets.hpp"
#include "models/maestro/cpu/lane_score.hpp"

namespace cugamma {
namespace {

/// One lane, as core::walk() sees it, that takes a SIMD register of tiles at a time.
struct simd_walk {
  static constexpr unsigned count = 1;
  const cpu_lanes& lanes;

  template <class F>
  void each(F f) const {
    f(0u);
  }
  float analyse(const core::handed_tiles<double>& tiles, unsigned lane) const {
    return lanes.analyse_tiles(tiles, lane, count);
  }
};

class maestro_scoring final : public host_scoring {
 public:
  void prepare(std::span<const layer> layers, std::span<const accelerator> accelerators) override {
    layers_.clear();
    for (const layer& l : layers) {
      const auto facts = core::make_layer_facts<double>(l);
      layers_.push_back(
          {facts, core::make_two_level_layer(facts), core::make_gene_context(l), totals_of(l)});
    }
    machines_.clear();
    for (const accelerator& a : accelerators) {
      machines_.push_back({core::make_machine_facts<double>(a), a});
    }
  }

  void score(std::span<const genome> genomes, std::span<cost> out) const override {
    const cpu_layer& l = layers_[genomes[0].layer_index];
    const cpu_machine& m = machines_[genomes[0].accelerator_index];
    std::array<std::uint32_t, most_at_once + 1> left;
    const std::size_t count = lanes_.score(l, m, genomes, out, left);
    core::walk_memory<double, simd_walk::count> memory;
    for (std::size_t i = 0; i < count; ++i) {
      const genome& g = genomes[left[i]];
      const std::int32_t pes = pes_of(g, m.limits);
      core::walk(simd_walk{lanes_}, g, l.facts, m.facts, pes, memory);
      out[left[i]] = core::walked_cost(l.facts, memory, problem_of(l, m), pes);
    }
  }

 private:
  const cpu_lanes& lanes_ = *usable_lanes().back();
  std::vector<cpu_layer> layers_;
  std::vector<cpu_machine> machines_;
};

}  // namespace

std::vector<const cpu_lanes*> usable_lanes() {
  std::vector<const cpu_lanes*> all{&lanes_base};
#if HWY_ARCH_X86_64
  all.insert(all.end(), {&lanes_avx2, &lanes_avx512});
#endif
  all.resize(usable_lane_sets());
  return all;
}

std::unique_ptr<host_scoring> make_maestro_scoring() { return std::make_unique<maestro_scoring>(); }

}  // namespace cugamma
