// Prints how long searches with populations of several sizes take to come within a hundredth of the
// optimum (of the best that any of them finds, for a searcher whose optimum is not known), and how
// far above it they are as time goes on. On the host,
// times are processor time of one thread, so that other work on the machine does not show; with a
// device they are wall time, and the host breeds on all cores.

#include <fmt/core.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <cxxopts.hpp>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/search_run.hpp"
#include "results.hpp"
#include "studies.hpp"

namespace cugamma {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

double seconds_on(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct settings : study_settings {
  std::vector<std::int64_t> populations;
  double seconds = 1;
  std::vector<double> moments;  ///< seconds
};

/// A better best, and when it was there.
struct gain {
  double seconds;
  double best;
};

/// All runs of one population size, or of GAMMA's own algorithm and population.
struct contender {
  std::int64_t population;
  bool is_plain;
  std::vector<std::vector<gain>> runs;
};

/// At least three generations, however long one takes.
std::vector<gain> run_once(const study& s,
                           const searcher& who,
                           const contender& c,
                           int seed,
                           double limit,
                           evaluator& score) {
  const accelerator a = study_accelerator();
  search_options options = options_of({who.name, who.model, who.trust, c.is_plain}, s.goal);
  options.population = c.population;
  options.seed = static_cast<std::uint64_t>(seed);
  const clockid_t clock = score.runs_on_host() ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
  const double start = seconds_on(clock);
  std::vector<genetic_search> searches;
  searches.emplace_back(for_model(make_search_space(s.l, a), *who.model), a, options);
  std::vector<gain> gains;
  stop_rule stop;
  stop.interrupted = [&] {
    const double passed = seconds_on(clock) - start;
    const auto& best = searches[0].best();
    if (best && (gains.empty() || best->rank.values[0] < gains.back().best)) {
      gains.push_back({passed, best->rank.values[0]});
    }
    return passed >= limit && searches[0].generation() >= 3;
  };
  run_searches(searches, {&s.l, 1}, {&a, 1}, score, stop);
  return gains;
}

double seconds_to(const std::vector<gain>& gains, double value) {
  const auto there = std::ranges::find_if(gains, [&](const gain& g) { return g.best <= value; });
  return there == gains.end() ? never : there->seconds;
}

/// The best until then, infinity if there is none.
double best_at(const std::vector<gain>& gains, double seconds) {
  double best = never;
  for (const gain& g : gains)
    if (g.seconds <= seconds) best = g.best;
  return best;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::string milliseconds(double seconds) {
  return seconds < never ? fmt::format("{:.3g}", 1e3 * seconds) : "-";
}

/// Best of the median run until then.
double median_best(const contender& c, double seconds) {
  std::vector<double> values;
  for (const auto& gains : c.runs) values.push_back(best_at(gains, seconds));
  return median(values);
}

/// How the runs of a contender came close to a best result.
struct arrival {
  double seconds;  ///< median
  std::ptrdiff_t arrived;
  double end;                 ///< how far above it the median run ends, in per cent
  std::vector<double> above;  ///< how far above it the median run is at each moment
};

arrival arrival_of(const contender& c, double best, const settings& set) {
  std::vector<double> times;
  for (const auto& gains : c.runs) times.push_back(seconds_to(gains, 1.01 * best));
  const auto above = [&](double moment) { return 100 * (median_best(c, moment) / best - 1); };
  arrival a{median(times), 0, above(never), {}};
  a.arrived = std::ranges::count_if(times, [](double t) { return t < never; });
  for (const double moment : set.moments) a.above.push_back(above(moment));
  return a;
}

/// Appends the times of a study's contenders, in milliseconds (infinite for a median run that never
/// arrives), and how far above the best they are at each moment, in per cent.
void record(const std::string& path,
            const std::vector<contender>& all,
            const std::vector<arrival>& arrivals,
            const settings& set,
            results_file& results) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string name = all[i].is_plain ? "gamma" : std::to_string(all[i].population);
    const std::string mine = fmt::format("time_to_quality/{}/{}/{}", path, set.back_end, name);
    results.append({mine, 1e3 * arrivals[i].seconds, "ms", 0});
    for (std::size_t m = 0; m < set.moments.size(); ++m) {
      if (set.moments[m] > set.seconds) continue;
      const std::string after = fmt::format("{}/after_{:g}_ms", mine, 1e3 * set.moments[m]);
      results.append({after, arrivals[i].above[m], "%", 0});
    }
  }
}

/// Prints a row "0.012 (5), +0.3 %": the median time, the runs that arrived, how far above the best
/// the median run ends.
std::vector<arrival> run_study(const study& s, const settings& set, results_file& results) {
  std::vector<contender> all{{20, true, {}}};
  for (const std::int64_t n : set.populations) all.push_back({n, false, {}});
  const auto score = make_evaluator(set.back_end, {.threads = 1, .model = set.who.model});
  double best = set.who.name == "exact" ? s.optimum : never;
  for (contender& c : all) {
    for (int seed = 1; seed <= set.seeds; ++seed) {
      c.runs.push_back(run_once(s, set.who, c, seed, set.seconds, *score));
      if (!c.runs.back().empty()) best = std::min(best, c.runs.back().back().best);
    }
  }
  fmt::print("| {}, {} | {:.7g} |", s.name, name_of(s.goal), best);
  std::vector<arrival> arrivals;
  for (const contender& c : all) {
    const arrival& a = arrivals.emplace_back(arrival_of(c, best, set));
    fmt::print(" {} ({}), {:+.2f} % |", milliseconds(a.seconds), a.arrived, a.end);
  }
  fmt::print("\n");
  std::fflush(stdout);
  record(fmt::format("{}/{}", path_of(s), set.who.name), all, arrivals, set, results);
  return arrivals;
}

/// Prints the geometric mean over the layers of each contender's times.
void print_means(const std::vector<std::vector<arrival>>& layers) {
  fmt::print("| geometric mean | |");
  for (std::size_t c = 0; c < layers[0].size(); ++c) {
    double logarithms = 0;
    for (const auto& layer : layers) logarithms += std::log(layer[c].seconds);
    fmt::print(" {} |", milliseconds(std::exp(logarithms / static_cast<double>(layers.size()))));
  }
  fmt::print("\n");
}

/// Prints for each moment of the searches how far above the best found each contender is, in per
/// cent: the mean over the layers, "-" while it has nothing on some.
void print_progress(const std::vector<std::vector<arrival>>& layers, const settings& set) {
  for (std::size_t m = 0; m < set.moments.size(); ++m) {
    if (set.moments[m] > set.seconds) continue;
    fmt::print("| after {:g} ms | |", 1e3 * set.moments[m]);
    for (std::size_t c = 0; c < layers[0].size(); ++c) {
      double sum = 0;
      for (const auto& layer : layers) sum += layer[c].above[m];
      const double mean = sum / static_cast<double>(layers.size());
      fmt::print(" {} |", mean < never ? fmt::format("{:.2f} %", mean) : "-");
    }
    fmt::print("\n");
  }
}

settings read_settings(int argc, char** argv) {
  cxxopts::Options options("time_to_quality",
                           "Milliseconds to within 1 % of the best, by population");
  options.add_options()  //
      ("populations",
       "sizes",
       cxxopts::value<std::vector<std::int64_t>>()->default_value("20,200,2000,20000,100000"))  //
      ("seconds", "time of each", cxxopts::value<double>()->default_value("1"))                 //
      ("moments",
       "seconds after which the distance from the best is printed",
       cxxopts::value<std::vector<double>>()->default_value("0.001,0.01,0.1,1"));
  add_study_options(options, "5", "cpu");
  const cxxopts::ParseResult args = options.parse(argc, argv);
  settings set;
  static_cast<study_settings&>(set) = read_study_settings(args);
  set.populations = args["populations"].as<std::vector<std::int64_t>>();
  set.seconds = args["seconds"].as<double>();
  set.moments = args["moments"].as<std::vector<double>>();
  return set;
}

void print_head(const settings& set) {
  fmt::print("| layer, objective | best | GAMMA's operators |");
  for (const std::int64_t n : set.populations) fmt::print(" {} |", n);
  fmt::print("\n|---|---|---|");
  for (std::size_t i = 0; i < set.populations.size(); ++i) fmt::print("---|");
  fmt::print("\n");
}

void run(int argc, char** argv) {
  const settings set = read_settings(argc, argv);
  const auto score = make_evaluator(set.back_end, {.model = set.who.model});
  results_file results(set.results, device_of(*score));
  std::optional<tbb::global_control> one_thread;
  if (score->runs_on_host()) {
    one_thread.emplace(tbb::global_control::max_allowed_parallelism, 1);
  }
  print_head(set);
  for (const objective goal : {objective::latency, objective::energy, objective::edp}) {
    std::vector<std::vector<arrival>> layers;
    for (const study& s : chosen_studies(set)) {
      if (s.goal == goal) layers.push_back(run_study(s, set, results));
    }
    if (layers.empty()) continue;
    print_means(layers);
    print_progress(layers, set);
  }
}

}  // namespace
}  // namespace cugamma

int main(int argc, char** argv) {
  return cugamma::run_program("time_to_quality", cugamma::run, argc, argv);
}
