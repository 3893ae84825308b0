#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cugamma/evaluate/network_figures.hpp"
#include "cugamma/evaluate/objective.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/constraint.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "cugamma/models/bounds.hpp"
#include "cugamma/models/report.hpp"
#include "cugamma/models/second_opinion.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/network.hpp"
#include "cugamma/processes/run_peers.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/islands.hpp"
#include "cugamma/search/pareto.hpp"
#include "cugamma/search/search_run.hpp"

namespace cugamma {

/// Where a search keeps its state, so that another run can go on from it.
struct checkpoint_plan {
  std::string folder;                  ///< for checkpoints, empty: none
  double every_seconds = 60;           ///< between checkpoints
  std::string resume;                  ///< checkpoint to go on from, empty: none
  std::vector<std::string> arguments;  ///< "--name=value", kept in the checkpoint
  /// Told why a checkpoint cannot be written; the search goes on and tries again.
  std::function<void(const std::string&)> warn;
};

/// The options of a search of layers: the model of searches, trusted where no test fails, and a
/// population and a size of fronts that are left open.
inline search_options open_options() {
  search_options options;
  options.population = 0;
  options.front_capacity = 0;
  options.model = &find_cost_model(default_search_model);
  options.trust = belief::strict;
  return options;
}

/// A search of a network's layers, with the defaults of `cugamma search`. Whatever is 0 where it
/// says so is filled in by completed().
struct network_search_request {
  std::string model;                  ///< name of the network
  std::vector<network_layer> layers;  ///< those to search, as the network gives them
  accelerator machine;  ///< the accelerator; with search_pes its PEs are the most tried
  std::optional<mapping_constraint> constraint;
  std::string flexibility;  ///< of the constraint, its four bits; empty: as the file says
  space_options space{.levels_min = 0, .levels_max = 0};  ///< levels 0: the constraint's, or 2
  /// population 0: default_population; front_capacity 0: 1000, or 200 where there are several
  /// layers
  search_options search = open_options();
  double area_budget_mm2 = 0;       ///< 0: none
  bool search_pes = false;          ///< the PEs are searched as well
  std::vector<named_mapping> init;  ///< mappings to start from
  /// Evaluations are a layer's. Without any end: default_evaluations.
  stop_rule stop;
  std::string algorithm = "gamma";
  int islands = 0;  ///< of a layer; 0: as many as islands_for finds
  std::int64_t migration_interval = 10;
  std::string back_end = "auto";
  std::vector<int> devices;    ///< of the back end; empty: its fastest
  int threads = 0;             ///< 0: all cores
  run_peers* peers = nullptr;  ///< processes that search together; null: this one alone
  checkpoint_plan checkpoints;
  std::string command;  ///< the line that repeats the search, for result.json
  /// What gains compare with; nothing: the classic ones among the constraints that are known.
  std::optional<std::vector<mapping_constraint>> dataflows;
};

/// Evaluations of a layer where a request gives no end.
inline constexpr std::int64_t default_evaluations = 100000;

/// The request with all that it leaves open filled in, which only depends on the request and on
/// the back ends of this machine; one that is complete stays as it is. Rates of breeding that are
/// at their defaults become those that suit its belief, and those of its algorithm. Throws
/// input_error naming what cannot be searched.
network_search_request completed(network_search_request request);

/// The layer that a request maps in place of a given one: in the form that its cost model searches,
/// as its constraint asks.
layer mapped_layer(const network_search_request& request, const layer& given);

/// The islands of each of so many layers: those asked for, or as many as keep every process and
/// device busy; at least two for a population whose breeding is worth hiding behind its scoring.
int islands_for(const network_search_request& request, std::size_t layers);

/// What a complete request searches for a mapped layer. Throws input_error if that is nothing.
search_space space_for(const network_search_request& request, const layer& mapped);

/// How many times better the search's first objective is than that of a fixed dataflow, 2 for
/// twice as good.
struct dataflow_gain {
  std::string dataflow;
  double gain = 1;
};

/// A fixed dataflow that cannot run on the accelerator, and why.
struct left_out_dataflow {
  std::string dataflow;
  std::string reason;
};

/// What a search found for one layer.
struct searched_layer {
  std::string name;
  layer given;
  layer mapped;  ///< the given one, or its unit-stride form
  std::int64_t count = 1;
  std::optional<candidate> best;
  pareto_front front;  ///< empty unless the request asks for one
  report figures;      ///< of the best, all columns
  /// What the other cost models say of the best, on the layer with its strides.
  std::vector<second_opinion> others;
  cycle_bounds bounds;
  std::int64_t evaluations = 0;
  rejection_counts rejected;
  search_log log;
  /// Over the dataflows that are feasible on the accelerator. Empty without a best.
  std::vector<dataflow_gain> gains;
  std::vector<left_out_dataflow> left_out;  ///< the other dataflows

