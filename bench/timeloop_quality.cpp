// How soon the search of Timeloop's mappings finds what: against Timeloop's own mapper, an annealer
// and proven optima (docs/timeloop-search.md).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cxxopts.hpp>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cugamma/formats/timeloop_files.hpp"
#include "cugamma/search/timeloop_search.hpp"

namespace cugamma::timeloop {
namespace {

constexpr std::int64_t marks[] = {1'000, 10'000, 100'000};
constexpr double equal_within = 1e-6;  // tables of annealers have seven digits

/// One tensor a scratchpad, which is what the machine `rows` is for.
constexpr const char* rows_constraints =
    "mapspace_constraints:\n"
    "- {{target: InSpad, type: datatype, keep: [{0}], bypass: [{1}, {2}]}}\n"
    "- {{target: WtSpad, type: datatype, keep: [{1}], bypass: [{0}, {2}]}}\n"
    "- {{target: PsSpad, type: datatype, keep: [{2}], bypass: [{0}, {1}]}}\n"
    "- {{target: Shared, type: datatype, keep: [{0}, {2}], bypass: [{1}]}}\n";

struct study {
  std::string name;
  std::vector<file_text> files;
  std::string objective;
  double goal = 0;  ///< the least that is known
};

nlohmann::json read_json(const char* file) {
  std::ifstream in(std::string(CUGAMMA_SOURCE_DIR "/tests/models/timeloop/golden/") + file);
  return nlohmann::json::parse(in);
}

std::string with_sizes(std::string problem, const std::string& sizes) {
  return problem.replace(problem.find("{R:"), std::string::npos, sizes + "\n");
}

std::vector<study> studies() {
  const nlohmann::json machines = read_json("archs.json"), optima = read_json("optima.json");
  const std::string conv = optima.at("problems").at("conv3x3_K512_C256_28");
  const std::string gemm = optima.at("problems").at("gemm_512_768_768");
  std::vector<study> all;
  for (const auto& anchor : optima.at("anchors")) {
    const std::string machine = anchor.at("machine"), problem = anchor.at("problem");
    const bool is_gemm = problem.find("gemm") != std::string::npos;
    const std::string text =
        is_gemm ? gemm
        : problem == "vgg16_conv1_1"
            ? with_sizes(conv, "{R: 3, S: 3, P: 224, Q: 224, C: 3, K: 64, N: 1}")
            : with_sizes(conv, "{R: 3, S: 3, P: 28, Q: 28, C: 512, K: 512, N: 1}");
    study s{machine + " " + problem, {}, "edp", anchor.at("best")};
    s.files = {{"arch.yaml", machines.at(machine)}, {"problem.yaml", text}};
    if (machine == "rows") {
      s.files.push_back({"constraints.yaml",
                         is_gemm ? fmt::format(rows_constraints, "A", "B", "Z")
                                 : fmt::format(rows_constraints, "Inputs", "Weights", "Outputs")});
    }
    all.push_back(std::move(s));
  }
  for (const auto& proven : optima.at("optima")) {
    const std::string machine = proven.at("machine"), problem = proven.at("problem");
    if (!optima.at("machines").contains(machine)) continue;
    all.push_back({machine + " " + problem,
                   {{"arch.yaml", optima.at("machines").at(machine)},
                    {"problem.yaml", optima.at("problems").at(problem)}},
                   proven.at("objective"),
                   proven.at("optimum")});
  }
  return all;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Runs a study with all seeds and prints a row of the table.
void run(const study& s, int seeds, std::int64_t evaluations) {
  const file_contents c = parse_files(s.files);
  search_options o;
  o.evaluations = evaluations;
  o.objectives = parse_objectives(s.objective, *c.machine);
  std::vector<std::vector<double>> found(std::size(marks));
  std::vector<double> hits, seconds;
  for (int seed = 1; seed <= seeds; ++seed) {
    o.seed = static_cast<std::uint64_t>(seed);
    const search_result r = search_mappings(*c.machine, *c.layer, *c.space, o);
    for (std::size_t m = 0; m < std::size(marks); ++m) {
      double best = std::numeric_limits<double>::infinity();
      for (const improvement& i : r.history) {
        if (i.evaluations <= marks[m]) best = i.found.values[0];
      }
      found[m].push_back(best / s.goal);
    }
    const auto hit = std::ranges::find_if(r.history, [&](const improvement& i) {
      return i.found.values[0] <= s.goal * (1 + equal_within);
    });
    const bool is_hit = hit != r.history.end();
    hits.push_back(is_hit ? static_cast<double>(hit->evaluations)
                          : std::numeric_limits<double>::infinity());
    seconds.push_back(is_hit ? hit->seconds : std::numeric_limits<double>::infinity());
  }
  fmt::print("| {} | {} |", s.name, s.objective);
  for (const auto& at : found) fmt::print(" {:.4f} |", median(at));
  fmt::print(" {} of {} | {:.0f} | {:.2g} |\n",
             std::ranges::count_if(hits, [](double h) { return std::isfinite(h); }),
             seeds,
             median(hits),
             median(seconds));
}

}  // namespace
}  // namespace cugamma::timeloop

int main(int argc, char** argv) {
  cxxopts::Options options("timeloop_quality", "Prints the table of docs/timeloop-search.md.\n");
  auto add = options.add_options();
  add("seeds", "searches of each row", cxxopts::value<int>()->default_value("10"), "N");
  add("evaluations", "of a search", cxxopts::value<std::int64_t>()->default_value("100000"), "N");
  add("only", "rows whose name holds this", cxxopts::value<std::string>()->default_value(""), "S");
  add("h,help", "print this help");
  const auto given = options.parse(argc, argv);
  if (given.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  fmt::print(
      "| accelerator, problem | objective | 1,000 | 10,000 | 100,000 | seeds that reach the least "
      "| "
      "evaluations to it, median | s |\n|---|---|---|---|---|---|---|---|\n");
  for (const cugamma::timeloop::study& s : cugamma::timeloop::studies()) {
    if (s.name.find(given["only"].as<std::string>()) == std::string::npos) continue;
    cugamma::timeloop::run(s, given["seeds"].as<int>(), given["evaluations"].as<std::int64_t>());
    std::fflush(stdout);
  }
  return 0;
}
