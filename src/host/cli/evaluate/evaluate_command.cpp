#include <fmt/core.h>

#include <cxxopts.hpp>

#include "cli/accelerator_options.hpp"
#include "cli/commands.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/evaluate/evaluation.hpp"
#include "cli/evaluate/evaluation_writer.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/mapping/style_mapping.hpp"
#include "files/whole_file.hpp"

namespace cugamma::cli {
namespace {

cxxopts::Options make_options() {
  cxxopts::Options options(
      "cugamma evaluate",
      "Prints the figures of every layer of a MAESTRO mapping file, or of a network in a classic "
      "dataflow (strided layers in their stride-1 form). Exit status: 0 all layers "
      "evaluated, 1 bad input, 3 a layer was rejected.\n");
  options.positional_help("FILE.m | --style NAME --model NAME");
  auto add = options.add_options();
  add("file", "mapping file", cxxopts::value<std::string>());
  add("style",
      "score a classic dataflow in place of a file: dla, eye, tpu, shidiannao, kcp_ws, xp_ws, "
      "ykp_os, rs, or a constraint file",
      cxxopts::value<std::string>(),
      "NAME|FILE");
  add("model", "the network that --style maps", cxxopts::value<std::string>(), "NAME|FILE");
  add("backend",
      "what scores the mappings: reference, cpu, cuda or auto; figures that scoring does not give "
      "are the reference's",
      cxxopts::value<std::string>()->default_value("reference"),
      "NAME");
  add("format",
      "table, json or csv",
      cxxopts::value<std::string>()->default_value("table"),
      "FORMAT");
  add("o,output", "write there instead of to the terminal", cxxopts::value<std::string>(), "FILE");
  add("h,help", "print this help");
  add_cost_model_option(options);
  add_accelerator_options(options);
  options.parse_positional("file");
  return options;
}

/// A network with the mappings that a machine of one style gives its layers.
mapping_file styled_network(const std::string& style,
                            const std::string& model,
                            const accelerator& a) {
  const mapping_constraint c = read_constraint(find_constraint(style));
  const network net = read_network(find_model(model));
  mapping_file file{net.name, {}};
  for (const network_layer& l : net.layers) {
    const styled_layer styled = style_mapping(c, unit_stride(l.l), a);
    named_mapping mapped;
    mapped.name = l.name;
    mapped.l = styled.mapped;
    mapped.m = to_mapping(styled.mapping, styled.mapped);
    file.layers.push_back(mapped);
  }
  return file;
}

/// How often a network runs each of its layers.
std::vector<std::int64_t> counts_of(const std::string& model) {
  std::vector<std::int64_t> counts;
  for (const network_layer& l : read_network(find_model(model)).layers) counts.push_back(l.count);
  return counts;
}

mapping_file mappings_from(const cxxopts::ParseResult& given, const accelerator& a) {
  const bool styled = given.count("style") > 0;
  if (styled != (given.count("model") > 0)) {
    throw input_error("evaluate: --style and --model go together");
  }
  if (styled && given.count("file") > 0) {
    throw input_error("evaluate: expected a mapping file or --style, found both");
  }
  if (styled) {
    return styled_network(given["style"].as<std::string>(), given["model"].as<std::string>(), a);
  }
  if (given.count("file") == 0) throw input_error("evaluate: no mapping file given");
  return read_mapping_file(given["file"].as<std::string>());
}

/// The files that a command line has read.
std::vector<std::string> inputs_of(const cxxopts::ParseResult& given) {
  std::vector<std::string> files;
  for (const char* option : {"file", "hw", "model", "style"}) {
    if (given.count(option) > 0) files.push_back(given[option].as<std::string>());
  }
  return files;
}

}  // namespace

int run_evaluate(int argc, char** argv) {
  cxxopts::Options options = make_options();
  const cxxopts::ParseResult given = options.parse(argc, argv);
  if (given.count("help") > 0) {
    put_text(options.help());
    return exit_ok;
  }
  refuse_empty(given);
  say_repeated(given);
  if (!given.unmatched().empty()) {
    throw input_error(fmt::format("evaluate: found \"{}\", expected one mapping file",
                                  given.unmatched().front()));
  }

  if (given.count("output") > 0) {
    try_output(given["output"].as<std::string>(), inputs_of(given));
  }
  const accelerator machine = accelerator_from(given);
  const cost_model& model = cost_model_from(given);
  const auto back_end = make_evaluator(given["backend"].as<std::string>(), {.model = &model});
  evaluation e = evaluate_file(mappings_from(given, machine), machine, model, *back_end);
  if (given.count("model") > 0) e.counts = counts_of(given["model"].as<std::string>());
  const std::string text = format_evaluation(e, given["format"].as<std::string>());
  if (given.count("output") > 0) {
    write_whole(given["output"].as<std::string>(), text);
  } else {
    put_text(text);
  }
  return e.all_ok() ? exit_ok : exit_rejected;
}

}  // namespace cugamma::cli
