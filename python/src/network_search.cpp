#include "cugamma/search/network_search.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "bindings.hpp"
#include "cugamma/certify/certify.hpp"
#include "cugamma/search/co_design.hpp"
#include "cugamma/search/warm_start.hpp"

namespace cugamma::python {
namespace {

using namespace nb::literals;
using request = network_search_request;

/// The figures of the objectives; None where there is no best.
nb::object figures_of(const search_options& options, const std::optional<search_rank>& best) {
  if (!best) return nb::none();
  nb::list figures;
  for (std::size_t i = 0; i < options.objectives.size(); ++i) {
    figures.append(figure_of_value(options.objectives[i], best->values[i]));
  }
  return nb::tuple(figures);
}

/// The best so far of a run that searches one layer.
std::optional<search_rank> best_of(const run_summary& run) {
  std::optional<search_rank> best;
  for (const search_log& log : run.logs) {
    if (log.history.empty() || !log.history.back().best) continue;
    if (!best || *log.history.back().best < *best) best = log.history.back().best;
  }
  return best;
}

/// What a search and Python's interpreter tell each other while others have the interpreter.
class python_link {
 public:
  explicit python_link(nb::object progress) : progress_(std::move(progress)) {}

  /// Tells the callback where a run stands; with the best where it searches one layer.
  void observe(const run_summary& run, const std::string& stage, const request& r) {
    const nb::gil_scoped_acquire interpreter;
    if (progress_.is_none() || is_stopped_) return;
    guarded([&] {
      const std::optional<search_rank> best = r.layers.size() == 1 ? best_of(run) : std::nullopt;
      const nb::object answer = progress_(run.generations - 1,
                                          run.evaluations,
                                          run.seconds,
                                          stage,
                                          figures_of(r.search, best));
      if (answer.is(nb::bool_(false))) is_stopped_ = true;
    });
  }

  /// Whether Ctrl-C, an exception or an answer of `progress` ends the search.
  bool ends() {
    if (is_stopped_ || raised_) return true;
    const nb::gil_scoped_acquire interpreter;
    guarded([] {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
    });
    return raised_ != nullptr;
  }

  /// Python's warning of what goes wrong without ending the search.
  void warn(const std::string& problem) {
    const nb::gil_scoped_acquire interpreter;
    guarded([&] {
      if (PyErr_WarnEx(PyExc_RuntimeWarning, problem.c_str(), 1) != 0) throw nb::python_error();
    });
  }

  /// Throws what was raised meanwhile.
  void rethrow() const {
    if (raised_) std::rethrow_exception(raised_);
  }

 private:
  template <typename Call>
  void guarded(const Call& call) {
    try {
      call();
    } catch (...) {
      if (!raised_) raised_ = std::current_exception();
    }
  }

