#include <fmt/format.h>

#include <array>
#include <cxxopts.hpp>
#include <exception>
#include <string>

#include "cli/commands.hpp"
#include "cli/evaluate/evaluation.hpp"
#include "cli/evaluate/evaluation_writer.hpp"
#include "cli/maestro/maestro_csv.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "files/whole_file.hpp"
#include "models/maestro/maestro_model.hpp"

namespace cugamma::cli {
namespace {

/// MAESTRO's options that say nothing about the figures of a mapping file, or that it ignores too.
constexpr const char* options_without_effect[] = {"print_log_file",
                                                  "msg_print_lv",
                                                  "dataflow_file",
                                                  "layer_file",
                                                  "noc_mc_support",
                                                  "top_bw_only",
                                                  "do_implicit_reduction",
                                                  "do_fg_sync",
                                                  "do_reduction_op",
                                                  "full_buffer",
                                                  "do_dse",
                                                  "verbose",
                                                  "print_design_space",
                                                  "print_space",
                                                  "min_num_PEs",
                                                  "min_noc_bw",
                                                  "max_num_PEs",
                                                  "max_noc_bw",
                                                  "pe_tick",
                                                  "bw_tick",
                                                  "area_constraint",
                                                  "power_constraint",
                                                  "optimization_target"};

/// Each option takes a value, as "--name=value" or "--name value". The defaults are MAESTRO's.
cxxopts::Options make_options() {
  cxxopts::Options options(
      "cugamma-maestro",
      "Takes MAESTRO's command line and writes its CSV into the working directory.\n");
  auto add = options.add_options();
  const auto text = [&](const char* name, const char* help, const char* value) {
    add(name, help, cxxopts::value<std::string>()->default_value(value));
  };
  const auto whole = [&](const char* name, const char* help, const char* value) {
    add(name, help, cxxopts::value<std::int32_t>()->default_value(value));
  };
  add("help", "print this help");
  text("Mapping_file", "mapping file", "");
  text("HW_file", "hardware file; overrides the options below", "");
  text("print_res", "print a table of the results", "true");
  text("print_res_csv_file", "write the CSV", "true");
  text("bw_sweep", "not supported if true", "false");
  whole("num_pes", "PEs", "7");
  whole("num_simd_lanes", "MACs per PE and cycle", "1");
  whole("noc_bw_cstr", "NoC bandwidth, elements/cycle", "2147483647");
  whole("noc_hops", "mean hops through the NoC", "1");
  whole("noc_hop_latency", "cycles per hop", "0");
  whole("offchip_bw_cstr", "off-chip bandwidth, elements/cycle", "70000");
  whole("l1_size_cstr", "L1 of a PE, elements; for a warning only", "2147483647");
  whole("l2_size_cstr", "L2, elements; for a warning only", "2147483647");
  for (const char* name : options_without_effect) {
    add(name, "accepted, without effect", cxxopts::value<std::string>());
  }
  return options;
}

bool is_true(const cxxopts::ParseResult& given, const char* name) {
  const auto value = given[name].as<std::string>();
  if (value == "true" || value == "1" || value == "on" || value == "yes") return true;
  if (value == "false" || value == "0" || value == "off" || value == "no") return false;
  throw input_error(fmt::format("--{}: found \"{}\", expected true or false", name, value));
}

std::int32_t at_least(std::int32_t least, const cxxopts::ParseResult& given, const char* name) {
  const auto value = given[name].as<std::int32_t>();
  if (value >= least) return value;
  throw input_error(fmt::format("--{}: found {}, expected {} or more", name, value, least));
}

/// What a hardware file of MAESTRO starts from: it does not read the command line.
accelerator hardware_file_base(std::int32_t simd_lanes) {
  accelerator a;
  a.num_pes = 1;
  a.simd_lanes = simd_lanes;
  a.noc_bw = a.offchip_bw = INT32_MAX;
  return a;
}

accelerator machine_from(const cxxopts::ParseResult& given) {
  accelerator a;
  a.num_pes = at_least(1, given, "num_pes");
  a.simd_lanes = at_least(1, given, "num_simd_lanes");
  a.noc_bw = at_least(1, given, "noc_bw_cstr");
  a.noc_hops = at_least(0, given, "noc_hops");
  a.noc_hop_latency = at_least(0, given, "noc_hop_latency");
  a.offchip_bw = at_least(1, given, "offchip_bw_cstr");
  a.l1_size_elems = at_least(-1, given, "l1_size_cstr");
  a.l2_size_elems = at_least(-1, given, "l2_size_cstr");
  const auto file = given["HW_file"].as<std::string>();
  return file.empty() ? a : read_accelerator_file(file, hardware_file_base(a.simd_lanes));
}

/// Appends to a file that is there already, as MAESTRO does; makes none without a row.
void write_csv(const evaluation& e, const std::string& path) {
  std::string rows;
  for (const layer_result& r : e.layers) {
    if (r.status == "ok") rows += maestro_csv_row(e.network, e.machine, r) + '\n';
  }
  if (rows.empty()) return;
  append_whole(path, maestro_csv_header() + '\n', rows);
}

void print_rejected(const evaluation& e) {
  for (const layer_result& r : e.layers) {
    if (r.status == "ok") continue;
    say("cugamma-maestro: layer {} is illegal: {}\n", r.given.name, fmt::join(r.reasons, ", "));
  }
}

int run(int argc, char** argv) {
  cxxopts::Options options = make_options();
  const cxxopts::ParseResult given = options.parse(argc, argv);
  if (given.count("help") > 0) {
    put_text(options.help());
    return exit_ok;
  }
  const auto path = given["Mapping_file"].as<std::string>();
  if (path.empty()) throw input_error("no mapping file given, expected --Mapping_file=FILE");
  if (is_true(given, "bw_sweep")) throw input_error("--bw_sweep=true is not supported");

  const bool writes_csv = is_true(given, "print_res_csv_file");
  const std::string csv = maestro_csv_name(path);
  if (writes_csv) try_output(csv, std::array{path, given["HW_file"].as<std::string>()});
  const evaluation e = evaluate_file(read_mapping_file(path),
                                     machine_from(given),
                                     maestro_model,
                                     *make_evaluator("reference"));
  if (is_true(given, "print_res")) put_text(as_table(e));
  if (writes_csv) write_csv(e, csv);
  print_rejected(e);
  return e.all_ok() ? exit_ok : exit_rejected;
}

}  // namespace
}  // namespace cugamma::cli

int main(int argc, char** argv) {
  try {
    cugamma::cli::prepare_streams();
    return cugamma::cli::finish_streams("cugamma-maestro", cugamma::cli::run(argc, argv));
  } catch (const std::exception& e) {
    cugamma::cli::say("cugamma-maestro: {}\n", e.what());
    return cugamma::cli::exit_bad_input;
  }
}
