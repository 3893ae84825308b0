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

/// Fewest mappings that a task scores of many; of several problems so many are sorted at once.
constexpr std::size_t least = 512;

/// Mappings that one task scores: a single thread's many at once, else every thread has several
/// tasks.
std::size_t task_size(std::size_t mappings, int threads) {
  const std::size_t tasks = threads > 1 ? 4 * static_cast<std::size_t>(threads) : 1;
  return std::clamp(mappings / tasks, least, host_scoring::most_at_once);
}

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
    const std::size_t size = task_size(out.size(), arena_.max_concurrency());
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, out.size(), size), [&](const auto& r) {
        for (std::size_t i = r.begin(); i < r.end(); i += size) {
          const std::size_t n = std::min(size, r.end() - i);
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
      return;
    }
    for (std::size_t i = 0; i < genomes.size(); i += least) {
      const std::size_t n = std::min(least, genomes.size() - i);
      score_mixed(genomes.subspan(i, n), out.subspan(i, n));
    }
  }

  /// A call of score() is for one problem, so a mixed chunk is sorted by problem and put back in
  /// order.
  void score_mixed(std::span<const genome> genomes, std::span<cost> out) const {
    std::array<std::uint16_t, least> order;
    for (std::size_t i = 0; i < genomes.size(); ++i) order[i] = static_cast<std::uint16_t>(i);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(genomes.size());
    std::sort(order.begin(), end, [&](auto a, auto b) {
      return problem_of(genomes[a]) < problem_of(genomes[b]);
    });
    std::array<genome, least> sorted;
    std::array<cost, least> costs;
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
