#include <algorithm>
#include <memory>
#include <vector>

#include "cuda_device.hpp"
#include "cugamma/evaluate/ranking.hpp"
#include "device_ranker.hpp"
#include "evaluate/back_end.hpp"
#include "families/device_families.hpp"
#include "score_pipeline.hpp"

namespace cugamma {
namespace {

// Ranked in one go; more are cut, and the best of the parts ranked again.
constexpr std::size_t most_ranked = std::size_t{1} << 24;

// Of families, made and scored in one go: more are no faster a mapping.
constexpr std::size_t most_made = std::size_t{1} << 21;

class cuda_evaluator final : public evaluator {
 public:
  explicit cuda_evaluator(const evaluator_options& options)
      : device_(find_cuda_device(options.device)), pipeline_(device_, options) {}

  std::string_view name() const override { return "cuda"; }
  bool runs_on_host() const override { return false; }
  std::pmr::memory_resource* memory() const override { return pinned_memory(); }
  device_profile profile() const override { return pipeline_.profile(); }

 private:
  bool checks_indices_itself() const override { return true; }

  void do_evaluate(const batch& b, std::span<cost> out) override {
    pipeline_.begin(b);
    pipeline_.score(b.genomes, out);
    if (pipeline_.found_index_out_of_range()) check_indices(b);
  }

  std::vector<ranked_mapping> do_evaluate_best(const batch& b,
                                               const ranking_rule& rule,
                                               std::size_t count) override {
    pipeline_.begin(b);
    const std::size_t part = part_size();
    if (b.genomes.size() <= part) return best_of(b, 0, part, rule, count);
    std::vector<ranked_mapping> best;
    for (std::size_t first = 0; first < b.genomes.size(); first += part) {
      const auto of_part = best_of(b, first, part, rule, count);
      best.insert(best.end(), of_part.begin(), of_part.end());
    }
    return rank_again(b, rule, count, best);
  }

  std::optional<numbered_mapping> do_evaluate_families(const family_batch& b,
                                                       objective by) override {
    pipeline_.begin({b.layers, b.accelerators, {}});
    return families_.best_of(b, by, std::min(part_size(), most_made), pipeline_);
  }

  // The best of the part of a batch that begins at `first`.
  std::vector<ranked_mapping> best_of(const batch& b,
                                      std::size_t first,
                                      std::size_t part,
                                      const ranking_rule& rule,
                                      std::size_t count) {
    const std::size_t size = std::min(part, b.genomes.size() - first);
    const resident_population p = pipeline_.score_resident(b.genomes.subspan(first, size));
    if (pipeline_.found_index_out_of_range()) check_indices(b);
    std::vector<ranked_mapping> best =
        ranker_.rank(b.accelerators, p, rule, count, pipeline_.stream());
    for (ranked_mapping& m : best) m.index += static_cast<std::uint32_t>(first);
    return best;
  }

  // Mappings that fit on the device together with all that ranking needs; half of what is free, for
  // the pool's own needs.
  std::size_t part_size() const {
    constexpr std::size_t each = sizeof(genome) + sizeof(cost) + device_ranker::bytes_each;
    const std::size_t fits = free_device_memory(device_.index) / 2 / each;
    return std::clamp<std::size_t>(fits, 1, most_ranked);
  }

  // The best of the best of several parts. Every part's own best are among them, so none is missed.
  static std::vector<ranked_mapping> rank_again(const batch& b,
                                                const ranking_rule& rule,
                                                std::size_t count,
                                                const std::vector<ranked_mapping>& parts) {
    std::vector<genome> genomes;
    std::vector<cost> costs;
    for (const ranked_mapping& m : parts) {
      genomes.push_back(b.genomes[m.index]);
      costs.push_back(m.value);
    }
    auto best = rank_best({b.layers, b.accelerators, genomes}, costs, rule, count);
    for (ranked_mapping& m : best) m.index = parts[m.index].index;
    return best;
  }

  cuda_device device_;
  score_pipeline pipeline_;
  device_families families_;
  device_ranker ranker_;  // both after the pipeline, on whose stream their memory is freed
};

}  // namespace

std::optional<std::string> cuda_back_end_obstacle() { return cuda_obstacle(probe_cuda()); }

int cuda_device_count() { return static_cast<int>(usable_cuda_devices().size()); }

std::unique_ptr<evaluator> make_cuda_evaluator(const evaluator_options& options) {
  return std::make_unique<cuda_evaluator>(options);
}

}  // namespace cugamma
