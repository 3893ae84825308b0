#include "formats/page/energy_parts.hpp"

#include "cugamma/problem/accelerator.hpp"
#include "formats/page/best_metric.hpp"

namespace cugamma::report {
namespace {

/// The accesses of a buffer: their sum as the exact model gives it, MAESTRO's six counts else.
std::vector<result_node> counts(const result_node& metrics, const std::string& buffer) {
  if (metrics[buffer + "_accesses"].present()) return {metrics[buffer + "_accesses"]};
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
  const auto nj =
      [&](const std::vector<result_node>& accesses, const char* key, double usual_macs) {
        return sum(accesses) * constants[key].number_or(usual_macs) * mac;
      };
  energy_parts out{0, 0, 0, 0, counts(metrics, "l1"), {}, counts(metrics, "l2")};
  if (metrics["cluster_accesses"].present()) out.cluster_counts = {metrics["cluster_accesses"]};
  out.l1_nj = nj(out.l1_counts, "l1_energy_macs", usual.l1_energy_macs);
  out.cluster_nj = nj(out.cluster_counts, "cluster_energy_macs", usual.cluster_energy_macs);
  out.l2_nj = nj(out.l2_counts, "l2_energy_macs", usual.l2_energy_macs);
  out.mac_nj = best_metric(layer, "macs").number() * mac;
  return out;
}

std::vector<bar_part> stacked(const energy_parts& parts, double times) {
  std::vector<bar_part> bars{{parts.l1_nj * times, "l1"}};
  if (!parts.cluster_counts.empty()) bars.push_back({parts.cluster_nj * times, "cluster"});
  bars.push_back({parts.l2_nj * times, "l2"});
  bars.push_back({parts.mac_nj * times, "mac"});
  return bars;
}

std::string energy_legend(bool has_clusters) {
  if (!has_clusters) return legend({{"l1", "L1"}, {"l2", "L2"}, {"mac", "MAC"}});
  return legend({{"l1", "L1"}, {"cluster", "cluster buffers"}, {"l2", "L2"}, {"mac", "MAC"}});
}

}  // namespace cugamma::report
