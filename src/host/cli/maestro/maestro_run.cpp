#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/bench/benchmark.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "models/maestro/maestro_columns.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma::cli {
namespace {

namespace fs = std::filesystem;

// A new folder for one run of the program, gone with the object.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (fs::temp_directory_path() / "cugamma-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw backend_error(fmt::format("no temporary folder can be made in {}", name));
    }
    path_ = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string command_of(const std::string& program, const fs::path& folder, const accelerator& a) {
  return fmt::format(
      "cd {} && {} --print_res=false --print_res_csv_file=true --print_log_file=false "
      "--Mapping_file=sample.m --num_pes={} --noc_bw_cstr={} --noc_hops={} --noc_hop_latency={} "
      "--offchip_bw_cstr={} --num_simd_lanes={} >/dev/null 2>&1",
      shell_quoted(folder.string()),
      shell_quoted(program),
      a.num_pes,
      a.noc_bw,
      a.noc_hops,
      a.noc_hop_latency,
      a.offchip_bw,
      a.simd_lanes);
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) out.push_back(cell);
  return out;
}

// The figures of the one layer in the program's CSV, in the order of maestro_columns.
std::vector<double> read_figures(const fs::path& csv) {
  std::ifstream in(csv);
  std::string header, row;
  std::getline(in, header);
  std::getline(in, row);
  const std::vector<std::string> all = cells(row);
  constexpr std::size_t named_cells = 3;  // network, layer, number of PEs
  std::vector<double> figures;
  for (std::size_t i = named_cells; i < all.size(); ++i) {
    figures.push_back(std::strtod(all[i].c_str(), nullptr));
  }
  return figures;
}

// MAESTRO writes six significant digits.
bool agrees(double figure, double expected) {
  return std::abs(figure - expected) <= 1e-5 * std::abs(expected);
}

bool figures_agree(const std::vector<double>& figures, const maestro_report& r) {
  if (figures.size() < maestro_column_count) return false;
  for (int i = 0; i < maestro_column_count; ++i) {
    const std::string_view name = maestro_columns[i].column.name;
    const bool read_by_search = name == "runtime_cycles" || name == "num_macs" ||
                                name.ends_with("_l2_read") || name.ends_with("_l2_write") ||
                                name == "l1_size_req" || name == "l2_size_req";
    if (read_by_search && !agrees(figures[i], maestro_columns[i].value(r))) return false;
  }
  return true;
}

}  // namespace

maestro_run run_maestro(const std::string& program, const batch& b, std::size_t sample) {
  const std::string absolute = fs::absolute(program).string();
  if (!fs::exists(absolute)) throw backend_error(fmt::format("{} does not exist", program));
  const temporary_folder folder;
  maestro_run run;
  for (const genome& g : b.genomes) {
    if (run.mappings == sample) break;
    const layer& l = b.layers[g.layer_index];
    accelerator a = b.accelerators[g.accelerator_index];
    a.num_pes = pes_of(g, a);
    const maestro_report r = evaluate_reference(l, a, to_mapping(g, l));
    if (!is_legal(r.figures.status)) continue;
    std::ofstream(folder.path() / "sample.m") << write_mapping("sample", l, to_mapping(g, l));
    fs::remove(folder.path() / "sample.csv");

    const auto start = std::chrono::steady_clock::now();
    const bool has_run = std::system(command_of(absolute, folder.path(), a).c_str()) != -1;
    run.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::vector<double> figures;
    if (has_run) figures = read_figures(folder.path() / "sample.csv");
    run.failed += figures.empty() ? 1 : 0;
    run.differing += !figures.empty() && !figures_agree(figures, r) ? 1 : 0;
    ++run.mappings;
  }
  if (run.failed == run.mappings && run.mappings > 0) {
    throw backend_error(
        fmt::format("{} wrote no figures for any of {} mappings", program, run.mappings));
  }
  return run;
}

}  // namespace cugamma::cli
