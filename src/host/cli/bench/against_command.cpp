#include "cli/bench/against_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "cli/accelerator_options.hpp"
#include "cli/bench/model_errors_writer.hpp"
#include "cli/commands.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/network_file.hpp"

namespace cugamma::cli {
namespace {

constexpr std::int64_t most_mappings = 10'000'000;

/// What a comparison of back ends reads; the rest is for --against.
constexpr std::array<std::string_view, 6> back_end_options{"count",
                                                           "seed",
                                                           "model",
                                                           "backends",
                                                           "threads",
                                                           "cost-model"};

/// Why an option has no effect with --against; empty: it has one.
std::string_view obstacle_with_against(std::string_view option) {
  if (option == "backends") return "figures are those of the models' references";
  if (option == "l1-size" || option == "l2-size") return "mappings may need any buffer";
  return "";
}

/// All distinct layers of the networks, strides as they are. warnings: takes those of their files.
std::vector<network_layer> layers_of(const std::vector<std::string>& models,
                                     std::vector<std::string>& warnings) {
  std::vector<network_layer> all;
  for (const std::string& model : models) {
    const network net = read_network(find_model(model));
    std::ranges::copy(net.warnings, std::back_inserter(warnings));
    for (network_layer l : net.layers) {
      if (std::ranges::find(all, l.l, &network_layer::l) != all.end()) continue;
      l.name = fmt::format("{}/{}", net.name, l.name);
      all.push_back(l);
    }
  }
  return all;
}

std::size_t compared_count(const cxxopts::ParseResult& given) {
  if (given.count("count") == 0) return error_plan{}.count;
  return static_cast<std::size_t>(whole_option<std::int64_t>(given, "count", 1, most_mappings));
}

}  // namespace

void add_against_options(cxxopts::Options& options) {
  auto add = options.add_options("Against");
  add("against",
      "instead of back ends compare the figures of this cost model with those of --cost-model, on "
      "legal mappings of each layer, whatever buffers they need: errors and rank correlations",
      cxxopts::value<std::string>(),
      "NAME");
  add("format",
      "table, json or csv",
      cxxopts::value<std::string>()->default_value("table"),
      "FORMAT");
  add_accelerator_options(options, accelerator{});
}

void refuse_idle_options(const cxxopts::ParseResult& given) {
  const bool is_against = given.count("against") > 0;
  for (const cxxopts::KeyValue& option : given.arguments()) {
    if (is_against) {
      const std::string_view obstacle = obstacle_with_against(option.key());
      if (obstacle.empty()) continue;
      throw input_error(
          fmt::format("--{} has no effect with --against: {}", option.key(), obstacle));
    }
    if (std::ranges::find(back_end_options, option.key()) == back_end_options.end()) {
      throw input_error(fmt::format("--{} has no effect without --against", option.key()));
    }
  }
}

int run_against(const cxxopts::ParseResult& given) {
  const std::string format = given["format"].as<std::string>();
  if (format != "table" && format != "json" && format != "csv") {
    throw input_error(fmt::format("--format: found \"{}\", expected table, json or csv", format));
  }
  error_plan plan;
  plan.model = &cost_model_from(given);
  plan.judged = &find_cost_model(given["against"].as<std::string>());
  std::vector<std::string> warnings;
  plan.layers = layers_of(
      given.count("model") > 0 ? given["model"].as<std::vector<std::string>>() : model_names(),
      warnings);
  plan.a = accelerator_from(given, {}, false, &warnings);
  print_warnings(warnings);
  plan.a.l1_size_elems = plan.a.l2_size_elems = unlimited;
  plan.count = compared_count(given);
  plan.seed = whole_option<std::uint64_t>(given, "seed");
  plan.threads = threads_option(given);
  const model_errors found = find_errors(plan);
  const auto write = format == "json" ? errors_json : format == "csv" ? errors_csv : errors_table;
  put_text(write(plan, found));
  return exit_ok;
}

}  // namespace cugamma::cli
