#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/accelerator_options.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/said_of.hpp"
#include "cli/output/terminal.hpp"
#include "cli/search/missing_layers.hpp"
#include "cli/search/model_choice.hpp"
#include "cli/search/search_options.hpp"
#include "cli/search/search_request.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/mapping/map_space.hpp"
#include "cugamma/search/network_search.hpp"
#include "files/json_text.hpp"
#include "files/whole_file.hpp"

namespace cugamma::cli {
namespace {

/// What the search of one flexibility class found.
struct class_result {
  flexibility axes;
  std::optional<double> best;  ///< first objective of the network, as searches minimise it
  map_space_size size;         ///< mean of the layers, in powers of ten
  std::vector<named_mapping> winners;
  std::string why_infeasible;
};

map_space_size mean_size(const network_search_request& request) {
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

std::vector<named_mapping> winners_of(const network_search_result& found) {
  std::vector<named_mapping> all;
  for (const searched_layer& l : found.layers) {
    named_mapping winner;
    winner.name = l.name;
    winner.l = l.mapped;
    winner.m = to_mapping(l.best->mapping, l.mapped);
    all.push_back(std::move(winner));
  }
  return all;
}

/// Classes with one free axis less.
std::vector<const class_result*> narrower(const std::vector<class_result>& classes, int bits) {
  std::vector<const class_result*> all;
  for (int other = 0; other < bits; ++other) {
    const bool is_subset = (other & ~bits) == 0 && std::popcount(unsigned(bits ^ other)) == 1;
    if (is_subset) all.push_back(&classes[static_cast<std::size_t>(other)]);
  }
  return all;
}

/// A class has every mapping of the narrower ones: its search starts from what they found, and
/// their best is its own where the search finds nothing better.
class_result search_class(network_search_request request,
                          const mapping_constraint& style,
                          int bits,
                          const std::vector<class_result>& before) {
  class_result result{flexibility_of(bits), {}, {}, {}, {}};
  request.constraint = with_flexibility(style, result.axes);
  for (const class_result* known : narrower(before, bits)) {
    request.init.insert(request.init.end(), known->winners.begin(), known->winners.end());
  }
  try {
    result.size = mean_size(request);
    const network_search_result found = search_network(request);
    if (found.all_found()) {
      result.best = value(request.search.objectives[0], found.network());
      result.winners = winners_of(found);
    } else {
      result.why_infeasible =
          fmt::format("{}", fmt::join(missing_layers(found).sentences("layer"), "; "));
    }
  } catch (const input_error& error) {
    result.why_infeasible = error.what();
  }
  for (const class_result* known : narrower(before, bits)) {
    if (!known->best || (result.best && *result.best <= *known->best)) continue;
    result.best = known->best;
    result.winners = known->winners;
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

/// How often worse a class is than full flexibility.
std::optional<double> ratio_to(const class_result& c, const class_result& full, objective o) {
  if (!c.best || !full.best) return std::nullopt;
  return is_maximised(o) ? *full.best / *c.best : *c.best / *full.best;
}

std::string classes_table(const std::vector<class_result>& classes, objective o) {
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
    const auto ratio = ratio_to(c, classes.back(), o);
    text += fmt::format("{:<6}{:<6}{:>16}{:>9}  {:>8.1f}{:>8.1f}{:>8.1f}{:>8.1f}\n",
                        cugamma::name_of(c.axes),
                        letters(c.axes),
                        best,
                        ratio ? fmt::format("{:.3f}", *ratio) : "",
                        c.size.tile,
                        c.size.order,
                        c.size.parallelism,
                        c.size.shape);
  }
  text += "ratio: to class 1111; tile .. shape: choices on that axis, as powers of ten\n";
  said_of reasons;
  for (const class_result& c : classes) {
    if (!c.best) reasons.add(cugamma::name_of(c.axes), c.why_infeasible);
  }
  return text + reasons.lines();
}

std::string classes_json(const std::vector<class_result>& classes,
                         const std::string& style,
                         const network_search_request& request) {
  const objective o = request.search.objectives[0];
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const class_result& c : classes) {
    const auto ratio = ratio_to(c, classes.back(), o);
    nlohmann::ordered_json best = nullptr;
    if (c.best) best = figure_of_value(o, *c.best);
    rows.push_back({{"class", cugamma::name_of(c.axes)},
                    {"free", letters(c.axes)},
                    {"best", best},
                    {"ratio", ratio ? nlohmann::ordered_json(*ratio) : nullptr},
                    {"log10_tile", c.size.tile},
                    {"log10_order", c.size.order},
                    {"log10_parallelism", c.size.parallelism},
                    {"log10_shape", c.size.shape}});
    if (!c.best) rows.back()["why_infeasible"] = c.why_infeasible;
  }
  nlohmann::ordered_json result{{"model", request.model},
                                {"constraint", style},
                                {"objective", cugamma::name_of(o)},
                                {"evaluations_per_class", request.stop.evaluations},
                                {"classes", rows}};
  return json_text(result);
}

/// Options of a search that a comparison of classes has no use for.
void refuse_unused_by_flexibility(const cxxopts::ParseResult& given) {
  for (const char* name : {"checkpoint", "checkpoint-every", "resume", "pareto"}) {
    if (given.count(name) > 0) {
      throw input_error(fmt::format("flexibility: --{} is for cugamma search", name));
    }
  }
  if (searches_pes(given)) {
    throw input_error(
        "flexibility: compares classes on one accelerator, --num-pes must be a number");
  }
}

void show_progress(const class_result& c, objective o) {
  const std::string best =
      c.best ? fmt::format("{:.8g}", figure_of_value(o, *c.best)) : "infeasible";
  say("class {}: {} {}\n", cugamma::name_of(c.axes), cugamma::name_of(o), best);
}

std::filesystem::path result_path(const std::string& out) {
  return std::filesystem::path(out) / "flexibility.json";
}

/// Takes the places that the result will be written to, before the searches begin.
void claim_result(folder_lock& lock, const search_request& asked) {
  expect_stdout(asked.out);
  if (asked.out.empty()) return;
  claim_folder(lock, "out", asked.out);
  try_output(result_path(asked.out), asked.inputs);
}

}  // namespace

int run_flexibility(int argc, char** argv) {
  cxxopts::Options options = make_search_options();
  const cxxopts::ParseResult given = parse_search_arguments(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(own_help(
        options,
        "flexibility",
        "Compares the 16 flexibility classes of --constraint NAME: best first objective, how often "
        "worse than full flexibility, choices on each axis. Each class is searched, starting from "
        "what the classes with one free axis less found; --out DIR gets flexibility.json.",
        "",
        "  cugamma flexibility --constraint dla --model vgg16 --layer 2 --accelerator edge\n"
        "  cugamma flexibility --constraint shidiannao --model vgg16 --layer 2 --out axes\n"
        "  cugamma flexibility --constraint tpu --model bert_base --layer 1 --objective energy\n"));
    return exit_ok;
  }
  if (given.count("constraint") == 0 || given.count("flex") > 0) {
    throw input_error("flexibility: expected --constraint NAME and no --flex");
  }
  refuse_unused_by_flexibility(given);
  const search_request asked = read_search_request(given);
  print_warnings(asked.warnings);
  network_search_request request = asked.network;
  warn_of_belief(request);
  if (!request.algorithm.starts_with("gamma")) {
    throw input_error(
        fmt::format("flexibility: found --algorithm {}, expected gamma or gamma-plain",
                    request.algorithm));
  }
  folder_lock lock;
  claim_result(lock, asked);
  const interrupt_guard guard;
  request.stop.interrupted = &interrupt_guard::was_interrupted;
  const mapping_constraint style = *request.constraint;
  const objective o = request.search.objectives[0];
  std::vector<class_result> classes;
  for (int bits = 0; bits < flexibility_class_count; ++bits) {
    classes.push_back(search_class(request, style, bits, classes));
    if (asked.log_level > 0) show_progress(classes.back(), o);
  }
  const std::string json = classes_json(classes, style.name, request);
  const bool has_file = asked.out.empty() || is_written([&] {
                          make_folder(asked.out);
                          write_whole(result_path(asked.out), json);
                        });
  const bool is_printed = put_text(asked.format == "json" ? json : classes_table(classes, o));
  if (!has_file || (!is_printed && asked.out.empty())) rescue(json);
  if (!has_file) return exit_bad_input;
  return classes.back().best ? exit_ok : exit_rejected;
}

}  // namespace cugamma::cli
