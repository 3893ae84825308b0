#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <mutex>

#include "bindings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/objective.hpp"
#include "cugamma/formats/loop_nest.hpp"
#include "cugamma/models/cost_model.hpp"
#include "cugamma/problem/layer.hpp"
#include "evaluate/back_end.hpp"

namespace cugamma::python {
namespace {

using namespace nb::literals;
using layers = std::vector<layer>;
using accelerators = std::vector<accelerator>;
using doubles = nb::ndarray<double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

/// An evaluator that any Python thread may call: one at a time.
class shared_evaluator {
 public:
  shared_evaluator(const std::string& back_end, int threads, const std::string& model)
      : evaluator_(
            make_evaluator(back_end, {.threads = threads, .model = &find_cost_model(model)})) {}

  std::string name() const { return std::string(evaluator_->name()); }

  /// Piece by piece, so that Ctrl-C ends it: a piece takes some tenths of a second.
  void evaluate(const batch& b, std::span<cost> out) {
    using clock = std::chrono::steady_clock;
    const nb::gil_scoped_release others_may_run;
    const std::lock_guard one_at_a_time(mutex_);
    if (b.genomes.size() != out.size()) return evaluator_->evaluate(b, out);  // throws
    check_indices(b);
    std::size_t piece = evaluator_->name() == "reference" ? 256 : 65536;
    for (std::size_t begin = 0;;) {
      const auto start = clock::now();
      const std::size_t count = std::min(piece, out.size() - begin);
      evaluator_->evaluate({b.layers, b.accelerators, b.genomes.subspan(begin, count)},
                           out.subspan(begin, count));
      begin += count;
      if (begin == out.size()) return;
      if (clock::now() - start < std::chrono::milliseconds(200)) piece *= 2;
      const nb::gil_scoped_acquire interpreter;
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
    }
  }

 private:
  std::unique_ptr<evaluator> evaluator_;
  std::mutex mutex_;
};

/// The figures of an objective; NaN for illegal mappings.
void figures(objective o, const batch& b, std::span<const cost> costs, double* out) {
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const genome& g = b.genomes[i];
    if (g.accelerator_index >= b.accelerators.size())
      throw input_error("a mapping names no accelerator");
    const accelerator& a = b.accelerators[g.accelerator_index];
    out[i] = is_legal(costs[i].status) ? figure(o, scored_mapping{costs[i], a, pes_of(g, a)})
                                       : std::numeric_limits<double>::quiet_NaN();
  }
}

void objective_into(const std::string& name,
                    const layers& ls,
                    const accelerators& as,
                    const const_record_rows& genomes,
                    const const_record_rows& costs,
                    const doubles& out) {
  const std::vector<objective> parsed = parse_objectives(name);
  if (parsed.size() != 1) throw input_error("objective: expected one name, found " + name);
  const batch b = batch_of(ls, as, genomes);
  const std::span<const cost> from = costs_of(costs);
  if (b.genomes.size() != from.size() || out.shape(0) != from.size())
    throw input_error("objective: mappings, costs and result differ in number");
  const nb::gil_scoped_release others_may_run;
  figures(parsed[0], b, from, out.data());
}

nb::dict full_report(const layer& l,
                     const accelerator& a,
                     const mapping& m,
                     const std::string& cost_model_name) {
  const cost_model& model = find_cost_model(cost_model_name);
  if (const auto obstacle = model.obstacle(l, a)) throw input_error(*obstacle);
  const report figures = model.explain(l, a, m);
  const std::uint32_t status = figures.figures.status;
  nb::dict metrics;
  if (is_legal(status))
    for (std::size_t i = 0; i < model.columns.size(); ++i) {
      const report_column& column = model.columns[i];
      const double value = figures.values[i];
      metrics[nb::str(column.name.data(), column.name.size())] =
          column.is_whole ? nb::object(nb::int_(static_cast<std::int64_t>(value)))
                          : nb::object(nb::float_(value));
    }
  nb::dict out;
  out["status"] = is_legal(status) ? "ok" : "illegal";
  out["reasons"] = reasons(is_legal(status) ? status : status & illegal_mask, model);
  out["layer_macs"] = macs_of(l);
  out["metrics"] = metrics;
  return out;
}

}  // namespace

void bind_evaluation(nb::module_& module) {
  nb::class_<shared_evaluator>(module, "Evaluator", "A back end.")
      .def(nb::init<const std::string&, int, const std::string&>(),
           "back_end"_a = "auto",
           "threads"_a = 0,
           "cost_model"_a = std::string(default_cost_model),
           "Raises InputError for an unknown back end or cost model, BackendError for one that "
           "cannot run here.")
      .def_prop_ro("name", &shared_evaluator::name)
      .def(
          "evaluate_rows",
          [](shared_evaluator& self,
             const layers& ls,
             const accelerators& as,
             const const_record_rows& genomes,
             const record_rows& out) { self.evaluate(batch_of(ls, as, genomes), costs_of(out)); },
          "layers"_a,
          "accelerators"_a,
          "genomes"_a,
          "out"_a);
  module.def(
      "available_evaluators",
      [](const std::string& model) { return available_evaluators(find_cost_model(model)); },
      "cost_model"_a = std::string(default_cost_model),
      "Names of the back ends that can score with a cost model here, the fastest last.");
  module.def(
      "cost_models",
      [] {
        std::vector<std::string> names;
        for (const cost_model* m : cost_models()) names.emplace_back(m->name);
        return names;
      },
      "Names of the cost models, the default one first.");
  module.def("objective_rows",
             &objective_into,
             "name"_a,
             "layers"_a,
             "accelerators"_a,
             "genomes"_a,
             "costs"_a,
             "out"_a);
  module.def("report",
             &full_report,
             "layer"_a,
             "accelerator"_a,
             "mapping"_a,
             "cost_model"_a = std::string(default_cost_model),
             "The cost model's columns of one mapping, as cugamma evaluate prints them: "
             "{'status', 'reasons', 'layer_macs', 'metrics'}; no metrics for an illegal mapping.");
  module.def(
      "loop_nest_of",
      [](const const_record_rows& row, const layer& l, const accelerator& a) {
        return loop_nest(genomes_of(row)[0], l, a);
      },
      "row"_a,
      "layer"_a,
      "accelerator"_a);
  module.def(
      "reasons",
      [](std::uint32_t status, const std::string& model) {
        return reasons(status, find_cost_model(model));
      },
      "status"_a,
      "cost_model"_a = std::string(default_cost_model),
      "What the bits of a status say.");
}

}  // namespace cugamma::python
