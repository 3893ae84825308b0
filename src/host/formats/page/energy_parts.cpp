#include "formats/page/energy_parts.hpp"

#include "cugamma/problem/accelerator.hpp"

namespace cugamma::report {
namespace {

std::vector<result_node> counts(const result_node& metrics, const std::string& buffer) {
  std::vector<result_node> out;
  for (const std::string tensor : {"input", "filter", "output"})
    for (const std::string way : {"read", "write"})
      out.push_back(metrics[tensor + "_" + buffer + "_" + way]);
  return out;
}

double sum(const std::vector<result_node>& nodes) {
  double out = 0;
  for (const result_node& node : nodes) out += node.number();
  return out;
}

}  // namespace

energy_parts energy_parts_of(const result_node& root, const result_node& layer) {
  const result_node metrics = layer["best"]["metrics"];
  const result_node constants = root["accelerator"]["constants"];
  const cost_constants usual;
  const double mac = constants["mac_energy_nj"].number_or(usual.mac_energy_nj);
  energy_parts out{0, 0, 0, counts(metrics, "l1"), counts(metrics, "l2")};
  out.l1_nj =
      sum(out.l1_counts) * constants["l1_energy_macs"].number_or(usual.l1_energy_macs) * mac;
  out.l2_nj =
      sum(out.l2_counts) * constants["l2_energy_macs"].number_or(usual.l2_energy_macs) * mac;
  out.mac_nj = metrics["num_macs"].number() * mac;
  return out;
}

std::vector<bar_part> stacked(const energy_parts& parts, double times) {
  return {{parts.l1_nj * times, "l1"}, {parts.l2_nj * times, "l2"}, {parts.mac_nj * times, "mac"}};
}

std::string energy_legend() { return legend({{"l1", "L1"}, {"l2", "L2"}, {"mac", "MAC"}}); }

}  // namespace cugamma::report
