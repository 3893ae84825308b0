#include "cli/maestro/maestro_csv.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>

#include "models/maestro/maestro_columns.hpp"
#include "models/maestro/maestro_model.hpp"

namespace cugamma::cli {
namespace {

constexpr std::array<std::string_view, 3> tensors{"input", "filter", "output"};
/// Columns that a comma alone separates, counted without network, layer and PEs; a comma and a
/// blank separate the others.
constexpr std::size_t tight_columns = 24;

/// MAESTRO computes these four in extended precision, which can decide the sixth digit.
long double value_of(std::size_t column, const report& r) {
  const std::string_view name = maestro_model.columns[column].name;
  const auto value = [&](std::string_view other) -> long double {
    return find_value(maestro_model, r, other).value();
  };
  if (name == "throughput_per_energy") {
    return value("num_macs") / value("runtime_cycles") / value("maestro_csv_energy_nj") * 1e9L;
  }
  for (const std::string_view tensor : tensors) {
    if (name == fmt::format("{}_reuse", tensor)) {
      return value(fmt::format("{}_l1_read", tensor)) / value(fmt::format("{}_l1_write", tensor));
    }
  }
  return r.values[column];
}

std::string cell(std::size_t index, const report& r) {
  const report_column& column = maestro_model.columns[index];
  const long double value = value_of(index, r);
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
    row += cell(i, result.figures);
  }
  return row;
}

std::string maestro_csv_name(std::string_view mapping_path) {
  const std::string_view file = mapping_path.substr(mapping_path.rfind('/') + 1);
  return std::string(file.substr(0, file.find('.'))) + ".csv";
}

}  // namespace cugamma::cli
