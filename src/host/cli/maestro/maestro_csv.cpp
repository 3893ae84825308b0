#include "cli/maestro/maestro_csv.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace cugamma::cli {
namespace {

constexpr std::array<std::string_view, 3> tensors{"input", "filter", "output"};
/// Columns that a comma alone separates, counted without network, layer and PEs; a comma and a
/// blank separate the others.
constexpr std::size_t tight_columns = 24;

long double quotient(std::int64_t a, std::int64_t b) {
  return static_cast<long double>(a) / static_cast<long double>(b);
}

/// MAESTRO computes these four in extended precision, which can decide the sixth digit.
long double value_of(const report_column& column, const report& r) {
  const access_counts& a = r.accesses;
  if (column.name == "throughput_per_energy") {
    return quotient(r.figures.num_macs, r.figures.runtime_cycles) / r.maestro_csv_energy_nj * 1e9L;
  }
  if (column.name == "input_reuse") return quotient(a.input_l1_read, a.input_l1_write);
  if (column.name == "filter_reuse") return quotient(a.filter_l1_read, a.filter_l1_write);
  if (column.name == "output_reuse") return quotient(a.output_l1_read, a.output_l1_write);
  return column.value(r);
}

std::string cell(const report_column& column, const report& r) {
  const long double value = value_of(column, r);
  if (column.is_whole && std::isfinite(value))
    return fmt::format("{}", static_cast<std::int64_t>(value));
  return fmt::format("{:.6g}", value);
}

/// MAESTRO overwrites a name with each word that follows, and our names join words by '-'.
std::string_view last_word(std::string_view name) { return name.substr(name.rfind('-') + 1); }

}  // namespace

std::string maestro_csv_header() {
  std::string text =
      "Neural Network Name, Layer Number, NumPEs, Runtime (Cycles), Activity count-based Energy "
      "(nJ), "
      "Throughput (MACs/Cycle), Throughput Per Energy (GMACs/s*J), Area, Power, NoC BW Req "
      "(Elements/cycle), "
      "Avg BW Req, Peak BW Req, Vector Width, Offchip BW Req (Elements/cycle),  L2 SRAM Size Req "
      "(Bytes), "
      "L1 SRAM Size Req (Bytes), Multicasting Factor (Weight), Multicasting Factor (Input), "
      "Num Total Input Pixels, Num Total Weight Pixels, Ops/J, Num MACs, PE power, L1 power, L2 "
      "power, "
      "NOC power, ";
  for (const std::string_view tensor : tensors) {
    text += fmt::format("{0} l1 read, {0} l1 write, {0} l2 read, {0} l2 write, {0} reuse factor,",
                        tensor);
  }
  return text +
         "Ingress Delay (Min), Ingress Delay (Max), Ingress Delay (Avg), Egress Delay (Min), "
         "Egress Delay (Max),  Egress Delay (Avg),Compute Delay (Min), Compute Delay (Min), "
         "Compute Delay (Avg),Avg number of utilized PEs, Arithmetic Intensity";
}

std::string maestro_csv_row(std::string_view network,
                            const accelerator& machine,
                            const layer_result& result) {
  std::string row =
      fmt::format("{},{},{}", last_word(network), last_word(result.given.name), machine.num_pes);
  for (std::size_t i = 0; i < maestro_column_count; ++i) {
    row += i < tight_columns ? "," : ", ";
    row += cell(report_columns[i], result.figures);
  }
  return row;
}

std::string maestro_csv_name(std::string_view mapping_path) {
  const std::string_view file = mapping_path.substr(mapping_path.rfind('/') + 1);
  return std::string(file.substr(0, file.find('.'))) + ".csv";
}

}  // namespace cugamma::cli