  bool is_strided() const { return !(given == mapped); }
  /// How far the best's runtime is above the larger bound, 0.01 for 1 %. precondition: best
  double above_bound() const;
  /// The best mapping with what objectives ask of it. precondition: best
  scored_mapping scored(const accelerator& a) const {
    return {best->figures, a, pes_of(best->mapping, a)};
  }
};

/// One member of every layer's front, and what the network comes to with them.
struct network_choice {
  objective_values values{};           ///< of the network (network_figures)
  std::vector<std::uint32_t> members;  ///< of each layer's front, in the order of the layers
};

/// The figures of a network whose layers run the members of a choice.
network_figures figures_of(const network_choice& choice,
                           std::span<const searched_layer> layers,
                           const accelerator& machine);

/// What the search of a network found.
struct network_search_result {
  network_search_request request;  ///< complete; of a co-design with the accelerator that it chose
  std::string back_end;            ///< the one that ran
  std::vector<searched_layer> layers;
  run_summary run;
  std::size_t distinct_shapes = 0;  ///< layers searched; equal ones are searched once
  std::int64_t machines = 0;        ///< accelerators that a co-design of the network tried
  std::string checkpoint_problem;   ///< why the last checkpoint is missing; empty: it is not

  /// Gains of the network's first objective; empty for a single layer.
  std::vector<dataflow_gain> gains;

  /// Of a search for fronts of several layers, the network's: in the order of the first objective.
  std::vector<network_choice> front;

  bool all_found() const;
  /// Limits that a co-design holds the network to and that it breaks; 0: none.
  double beyond_limits() const;
  /// precondition: all_found()
  network_figures network() const;
  /// MACs of all layers, each as often as the network runs it.
  double macs() const;
  /// Of the accelerator's PEs, L1 and L2, as an area budget counts them.
  double machine_area_mm2() const;
  double mappings_per_second() const;
};

/// Sees a run after every generation, and the stage it is in ("" unless it has several); called by
/// the thread that searches.
using search_observer = std::function<void(const run_summary&, const std::string& stage)>;

/// Searches all layers of a request: equal ones once, all side by side; with search_pes and several
/// layers also the one accelerator for them (co_design). Of several processes only the first gets
/// the layers. The same seed gives the same result on any number of threads and any back end,
/// unless a time limit or an interrupt ends it. Throws input_error for a request that cannot be
/// searched and what evaluators throw.
network_search_result search_network(const network_search_request& request,
                                     const search_observer& observe = {});

/// The text of a result.json:
/// {"schema_version":,"seed":,"backend":,"model":,"config":{},"accelerator":{},"layers":[{"name":,"best":{
/// "objectives":[],"metrics":{},"status":[],"mapping":""},"evaluations":,"rejected":{},
/// "bound_cycles":,"traffic_bound_cycles":,"above_bound":,"seconds":,"history":[]}],...}. A layer
/// that has a front also has "front":[{"objectives":[],"mapping_file":,"runtime_cycles":,...}],
/// "hypervolume" and "reference"; with several layers "front":[{"objectives":[],"members":[],
/// "runtime_cycles":,...}] is the network's. "best" is null if nothing feasible was found. Numbers
/// read back to the same bits, non-finite ones are null; so are sizes, bandwidths and ends that are
/// unlimited. docs/result.schema.json is its JSON Schema.
std::string result_json(const network_search_result& result);

/// Writes result.json, report.html, history.csv and best.m (several layers: LAYER/best.m, with the
/// name of result.json's "folder") into the folder, making it if need be; of a front also front.csv
/// and, beside best.m, front/0001.m and so on, in the order of front.csv; of several layers'
/// fronts also network_front.csv. Each file is written
/// whole, links in the folder are replaced. Writes all that can be written, then throws input_error
/// naming what cannot.
void write_result(const network_search_result& result, const std::string& folder);

/// The same with another text of result.json: result_json's with members of the caller's.
void write_result(const network_search_result& result,
                  const std::string& folder,
                  const std::string& json);

}  // namespace cugamma
