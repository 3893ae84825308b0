#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "commands.hpp"
#include "cugamma/error.hpp"
#include "cugamma/map_space.hpp"
#include "search_outcome.hpp"
#include "search_request.hpp"

namespace cugamma::cli {
namespace {

/// What the search of one flexibility class found.
struct class_result {
  flexibility axes;
  std::optional<double> best;  ///< first objective, summed over the network; nothing: infeasible
  map_space_size size;         ///< mean of the layers, in powers of ten
};

map_space_size mean_size(const search_request& request) {
  map_space_size sum;
  const auto layers = static_cast<double>(request.layers.size());
  for (const network_layer& l : request.layers) {
    const map_space_size one = size_of(space_for(request, mapped_layer(request, l.l)));
    sum.tile += one.tile / layers;
    sum.order += one.order / layers;
    sum.parallelism += one.parallelism / layers;
    sum.shape += one.shape / layers;
  }
  return sum;
}

class_result search_class(search_request request, const mapping_constraint& style, flexibility f) {
  request.constraint = with_flexibility(style, f);
  class_result result{f, std::nullopt, mean_size(request)};
  const search_outcome outcome = search(request, [](const run_summary&) {});
  if (!outcome.all_found()) return result;
  result.best = 0;
  for (const searched_layer& l : outcome.layers) {
    *result.best += static_cast<double>(l.count) * l.best->rank.values[0];
  }
  return result;
}

std::string letters(flexibility f) {
  std::string text;
  if (f.tile) text += 'T';
  if (f.order) text += 'O';
  if (f.parallelism) text += 'P';
  if (f.shape) text += 'S';
  return text.empty() ? "-" : text;
}

std::string as_table(const std::vector<class_result>& classes, objective o) {
  const auto& full = classes.back().best;
  std::string text = fmt::format("{:<6}{:<6}{:>16}{:>9}  {:>8}{:>8}{:>8}{:>8}\n",
                                 "class",
                                 "free",
                                 cugamma::name_of(o),
                                 "ratio",
                                 "tile",
                                 "order",
                                 "paral.",
                                 "shape");
  for (const class_result& c : classes) {
    const std::string best =
        c.best ? fmt::format("{:.8g}", figure_of_value(o, *c.best)) : std::string("infeasible");
    const std::string ratio = c.best && full ? fmt::format("{:.3f}", *c.best / *full) : "";
    text += fmt::format("{:<6}{:<6}{:>16}{:>9}  {:>8.1f}{:>8.1f}{:>8.1f}{:>8.1f}\n",
                        cugamma::name_of(c.axes),
                        letters(c.axes),
                        best,
                        ratio,
                        c.size.tile,
                        c.size.order,
                        c.size.parallelism,
                        c.size.shape);
  }
  return text + "ratio: to class 1111; tile .. shape: choices on that axis, as powers of ten\n";
}

std::string as_json(const std::vector<class_result>& classes, objective o) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const class_result& c : classes) {
    nlohmann::ordered_json best = nullptr;
    if (c.best) best = figure_of_value(o, *c.best);
    rows.push_back({{"class", cugamma::name_of(c.axes)},
                    {"free", letters(c.axes)},
                    {"best", best},
                    {"log10_tile", c.size.tile},
                    {"log10_order", c.size.order},
                    {"log10_parallelism", c.size.parallelism},
                    {"log10_shape", c.size.shape}});
  }
  nlohmann::ordered_json result{{"objective", cugamma::name_of(o)}, {"classes", rows}};
  return result.dump(2) + '\n';
}

}  // namespace

int run_flexibility(int argc, char** argv) {
  cxxopts::Options options = make_search_options();
  const cxxopts::ParseResult given = options.parse(argc, argv);
  if (given.count("help") > 0) {
    fmt::print("cugamma flexibility searches the 16 classes of --constraint NAME, each like\n{}",
               options.help());
    return exit_ok;
  }
  if (given.count("constraint") == 0 || given.count("flex") > 0) {
    throw input_error("flexibility: expected --constraint NAME and no --flex");
  }
  const search_request request = read_search_request(given);
  const mapping_constraint style = *request.constraint;
  std::vector<class_result> classes;
  for (int bits = 0; bits < flexibility_class_count; ++bits) {
    classes.push_back(search_class(request, style, flexibility_of(bits)));
  }
  const objective o = request.search.objectives[0];
  fmt::print("{}", request.format == "json" ? as_json(classes, o) : as_table(classes, o));
  return classes.back().best ? exit_ok : exit_rejected;
}

}  // namespace cugamma::cli
