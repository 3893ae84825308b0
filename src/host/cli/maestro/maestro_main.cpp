#include <fmt/format.h>

#include <array>
#include <string>

#include "cli/commands.hpp"
#include "cli/evaluate/evaluation.hpp"
#include "cli/evaluate/evaluation_writer.hpp"
#include "cli/maestro/maestro_csv.hpp"
#include "cli/maestro/maestro_options.hpp"
#include "cli/output/drop_in_program.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "files/whole_file.hpp"
#include "models/maestro/maestro_model.hpp"

namespace cugamma::cli {
namespace {

/// What a hardware file of MAESTRO starts from: it does not read the command line.
accelerator hardware_file_base(std::int32_t simd_lanes) {
  accelerator a;
  a.num_pes = 1;
  a.simd_lanes = simd_lanes;
  a.noc_bw = a.offchip_bw = INT32_MAX;
  return a;
}

accelerator machine_from(const maestro_options& given, std::vector<std::string>& warnings) {
  accelerator a;
  a.num_pes = given.at_least(1, "num_pes");
  a.simd_lanes = given.at_least(1, "num_simd_lanes");
  a.noc_bw = given.at_least(1, "noc_bw_cstr");
  a.noc_hops = given.at_least(0, "noc_hops");
  a.noc_hop_latency = given.at_least(0, "noc_hop_latency");
  a.offchip_bw = given.at_least(1, "offchip_bw_cstr");
  a.l1_size_elems = given.at_least(-1, "l1_size_cstr");
  a.l2_size_elems = given.at_least(-1, "l2_size_cstr");
  const auto file = given.text("HW_file");
  return file.empty() ? a
                      : read_accelerator_file(file, hardware_file_base(a.simd_lanes), &warnings);
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
  const maestro_options given(argc, argv);
  if (given.wants_help()) {
    put_text(maestro_help());
    return exit_ok;
  }
  const auto path = given.text("Mapping_file");
  if (path.empty()) throw input_error("no mapping file given, expected --Mapping_file=FILE");
  if (given.is_true("bw_sweep")) throw input_error("--bw_sweep=true is not supported");

  const bool writes_csv = given.is_true("print_res_csv_file");
  const std::string csv = maestro_csv_name(path);
  if (writes_csv) try_output(csv, std::array{path, given.text("HW_file")});
  const mapping_file file = read_mapping_file(path);
  std::vector<std::string> warnings = file.warnings;
  const accelerator machine = machine_from(given, warnings);
  const evaluation e = evaluate_file(file, machine, maestro_model, *make_evaluator("reference"));
  print_warnings(warnings, "cugamma-maestro");
  if (given.is_true("print_res")) {
    put_text(as_table(e));
  } else {
    print_warnings(layer_warnings(e), "cugamma-maestro");
  }
  if (writes_csv) write_csv(e, csv);
  print_rejected(e);
  return e.all_ok() ? exit_ok : exit_rejected;
}

}  // namespace
}  // namespace cugamma::cli

int main(int argc, char** argv) {
  return cugamma::cli::run_drop_in("cugamma-maestro", cugamma::cli::run, argc, argv);
}
