#include <fmt/core.h>

#include <cstdio>
#include <cxxopts.hpp>
#include <fstream>

#include "accelerator_options.hpp"
#include "commands.hpp"
#include "cugamma/error.hpp"
#include "evaluation.hpp"
#include "evaluation_writer.hpp"

namespace cugamma::cli {
namespace {

cxxopts::Options make_options() {
  cxxopts::Options options(
      "cugamma evaluate",
      "Prints the figures of every layer of a MAESTRO mapping file. Exit status: 0 all layers "
      "evaluated, 1 bad input, 3 a layer was rejected.\n");
  options.positional_help("FILE.m");
  auto add = options.add_options();
  add("file", "mapping file", cxxopts::value<std::string>());
  add("backend",
      "reference (all figures) or cpu (those that a search reads)",
      cxxopts::value<std::string>()->default_value("reference"),
      "NAME");
  add("format",
      "table, json or csv",
      cxxopts::value<std::string>()->default_value("table"),
      "FORMAT");
  add("o,output", "write there instead of to the terminal", cxxopts::value<std::string>(), "FILE");
  add("h,help", "print this help");
  add_accelerator_options(options);
  options.parse_positional("file");
  return options;
}

void write(const std::string& text, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (!out) throw input_error(fmt::format("{}: cannot be written", path));
}

}  // namespace

int run_evaluate(int argc, char** argv) {
  cxxopts::Options options = make_options();
  const cxxopts::ParseResult given = options.parse(argc, argv);
  if (given.count("help") > 0) {
    fmt::print("{}", options.help());
    return exit_ok;
  }
  if (given.count("file") == 0) throw input_error("evaluate: no mapping file given");
  if (!given.unmatched().empty()) {
    throw input_error(fmt::format("evaluate: found \"{}\", expected one mapping file",
                                  given.unmatched().front()));
  }

  const mapping_file file = read_mapping_file(given["file"].as<std::string>());
  const evaluation e =
      evaluate_file(file, accelerator_from(given), given["backend"].as<std::string>());
  const std::string text = format_evaluation(e, given["format"].as<std::string>());
  if (given.count("output") > 0) {
    write(text, given["output"].as<std::string>());
  } else {
    fmt::print("{}", text);
  }
  return e.all_ok() ? exit_ok : exit_rejected;
}

}  // namespace cugamma::cli
