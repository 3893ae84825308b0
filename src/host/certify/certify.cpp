#include "cugamma/certify/certify.hpp"

#include <fmt/format.h>
#include <tbb/info.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "certify/certificate.hpp"
#include "certify/engine.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "search/network/shape_searches.hpp"

namespace cugamma {
namespace {

certify_problem problem_of(const network_search_request& request, const layer& mapped) {
  certify_problem problem;
  problem.space = space_for(request, mapped);
  problem.machine = request.machine;
  problem.goal = request.search.objectives.front();
  problem.threads =
      request.threads > 0 ? request.threads : std::max(1, tbb::info::default_concurrency());
  problem.back_end = request.back_end;
  return problem;
}

std::string engine_names() {
  std::string names;
  for (const certify_engine* e : certify_engines()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", e->model);
  }
  return names;
}

const certify_engine& engine_of(const network_search_request& request) {
  const std::string_view model = request.search.model->name;
  if (const certify_engine* engine = find_engine(model)) return *engine;
  throw input_error(
      fmt::format("certify: optima under cost model {} cannot be proved, those under {} can",
                  model,
                  engine_names()));
}

/// Throws input_error for what no engine proves.
void check_request(const network_search_request& request) {
  if (request.search.trust != belief::strict && !request.search.model->doubts.empty()) {
    throw input_error(
        fmt::format("certify: optima under {} are proved of mappings that pass all of its tests "
                    "(--believe strict), since others are miscounted",
                    request.search.model->name));
  }
  if (request.machine.cluster_buffer_elems != unlimited) {
    throw input_error("certify: --cluster-buffer-size is for cugamma search");
  }
  if (!request.search.limits.empty()) {
    throw input_error(
        "certify: --limit: optima of mappings are proved without limits; with --objective "
        "budget-area it asks for the smallest accelerator that keeps a latency");
  }
  if (std::isfinite(request.search.area_budget_um2)) {
    throw input_error(
        "certify: --area-budget: optima of mappings are proved on one accelerator; with --num-pes "
        "search --objective latency it asks for the fastest accelerator");
  }
  if (request.search.selection == selection_rule::pareto) {
    throw input_error("certify: --pareto is for cugamma search");
  }
}

/// The best mapping that the search knows of a shape.
const searched_layer* searched_of(const network_search_result& found,
                                  const layer_shapes& shapes,
                                  std::size_t shape) {
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    if (shapes.shape_of[i] == shape) return &found.layers[i];
  }
  return nullptr;
}

void offer_found(proof& p, const searched_layer& l, const certify_problem& problem) {
  if (!l.best || l.best->figures.status != 0) return;
  p.offer(l.best->mapping, value(problem.goal, l.scored(problem.machine)));
}

/// Where an engine has come to its end and the bounds do not meet, only a better mapping can narrow
/// the gap: a longer search than the first, until the proof is over.
constexpr std::int64_t long_search = 10'000'000;

void search_on(const network_search_request& asked,
               const searched_layer& searched,
               const certify_problem& problem,
               const certify_options& options,
               proof& p) {
  network_search_request request = asked;
  request.layers = {{searched.name, searched.given, 1}};
  request.stop = {};
  request.stop.evaluations = long_search;
  bool is_near = false;
  request.stop.interrupted = [&] { return is_near || p.is_over(); };
  const auto observe = [&](const run_summary& run, const std::string&) {
    for (const search_log& log : run.logs) {
      if (log.history.empty() || !log.history.back().best) continue;
      const double best = log.history.back().best->values[0];
      is_near = is_near || gap_between(p.lower(), best) <= options.gap;
    }
  };
  const network_search_result found = search_network(request, observe);
  offer_found(p, found.layers.front(), problem);
}

void describe_best(certified_layer& c,
                   const proof& p,
                   const cost_model& model,
                   const certify_problem& problem) {
  c.best = p.best();
  if (!c.best) return;
  const mapping m = to_mapping(*c.best, c.mapped);
  c.figures = model.explain(c.mapped, problem.machine, m);
  c.mapping = write_mapping(c.name, c.mapped, m);
}

certified_layer certify_shape(const network_search_request& request,
                              const searched_layer& searched,
                              const certify_options& options,
                              double seconds,
                              const certify_observer& observe,
                              const std::optional<certified_layer>& before) {
  const certify_problem problem = problem_of(request, searched.mapped);
  const certify_engine& engine = engine_of(request);
  const auto tell = [&](double lower, double upper) {
    if (observe) observe(searched.name, lower, upper);
  };
  proof p({options.gap, seconds, options.interrupted}, tell);
  offer_found(p, searched, problem);
  if (before && before->best) p.offer(*before->best, before->upper);
  const engine_result result = engine.prove(problem, p, options.wants_certificate);
  if (!p.is_over()) search_on(request, searched, problem, options, p);
  certified_layer c;
  c.name = searched.name;
  c.mapped = searched.mapped;
  c.goal = problem.goal;
  c.lower = std::max(0.0, p.lower());  // every objective that is proved is positive
  c.upper = p.upper();
  c.is_proven = c.gap() <= options.gap;
  c.seconds = p.seconds() + (before ? before->seconds : 0);
  c.subtrees = result.subtrees;
  c.opened = result.opened;
  describe_best(c, p, *request.search.model, problem);
  if (options.wants_certificate && result.has_certificate) {
    c.certificate = certificate_text(problem, engine, c, result);
  }
  return c;
}

/// Proves shapes one after another. Each gets a part of its equal share of the time first; what is
/// left then goes to those that are not proven, again and again, as long as that is more than they
/// had.
class shared_time {
 public:
  shared_time(const network_search_result& found,
              const layer_shapes& shapes,
              const certify_options& options,
              const certify_observer& observe)
      : found_(found), shapes_(shapes), options_(options), observe_(observe) {
    proved_.resize(shapes.layers.size());
    had_.assign(shapes.layers.size(), -1);
  }

