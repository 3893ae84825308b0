#include "models/exact/cpu/exact_scoring.hpp"

#include <hwy/highway.h>

#include <array>
#include <vector>

#include "models/exact/chained/price.hpp"
#include "models/exact/cpu/lane_score.hpp"
#include "models/exact/figures.hpp"
#include "models/exact/general_form.hpp"
#include "models/lane_sets.hpp"

namespace cugamma::exact {
namespace {

const exact_lanes& usable_lanes() {
#if HWY_ARCH_X86_64
  return widest_lanes({&lanes_base, &lanes_avx2, &lanes_avx512});
#else
  return lanes_base;
#endif
}

class exact_scoring final : public host_scoring {
 public:
  void prepare(std::span<const layer> layers, std::span<const accelerator> accelerators) override {
    layers_.assign(layers.begin(), layers.end());
    lane_layers_.clear();
    chained_layers_.clear();
    for (const layer& l : layers) {
      lane_layers_.push_back(prepared(l));
      chained_layers_.push_back(chained::make_layer_row(l));
    }
    accelerators_.clear();
    chained_accelerators_.clear();
    for (const accelerator& a : accelerators) {
      accelerators_.push_back(
          {make_closed_accelerator<double>(a), waiting::make_noc_speeds<double>(a), a});
      chained_accelerators_.push_back(chained::make_accelerator_row(a));
    }
  }

  void score(std::span<const genome> genomes, std::span<cost> out) const override {
    const lane_accelerator& a = accelerators_[genomes[0].accelerator_index];
    std::array<std::uint32_t, most_at_once + 1> whole, runtime;
    left_over left{whole, runtime};
    lanes_.score(lane_layers_[genomes[0].layer_index], a, genomes, out, left);
    for (std::size_t i = 0; i < left.whole_count; ++i) {
      score_whole(genomes[whole[i]], out[whole[i]]);
    }
    for (std::size_t i = 0; i < left.runtime_count; ++i) {
      out[runtime[i]].runtime_cycles = runtime_of_legal(genomes[runtime[i]]);
    }
  }

 private:
  /// Scores a mapping that the lanes cannot express.
  void score_whole(const genome& g, cost& out) const {
    const bool is_done = chained::score(g,
                                        chained_layers_[g.layer_index],
                                        chained_accelerators_[g.accelerator_index],
                                        out);
    if (is_done) return;
    out = price(g, layers_[g.layer_index], accelerators_[g.accelerator_index].limits);
  }

  std::int64_t runtime_of_legal(const genome& g) const {
    const chained::layer_row& l = chained_layers_[g.layer_index];
    const chained::accelerator_row& a = chained_accelerators_[g.accelerator_index];
    chained::nest n;
    chained::read_nest(g, l.sizes, a.limits.num_pes, n);
    return n.has_whole_filter ? chained::runtime_of(n, l, a)
                              : runtime_of(g, layers_[g.layer_index], a.limits);
  }

  static lane_layer prepared(const layer& l) {
    const tensor_counts touched = touched_elements(l);
    return {make_closed_layer<double>(l),
            split::make_split_layer<double>(l),
            core::make_gene_context(l),
            static_cast<double>(layer_macs(l)),
            static_cast<double>(touched.input + touched.filter),
            static_cast<double>(touched.output)};
  }

  const exact_lanes& lanes_ = usable_lanes();
  std::vector<layer> layers_;
  std::vector<lane_layer> lane_layers_;
  std::vector<lane_accelerator> accelerators_;
  std::vector<chained::layer_row> chained_layers_;
  std::vector<chained::accelerator_row> chained_accelerators_;
};

}  // namespace

std::unique_ptr<host_scoring> make_scoring() { return std::make_unique<exact_scoring>(); }

}  // namespace cugamma::exact
