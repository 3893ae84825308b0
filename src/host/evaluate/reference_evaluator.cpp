#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <cstddef>
#include <memory>

#include "evaluate/back_end.hpp"

namespace cugamma {
namespace {

cost evaluate_one(const cost_model& model, const batch& b, const genome& g) {
  if (!has_loop_orders(g)) return {.status = bad_structure};
  const layer& l = b.layers[g.layer_index];
  accelerator a = b.accelerators[g.accelerator_index];
  a.num_pes = pes_of(g, a);
  return model.price(l, a, to_mapping(g, l));
}

class reference_evaluator final : public evaluator {
 public:
  explicit reference_evaluator(const evaluator_options& o)
      : model_(*o.model), arena_(o.threads > 0 ? o.threads : tbb::task_arena::automatic) {}

  std::string_view name() const override { return "reference"; }

 private:
  void do_evaluate(const batch& b, std::span<cost> out) override {
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, out.size()), [&](const auto& range) {
        for (std::size_t i = range.begin(); i < range.end(); ++i) {
          out[i] = evaluate_one(model_, b, b.genomes[i]);
        }
      });
    });
  }

  const cost_model& model_;
  tbb::task_arena arena_;
};

}  // namespace

std::unique_ptr<evaluator> make_reference_evaluator(const evaluator_options& options) {
  return std::make_unique<reference_evaluator>(options);
}

}  // namespace cugamma