  std::vector<certified_layer> run() {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < proved_.size(); ++i) open.push_back(i);
    constexpr double first_part = 0.25;
    const bool is_shared = std::isfinite(options_.seconds) && open.size() > 1;
    for (double part = is_shared ? first_part : 1; !open.empty(); part = 1) {
      open = round(open, part);
      if (options_.interrupted && options_.interrupted()) break;
    }
    std::vector<certified_layer> all;
    for (auto& p : proved_) all.push_back(std::move(*p));
    return all;
  }

 private:
  /// Returns the shapes that may get more time.
  std::vector<std::size_t> round(const std::vector<std::size_t>& open, double part) {
    std::vector<std::size_t> still;
    for (std::size_t k = 0; k < open.size(); ++k) {
      const std::size_t i = open[k];
      const double left = std::max(0.0, options_.seconds - watch_.seconds());
      const double share = part * left / static_cast<double>(open.size() - k);
      if (share <= had_[i]) continue;
      had_[i] = share;
      certified_layer c = certify_shape(found_.request,
                                        *searched_of(found_, shapes_, i),
                                        options_,
                                        share,
                                        observe_,
                                        proved_[i]);
      const bool is_better = !proved_[i] || c.gap() <= proved_[i]->gap();
      if (!is_better) proved_[i]->seconds = c.seconds;
      if (is_better) proved_[i] = std::move(c);
      if (!proved_[i]->is_proven && std::isfinite(share)) still.push_back(i);
    }
    return still;
  }

  const network_search_result& found_;
  const layer_shapes& shapes_;
  const certify_options& options_;
  const certify_observer& observe_;
  stopwatch watch_;
  std::vector<std::optional<certified_layer>> proved_;  ///< by shape
  std::vector<double> had_;                             ///< seconds
};

}  // namespace

double certified_layer::gap() const { return gap_between(lower, upper); }

std::optional<double> certified_layer::optimum() const {
  if (lower != upper || !std::isfinite(upper)) return std::nullopt;
  return upper;
}

void expect_certifiable(const network_search_request& request) {
  const certify_engine& engine = engine_of(request);
  check_request(request);
  for (const network_layer& given : request.layers) {
    const auto found = engine.obstacle(problem_of(request, mapped_layer(request, given.l)));
    if (!found) continue;
    throw input_error(fmt::format("layer {}: its optimum under {} cannot be proved: {}",
                                  given.name,
                                  engine.model,
                                  *found));
  }
}

std::vector<certified_layer> certify(const network_search_result& found,
                                     const certify_options& options,
                                     const certify_observer& observe) {
  const network_search_request& request = found.request;
  const layer_shapes shapes = list_shapes(request);
  const std::vector<certified_layer> proved = shared_time(found, shapes, options, observe).run();
  std::vector<certified_layer> all;
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    certified_layer c = proved[shapes.shape_of[i]];
    c.name = request.layers[i].name;
    c.count = request.layers[i].count;
    if (c.best) c.mapping = write_mapping(c.name, c.mapped, to_mapping(*c.best, c.mapped));
    all.push_back(std::move(c));
  }
  return all;
}

}  // namespace cugamma
