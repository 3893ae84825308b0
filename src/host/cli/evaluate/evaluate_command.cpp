#include <fmt/core.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <iterator>

#include "cli/accelerator_options.hpp"
#include "cli/commands.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/evaluate/evaluation.hpp"
#include "cli/evaluate/evaluation_writer.hpp"
#include "cli/evaluate/styles_table.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/mapping/style_mapping.hpp"
#include "files/read_file.hpp"
#include "files/whole_file.hpp"

namespace cugamma::cli {
namespace {

cxxopts::Options evaluate_options() {
  cxxopts::Options options(
      "cugamma evaluate",
      "Prints the figures of every layer of a MAESTRO mapping file, or of a network in a classic "
      "dataflow (strided layers in their stride-1 form). Exit status: 0 all layers "
      "evaluated, 1 bad input, 3 a layer was rejected.\n");
  options.positional_help("FILE.m | FILE.m --model NAME | --style NAME --model NAME");
  auto add = options.add_options();
  add("file", "mapping file", cxxopts::value<std::string>());
  add("style",
      "score a classic dataflow in place of a file: dla, eye, tpu, shidiannao, kcp_ws, xp_ws, "
      "ykp_os, rs, cp_nlr, MAESTRO's names C-P, X-P, YX-P, YR-P, KC-P, a constraint file, or a "
      "file "
      "with a MAESTRO Dataflow alone, which maps strided layers as they are; several with commas "
      "between them, or all, give a table",
      cxxopts::value<std::string>(),
      "NAME|FILE");
  add("model",
      "the network that --style, or a file with a Dataflow alone, maps; with --style also several",
      cxxopts::value<std::string>(),
      "NAME|FILE");
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

/// A network with the mappings that an accelerator of one style gives its layers.
mapping_file styled_network(const std::string& style, const network& net, const accelerator& a) {
  const mapping_constraint c = read_constraint(find_constraint(style));
  mapping_file file{net.name, {}};
  for (const network_layer& l : net.layers) {
    named_mapping mapped;
    mapped.name = l.name;
    try {
      const styled_layer styled = style_mapping(c, unit_stride(l.l), a);
      mapped.l = styled.mapped;
      mapped.m = to_mapping(styled.mapping, styled.mapped);
    } catch (const input_error& e) {
      throw input_error(fmt::format("layer {}: {}", l.name, e.what()));
    }
    file.layers.push_back(mapped);
  }
  return file;
}

/// The mappings that --style gives the layers of a network: a style's, or those of a file with a
/// Dataflow alone.
mapping_file mapped_network(const std::string& style, const network& net, const accelerator& a) {
  if (is_given_file(style)) {
    const std::string text = read_file(style);
    if (is_mapping_text(text)) return apply_dataflow(text, style, net);
  }
  return styled_network(style, net, a);
}

/// The mappings that a file with a Dataflow alone gives the layers of a network.
mapping_file mapped_by_file(const std::string& file, const network& net) {
  const std::string text = read_file(file);
  if (is_mapping_text(text)) return apply_dataflow(text, file, net);
  throw input_error(fmt::format("{}: expected a file with a Dataflow", file));
}

/// What a command line asks to evaluate.
struct evaluation_request {
  mapping_file file;
  std::vector<std::int64_t> counts;  ///< how often a network runs each layer; empty: not known
};

evaluation_request request_from(const cxxopts::ParseResult& given, const accelerator& a) {
  const bool has_file = given.count("file") > 0;
  const bool has_style = given.count("style") > 0;
  if (has_file && has_style) {
    throw input_error("evaluate: expected a mapping file or --style, found both");
  }
  if (given.count("model") == 0) {
    if (has_style) throw input_error("evaluate: --style needs a --model");
    if (!has_file) throw input_error("evaluate: no mapping file given");
    return {read_mapping_file(given["file"].as<std::string>()), {}};
  }
  if (!has_file && !has_style) {
    throw input_error("evaluate: --model needs a --style, or a file with a Dataflow");
  }
  const network net = read_network(find_model(given["model"].as<std::string>()));
  const auto dataflow = given[has_file ? "file" : "style"].as<std::string>();
  evaluation_request request{
      has_file ? mapped_by_file(dataflow, net) : mapped_network(dataflow, net, a),
      {}};
  std::ranges::copy(net.warnings, std::back_inserter(request.file.warnings));
  for (const network_layer& l : net.layers) request.counts.push_back(l.count);
  return request;
}

/// The files that a command line has read.
std::vector<std::string> inputs_of(const cxxopts::ParseResult& given) {
  std::vector<std::string> files;
  for (const char* option : {"file", "accelerator", "model", "style"}) {
    if (given.count(option) > 0) files.push_back(given[option].as<std::string>());
  }
  return files;
}

/// Names with commas between them, or the one that is a file.
std::vector<std::string> names_in(const std::string& text) {
  if (is_given_file(text)) return {text};
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    names.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

/// The dataflows, networks and accelerators that a command line lists; of the latter an empty name
/// where it names none.
struct listed_names {
  std::vector<std::string> styles, networks, accelerators;
  bool is_table() const { return styles.size() * networks.size() * accelerators.size() > 1; }
};

listed_names names_from(const cxxopts::ParseResult& given) {
  const auto names = [&](const char* option) {
    return given.count(option) == 0 ? std::vector<std::string>{""}
                                    : names_in(given[option].as<std::string>());
  };
  listed_names all{names("style"), names("model"), names("accelerator")};
  if (all.styles == std::vector<std::string>{"all"}) all.styles = constraint_names();
  return all;
}

/// The figures of every dataflow for every network on every accelerator.
std::vector<styled_total> totals_of_all(const cxxopts::ParseResult& given,
                                        const listed_names& names) {
  if (given.count("style") == 0 || given.count("model") == 0) {
    throw input_error("evaluate: several accelerators or networks need --style and --model");
  }
  for (const std::string& style : names.styles) {
    if (!is_given_file(style)) find_constraint(style);
  }
  const cost_model& model = cost_model_from(given);
  const auto back_end = make_evaluator(given["backend"].as<std::string>(), {.model = &model});
  std::vector<styled_total> rows;
  for (const std::string& network_name : names.networks) {
    const network net = read_network(find_model(network_name));
    print_warnings(net.warnings);
    for (const std::string& accelerator_name : names.accelerators) {
      const accelerator a = accelerator_named(given, accelerator_name);
      for (const std::string& style : names.styles) {
        rows.push_back({net.name, accelerator_name, style, "", 0, 0, 0});
        try {
          evaluation e = evaluate_file(mapped_network(style, net, a), a, model, *back_end);
          for (const network_layer& l : net.layers) e.counts.push_back(l.count);
          rows.back() = total_of(e, style);
          rows.back().network = net.name;
          rows.back().accelerator = accelerator_name;
        } catch (const input_error& error) {  // a dataflow that does not fit is a row as well
          rows.back().obstacle = error.what();
        }
      }
    }
  }
  return rows;
}

int run_evaluate_all(const cxxopts::ParseResult& given, const listed_names& names) {
  const std::vector<styled_total> rows = totals_of_all(given, names);
  const auto format = given["format"].as<std::string>();
  const std::string text = format_totals(rows, cost_model_from(given), format);
  if (given.count("output") > 0) {
    write_whole(given["output"].as<std::string>(), text);
  } else {
    put_text(text);
  }
  const auto is_found = [](const styled_total& r) { return r.obstacle.empty(); };
  return std::ranges::any_of(rows, is_found) ? exit_ok : exit_rejected;
}

}  // namespace

int run_evaluate(int argc, char** argv) {
  cxxopts::Options options = evaluate_options();
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(help_text(options,
                       {},
                       "  cugamma evaluate out/best.m --accelerator edge\n"
                       "  cugamma evaluate --style dla,eye,tpu --model vgg16 --accelerator edge\n"
                       "  cugamma evaluate --style all --model vgg16,resnet50 --format csv\n"));
    return exit_ok;
  }
  if (!given.unmatched().empty()) {
    throw input_error(fmt::format("evaluate: found \"{}\", expected one mapping file",
                                  given.unmatched().front()));
  }

  if (given.count("output") > 0) {
    try_output(given["output"].as<std::string>(), inputs_of(given));
  }
  const listed_names names = names_from(given);
  if (names.is_table()) return run_evaluate_all(given, names);
  std::vector<std::string> warnings;
  const accelerator machine = accelerator_from(given, usual_accelerator(), false, &warnings);
  const cost_model& model = cost_model_from(given);
  const auto back_end = make_evaluator(given["backend"].as<std::string>(), {.model = &model});
  const evaluation_request request = request_from(given, machine);
  evaluation e = evaluate_file(request.file, machine, model, *back_end);
  e.counts = request.counts;
  const auto format = given["format"].as<std::string>();
  const std::string text = format_evaluation(e, format);
  print_warnings(warnings);
  print_warnings(request.file.warnings);
  if (format == "csv") print_warnings(layer_warnings(e));
  if (given.count("output") > 0) {
    write_whole(given["output"].as<std::string>(), text);
  } else {
    put_text(text);
  }
  return e.all_ok() ? exit_ok : exit_rejected;
}

}  // namespace cugamma::cli
