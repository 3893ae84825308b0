#include <hwy/highway.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "evaluate/back_end.hpp"
#include "evaluate/cpu/cpu_score.hpp"

namespace cugamma {
namespace {

/// Mappings that one task scores: their costs and what the lanes leave over stay in the L1 cache.
constexpr std::size_t chunk = 512;

std::uint32_t problem_of(const genome& g) {
  return static_cast<std::uint32_t>(g.layer_index) << 16 | g.accelerator_index;
}

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

class cpu_evaluator final : public evaluator {
 public:
  explicit cpu_evaluator(int threads)
      : arena_(threads > 0 ? threads : tbb::task_arena::automatic) {}

  std::string_view name() const override { return "cpu"; }

 private:
  void do_evaluate(const batch& b, std::span<cost> out) override {
    fill_tables(b);
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, out.size(), chunk), [&](const auto& r) {
        for (std::size_t i = r.begin(); i < r.end(); i += chunk) {
          const std::size_t n = std::min(chunk, r.end() - i);
          score_chunk(b.genomes.subspan(i, n), out.subspan(i, n));
        }
      });
    });
  }

  void fill_tables(const batch& b) {
    layers_.clear();
    for (const layer& l : b.layers) {
      const auto facts = core::make_layer_facts<double>(l);
      layers_.push_back({facts, core::make_two_level_layer(facts), totals_of(l)});
    }
    machines_.clear();
    for (const accelerator& a : b.accelerators) {
      machines_.push_back({core::make_machine_facts<double>(a), a});
    }
  }

  void score_chunk(std::span<const genome> genomes, std::span<cost> out) const {
    const std::uint32_t first = problem_of(genomes[0]);
    const auto same = [&](const genome& g) { return problem_of(g) == first; };
    if (std::ranges::all_of(genomes, same)) {
      score_alike(genomes, out);
    } else {
      score_mixed(genomes, out);
    }
  }

  /// Lanes share a problem, so a mixed chunk is sorted by problem and put back in order.
  void score_mixed(std::span<const genome> genomes, std::span<cost> out) const {
    std::array<std::uint16_t, chunk> order;
    for (std::size_t i = 0; i < genomes.size(); ++i) order[i] = static_cast<std::uint16_t>(i);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(genomes.size());
    std::sort(order.begin(), end, [&](auto a, auto b) {
      return problem_of(genomes[a]) < problem_of(genomes[b]);
    });
    std::array<genome, chunk> sorted;
    std::array<cost, chunk> costs;
    for (std::size_t i = 0; i < genomes.size(); ++i) sorted[i] = genomes[order[i]];
    for (std::size_t i = 0, next = 0; i < genomes.size(); i = next) {
      while (next < genomes.size() && problem_of(sorted[next]) == problem_of(sorted[i])) ++next;
      score_alike({&sorted[i], next - i}, {&costs[i], next - i});
    }
    for (std::size_t i = 0; i < genomes.size(); ++i) out[order[i]] = costs[i];
  }

  void score_alike(std::span<const genome> genomes, std::span<cost> out) const {
    const cpu_layer& l = layers_[genomes[0].layer_index];
    const cpu_machine& m = machines_[genomes[0].accelerator_index];
    std::array<std::uint32_t, chunk + 1> left;
    const std::size_t count = lanes_.score(l, m, genomes, out, left);
    core::walk_memory<double, simd_walk::count> memory;
    for (std::size_t i = 0; i < count; ++i) {
      const genome& g = genomes[left[i]];
      const std::int32_t pes = pes_of(g, m.limits);
      core::walk(simd_walk{lanes_}, g, l.facts, m.facts, pes, memory);
      out[left[i]] = core::walked_cost(l.facts, memory, problem_of(l, m), pes);
    }
  }

  tbb::task_arena arena_;
  const cpu_lanes& lanes_ = *usable_lanes().back();
  std::vector<cpu_layer> layers_;
  std::vector<cpu_machine> machines_;
};

}  // namespace

std::vector<const cpu_lanes*> usable_lanes() {
  std::vector<const cpu_lanes*> usable{&lanes_base};
#if HWY_ARCH_X86_64
  const auto targets = hwy::SupportedTargets();
  if ((targets & HWY_AVX2) != 0) usable.push_back(&lanes_avx2);
  if ((targets & HWY_AVX3) != 0) usable.push_back(&lanes_avx512);
#endif
  return usable;
}

std::unique_ptr<evaluator> make_cpu_evaluator(const evaluator_options& options) {
  return std::make_unique<cpu_evaluator>(options.threads);
}

}  // namespace cugamma
