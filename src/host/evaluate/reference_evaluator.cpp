#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <cstddef>
#include <memory>

#include "evaluate/back_end.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma {
namespace {

cost evaluate_one(const batch& b, const genome& g) {
  if (!has_loop_orders(g)) return {.status = bad_structure};
  const layer& l = b.layers[g.layer_index];
  accelerator a = b.accelerators[g.accelerator_index];
  if (own_pes(g) != 0) a.num_pes = own_pes(g);
  return evaluate_reference(l, a, to_mapping(g, l)).figures;
}

class reference_evaluator final : public evaluator {
 public:
  explicit reference_evaluator(int threads)
      : arena_(threads > 0 ? threads : tbb::task_arena::automatic) {}

  std::string_view name() const override { return "reference"; }

 private:
  void do_evaluate(const batch& b, std::span<cost> out) override {
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, out.size()), [&](const auto& range) {
        for (std::size_t i = range.begin(); i < range.end(); ++i) {
          out[i] = evaluate_one(b, b.genomes[i]);
        }
      });
    });
  }

  tbb::task_arena arena_;
};

}  // namespace

std::unique_ptr<evaluator> make_reference_evaluator(const evaluator_options& options) {
  return std::make_unique<reference_evaluator>(options.threads);
}

}  // namespace cugamma
