#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <exception>
#include <optional>

#include "bindings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/mapping/constraint.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "mapping/operators/seeding.hpp"

namespace cugamma::python {
namespace {

using namespace nb::literals;

/// How parents are chosen, and what is kept.
struct selection_wishes {
  std::string rule;
  int tournament_size;
  std::int64_t front_size;
  std::vector<double> reference;
};

/// What a user asks of a search, as keyword arguments.
struct wishes {
  std::string objectives;
  std::optional<std::int64_t> population;  ///< none: as `cugamma search` takes it
  std::uint64_t seed;
  std::string trust;
  space_options space;
  selection_wishes selection;
  const mapping_constraint* constraint;  ///< null: none
  std::string limits;
  const cost_model* model;
};

search_options options_of(const wishes& w) {
  search_options out;
  out.objectives = parse_objectives(w.objectives);
  out.seed = w.seed;
  out.model = w.model;
  out.trust = parse_belief(w.trust);
  out.rates = rates_for(out.trust);
  out.selection = parse_selection(w.selection.rule);
  out.population = w.population.value_or(default_population(out.trust, out.selection, true));
  out.tournament_size = w.selection.tournament_size;
  out.front_capacity = w.selection.front_size;
  out.reference = w.selection.reference;
  if (!w.limits.empty()) out.limits = parse_limits(w.limits);
  return out;
}

genetic_search make_search(const layer& l,
                           const accelerator& a,
                           const wishes& w,
                           const const_record_rows& initial) {
  layer target = searched_form(*w.model, l);
  if (w.constraint != nullptr) target = constrained_layer(*w.constraint, target);
  search_space space = make_search_space(target, a, w.space);
  if (w.constraint != nullptr) space = constrain(space, *w.constraint);
  space = for_model(space, *w.model);
  return genetic_search(space, a, options_of(w), genomes_of(initial));
}

nb::object best_of(const genetic_search& search) {
  if (!search.best()) return nb::none();
  const candidate& best = *search.best();
  return nb::make_tuple(rows_from(std::span<const genome>(&best.mapping, 1)),
                        rows_from(std::span<const cost>(&best.figures, 1)));
}

/// The members' genomes and costs, the hypervolume and the reference's figures.
nb::tuple front_of(const genetic_search& search) {
  const pareto_front& front = search.front();
  std::vector<genome> genomes;
  std::vector<cost> costs;
  for (const candidate& c : front.members) {
    genomes.push_back(c.mapping);
    costs.push_back(c.figures);
  }
  return nb::make_tuple(rows_from(std::span<const genome>(genomes)),
                        rows_from(std::span<const cost>(costs)),
                        front.hypervolume,
                        front.reference.value_or(objective_values{}));
}

nb::object random_rows(const layer& l,
                       const accelerator& a,
                       std::int64_t count,
                       std::uint64_t seed,
                       const space_options& options) {
  if (count < 0) throw input_error("random_mappings: found a negative number");
  const search_space space = make_search_space(l, a, options);
  std::vector<genome> out;
  try {
    out.resize(static_cast<std::size_t>(count));
  } catch (const std::exception&) {
    // What Python's own MemoryError does not say.
    PyErr_Format(PyExc_MemoryError,
                 "random_mappings: no memory for %lld mappings of 64 bytes",
                 static_cast<long long>(count));
    throw nb::python_error();
  }
  constexpr std::size_t piece = std::size_t{1} << 20;  // between looks at Ctrl-C
  for (std::size_t begin = 0; begin < out.size(); begin += piece) {
    {
      const nb::gil_scoped_release others_may_run;
      for (std::size_t i = begin; i < std::min(begin + piece, out.size()); ++i) {
        random_stream random(seed, 0, i);
        out[i] = draw_random(space, random);
      }
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  }
  return rows_from(out);
}

void bind_space_options(nb::module_& module) {
  nb::class_<space_options>(module, "SpaceOptions", "What may be proposed.")
      .def(
          "__init__",
          [](space_options* self,
             int levels_min,
             int levels_max,
             bool parallel_rs,
             std::int32_t cluster_size,
             bool factors_only) {
            new (self)
                space_options{levels_min, levels_max, parallel_rs, cluster_size, factors_only};
          },
          nb::kw_only(),
          "levels_min"_a = 2,
          "levels_max"_a = 2,
          "parallel_rs"_a = false,
          "cluster_size"_a = 0,
          "factors_only"_a = false);
}

void bind_selection(nb::module_& module) {
  nb::class_<selection_wishes>(module, "Selection", "How parents are chosen.")
      .def(
          "__init__",
          [](selection_wishes* self,
             const std::string& rule,
             int tournament_size,
             std::int64_t front_size,
             const std::vector<double>& reference) {
            new (self) selection_wishes{rule, tournament_size, front_size, reference};
          },
          "rule"_a,
          "tournament_size"_a,
          "front_size"_a,
          "reference"_a);
}

}  // namespace

nb::dict rejected_dict(const rejection_counts& counts, const search_options& options) {
  nb::dict out;
  for (const rejection& r : list_rejections(counts, *options.model, options.trust)) {
    out[nb::str(r.key.data(), r.key.size())] = r.count;
  }
  return out;
}

void bind_search(nb::module_& module) {
  bind_space_options(module);
  bind_selection(module);
  nb::class_<genetic_search>(module,
                             "GeneticSearch",
                             "GAMMA's algorithm, told apart from whoever evaluates.")
      .def(
          "__init__",
          [](genetic_search* self,
             const layer& l,
             const accelerator& a,
             const std::string& objectives,
             std::optional<std::int64_t> population,
             std::uint64_t seed,
             const std::string& trust,
             const space_options& space,
             const selection_wishes& selection,
             const mapping_constraint* constraint,
             const std::string& limits,
             const const_record_rows& initial,
             const std::string& cost_model) {
            const wishes w{objectives,
                           population,
                           seed,
                           trust,
                           space,
                           selection,
                           constraint,
                           limits,
                           &find_cost_model(cost_model)};
            new (self) genetic_search(make_search(l, a, w, initial));
          },
          "layer"_a,
          "accelerator"_a,
          "objectives"_a,
          "population"_a.none(),
          "seed"_a,
          "trust"_a,
          "space"_a,
          "selection"_a,
          "constraint"_a.none(),
          "limits"_a,
          "initial"_a,
          "cost_model"_a)
      .def(
          "ask_rows",
          [](genetic_search& self, std::int64_t at_most) { return rows_from(self.ask(at_most)); },
          "at_most"_a)
      .def(
          "tell_rows",
          [](genetic_search& self, const const_record_rows& costs) { self.tell(costs_of(costs)); },
          "costs"_a)
      .def_prop_ro("best_rows", &best_of)
      .def_prop_ro("front_rows", &front_of)
      .def_prop_ro("generation", &genetic_search::generation)
      .def_prop_ro("evaluations", &genetic_search::evaluations)
      .def_prop_ro("rejected", [](const genetic_search& self) {
        return rejected_dict(self.rejected(), self.options());
      });
  module.def(
      "searched_form",
      [](const layer& l, const std::string& cost_model) {
        return searched_form(find_cost_model(cost_model), l);
      },
      "layer"_a,
      "cost_model"_a,
      "The layer that a search maps in place of another.");
  module
      .def("random_rows", &random_rows, "layer"_a, "accelerator"_a, "count"_a, "seed"_a, "space"_a);
}

}  // namespace cugamma::python