  nb::object progress_;
  std::exception_ptr raised_;
  bool is_stopped_ = false;
};

network_search_result run(request r, nb::object progress) {
  python_link link(std::move(progress));
  r.stop.interrupted = [&link] { return link.ends(); };
  r.checkpoints.warn = [&link](const std::string& problem) { link.warn(problem); };
  network_search_result result;
  {
    const nb::gil_scoped_release others_may_run;
    result = search_network(r, [&](const run_summary& run, const std::string& stage) {
      link.observe(run, stage, r);
    });
  }
  link.rethrow();
  result.request.stop.interrupted = {};
  result.request.checkpoints.warn = {};
  return result;
}

/// What is proved of the layers, as certify_json tells it. Ctrl-C ends the proofs and is raised.
std::string prove(const network_search_result& found, double gap, double seconds) {
  expect_certifiable(found.request);
  python_link link{nb::object(nb::none())};
  certify_options options;
  options.gap = gap;
  options.seconds = seconds;
  options.interrupted = [&link] { return link.ends(); };
  std::vector<certified_layer> proved;
  {
    const nb::gil_scoped_release others_may_run;
    proved = certify(found, options);
  }
  link.rethrow();
  return certify_json(proved, *found.request.search.model);
}

nb::list history_of(const search_log& log, const search_options& options) {
  nb::list history;
  for (const history_entry& entry : log.history) {
    history.append(
        nb::make_tuple(entry.generation, entry.evaluations, figures_of(options, entry.best)));
  }
  return history;
}

/// What result.json does not hold of a layer.
nb::dict layer_dict(const searched_layer& l, const network_search_result& result) {
  accelerator machine = result.request.machine;
  std::vector<genome> genomes;
  std::vector<cost> costs;
  const auto add = [&](const candidate& c) {
    genomes.push_back(c.mapping);
    costs.push_back(c.figures);
  };
  if (l.best) {
    add(*l.best);
    machine.num_pes = pes_of(l.best->mapping, machine);
  }
  for (const candidate& c : l.front.members) add(c);
  nb::dict out;
  out["given"] = l.given;
  out["mapped"] = l.mapped;
  out["accelerator"] = machine;
  out["genomes"] = rows_from(std::span<const genome>(genomes));
  out["costs"] = rows_from(std::span<const cost>(costs));
  out["rejected"] = rejected_dict(l.rejected, result.request.search);
  out["history"] = history_of(l.log, result.request.search);
  return out;
}

/// A field of a request, or of what it holds, as an attribute.
template <typename Get>
void option(nb::class_<request>& bound, const char* name, Get get) {
  using value = std::remove_reference_t<decltype(get(std::declval<request&>()))>;
  bound.def_prop_rw(
      name,
      [get](request& r) -> value { return get(r); },
      [get](request& r, const value& given) { get(r) = given; });
}

/// The options of a search by the names that the command line has for them, with its defaults.
void bind_options(nb::class_<request>& bound) {
  option(
      bound,
      "population",
      [](request & r) -> auto& { return r.search.population; });
  option(
      bound,
      "seed",
      [](request & r) -> auto& { return r.search.seed; });
  option(
      bound,
      "tournament_size",
      [](request & r) -> auto& { return r.search.tournament_size; });
  option(
      bound,
      "front_size",
      [](request & r) -> auto& { return r.search.front_capacity; });
  option(
      bound,
      "reference",
      [](request & r) -> auto& { return r.search.reference; });
  option(
      bound,
      "patience",
      [](request & r) -> auto& { return r.search.patience; });
  option(
      bound,
      "generations",
      [](request & r) -> auto& { return r.stop.generations; });
  option(
      bound,
      "evaluations",
      [](request & r) -> auto& { return r.stop.evaluations; });
  option(
      bound,
      "time_limit",
      [](request & r) -> auto& { return r.stop.seconds; });
  option(
      bound,
      "levels_min",
      [](request & r) -> auto& { return r.space.levels_min; });
  option(
      bound,
      "levels_max",
      [](request & r) -> auto& { return r.space.levels_max; });
  option(
      bound,
      "cluster_size",
      [](request & r) -> auto& { return r.space.cluster_size; });
  option(
      bound,
      "parallel_rs",
      [](request & r) -> auto& { return r.space.parallel_rs; });
  option(
      bound,
      "factors_only",
      [](request & r) -> auto& { return r.space.factors_only; });
  option(
      bound,
      "checkpoint",
      [](request & r) -> auto& { return r.checkpoints.folder; });
  option(
      bound,
      "checkpoint_every",
      [](request & r) -> auto& { return r.checkpoints.every_seconds; });
  option(
      bound,
      "resume",
      [](request & r) -> auto& { return r.checkpoints.resume; });
  bound.def_rw("model", &request::model)
      .def_rw("layers", &request::layers)
      .def_rw("accelerator", &request::machine)
      .def_rw("area_budget", &request::area_budget_mm2)
      .def_rw("init", &request::init)
      .def_rw("algorithm", &request::algorithm)
      .def_rw("islands", &request::islands)
      .def_rw("migration_interval", &request::migration_interval)
      .def_rw("backend", &request::back_end)
      .def_rw("devices", &request::devices)
      .def_rw("threads", &request::threads);
}

/// Those that are said in words, and those that may be left out.
void bind_words(nb::class_<request>& bound) {
  bound
      .def("set_objectives",
           [](request& r, const std::string& names) {
             r.search.objectives = parse_objectives(names);
           })
      .def("set_limits",
           [](request& r, const std::string& limits) { r.search.limits = parse_limits(limits); })
      .def("set_selection",
           [](request& r, const std::string& name) { r.search.selection = parse_selection(name); })
      .def("set_cost_model",
           [](request& r, const std::string& name) { r.search.model = &find_cost_model(name); })
      .def("set_trust",
           [](request& r, const std::string& name) { r.search.trust = parse_belief(name); })
      .def("set_constraint",
           [](request& r, const mapping_constraint& c, const std::string& flex) {
             r.constraint = c;
             if (!flex.empty()) r.flexibility = name_of(parse_flexibility(flex));
           })
      .def("set_dataflows",
           [](request& r, const std::vector<mapping_constraint>& all) { r.dataflows = all; })
      .def(
          "search_pes_up_to",
          [](request& r, std::optional<std::int32_t> limit) {
            r.search_pes = true;
            r.machine.num_pes = limit.value_or(default_pe_limit);
          },
          "limit"_a.none())
      .def("run", &run, "progress"_a.none(), "Searches. Raises InputError, BackendError.");
}

}  // namespace

void bind_network_search(nb::module_& module) {
  nb::class_<request> bound(module, "NetworkSearchRequest", "A search of a network's layers.");
  bound.def(nb::init<>());
  bind_options(bound);
  bind_words(bound);
  using result = network_search_result;
  nb::class_<result>(module, "NetworkSearchFound", "What a search of a network found.")
      .def_prop_ro("json", &result_json)
      .def(
          "write",
          [](const result& r, const std::string& folder) { write_result(r, folder); },
          "folder"_a)
      .def("prove", &prove, "gap"_a, "time_limit"_a)
      .def_prop_ro("accelerator", [](const result& r) { return r.request.machine; })
      .def_prop_ro("layers", [](const result& r) {
        nb::list layers;
        for (const searched_layer& l : r.layers) layers.append(layer_dict(l, r));
        return layers;
      });
  module.def("read_known_mappings", &read_known_mappings, "path"_a);
  module.def(
      "device_count",
      [](const std::string& name) {
        return device_count(name == "auto" ? available_evaluators().back() : name);
      },
      "backend"_a);
}

}  // namespace cugamma::python
