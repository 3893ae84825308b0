#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

#include "evaluate/back_end.hpp"
#include "models/host_scoring.hpp"

namespace cugamma {
namespace {

/// Mappings that one task scores.
constexpr std::size_t chunk = host_scoring::most_at_once;

std::uint32_t problem_of(const genome& g) {
  return static_cast<std::uint32_t>(g.layer_index) << 16 | g.accelerator_index;
}

class cpu_evaluator final : public evaluator {
 public:
  explicit cpu_evaluator(const evaluator_options& o)
      : arena_(o.threads > 0 ? o.threads : tbb::task_arena::automatic),
        scoring_(o.model->make_scoring()) {}

  std::string_view name() const override { return "cpu"; }

 private:
  void do_evaluate(const batch& b, std::span<cost> out) override {
    scoring_->prepare(b.layers, b.accelerators);
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, out.size(), chunk), [&](const auto& r) {
        for (std::size_t i = r.begin(); i < r.end(); i += chunk) {
          const std::size_t n = std::min(chunk, r.end() - i);
          score_chunk(b.genomes.subspan(i, n), out.subspan(i, n));
        }
      });
    });
  }

  void score_chunk(std::span<const genome> genomes, std::span<cost> out) const {
    const std::uint32_t first = problem_of(genomes[0]);
    const auto same = [&](const genome& g) { return problem_of(g) == first; };
    if (std::ranges::all_of(genomes, same)) {
      scoring_->score(genomes, out);
    } else {
      score_mixed(genomes, out);
    }
  }

  /// A call of score() is for one problem, so a mixed chunk is sorted by problem and put back in
  /// order.
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
      scoring_->score({&sorted[i], next - i}, {&costs[i], next - i});
    }
    for (std::size_t i = 0; i < genomes.size(); ++i) out[order[i]] = costs[i];
  }

  tbb::task_arena arena_;
  std::unique_ptr<host_scoring> scoring_;
};

}  // namespace

std::unique_ptr<evaluator> make_cpu_evaluator(const evaluator_options& options) {
  return std::make_unique<cpu_evaluator>(options);
}

}  // namespace cugamma
