#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "back_end.hpp"
#include "cpu_score.hpp"
#include "cugamma/core/fitness.hpp"

namespace cugamma {
namespace {

void score_plain(const cpu_tables& tables, std::span<const genome> genomes, std::span<cost> out) {
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    const genome& g = genomes[i];
    const cpu_layer& l = tables.layers[g.layer_index];
    const cpu_machine& m = tables.machines[g.accelerator_index];
    const std::int32_t pes = own_pes(g) != 0 ? own_pes(g) : m.limits.num_pes;
    out[i] = core::fitness<core::single_tile<double>>(g, l.facts, m.facts, pes);
    if (is_legal(out[i].status))
      out[i].status |= check_plausibility(l.totals, m.limits, pes, out[i]);
  }
}

class cpu_evaluator final : public evaluator {
 public:
  explicit cpu_evaluator(int threads)
      : arena_(threads > 0 ? threads : tbb::task_arena::automatic) {}

  std::string_view name() const override { return "cpu"; }

 private:
  static constexpr std::size_t grain = 512;

  void do_evaluate(const batch& b, std::span<cost> out) override {
    layers_.clear();
    for (const layer& l : b.layers) {
      layers_.push_back({core::make_layer_facts<double>(l), totals_of(l)});
    }
    machines_.clear();
    for (const accelerator& a : b.accelerators) {
      machines_.push_back({core::make_machine_facts<double>(a), a});
    }
    const cpu_tables tables{layers_, machines_};
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, out.size(), grain), [&](const auto& r) {
        score_(tables, b.genomes.subspan(r.begin(), r.size()), out.subspan(r.begin(), r.size()));
      });
    });
  }

  tbb::task_arena arena_;
  cpu_score score_ = score_plain;
  std::vector<cpu_layer> layers_;
  std::vector<cpu_machine> machines_;
};

}  // namespace

std::unique_ptr<evaluator> make_cpu_evaluator(const evaluator_options& options) {
  return std::make_unique<cpu_evaluator>(options.threads);
}

}  // namespace cugamma
