#include "formats/page/energy_parts.hpp"

#include "cugamma/problem/accelerator.hpp"
#include "formats/page/best_metric.hpp"

namespace cugamma::report {
namespace {

double sum(const std::vector<result_node>& nodes) {
  double out = 0;
  for (const result_node& node : nodes) out += node.number();
  return out;
}

}  // namespace

bool has_dram_energy(const result_node& root) {
  return root["accelerator"]["constants"]["dram_energy_macs"].number_or(0) != 0;
}

energy_parts energy_parts_of(const result_node& root, const result_node& layer) {
  const result_node constants = root["accelerator"]["constants"];
  const cost_constants usual;
  const double mac = constants["mac_energy_nj"].number_or(usual.mac_energy_nj);
  const auto nj =
      [&](const std::vector<result_node>& accesses, const char* key, double usual_macs) {
        return sum(accesses) * constants[key].number_or(usual_macs) * mac;
      };
  energy_parts out{0,
                   0,
                   0,
                   0,
                   0,
                   best_metrics(layer, "L1 accesses"),
                   {},
                   best_metrics(layer, "L2 accesses"),
                   {}};
  const result_node of_clusters = best_metric(layer, "cluster_accesses");
  if (of_clusters.present()) out.cluster_counts = {of_clusters};
  out.l1_nj = nj(out.l1_counts, "l1_energy_macs", usual.l1_energy_macs);
  out.cluster_nj = nj(out.cluster_counts, "cluster_energy_macs", usual.cluster_energy_macs);
  out.l2_nj = nj(out.l2_counts, "l2_energy_macs", usual.l2_energy_macs);
  const result_node of_dram = best_metric(layer, "dram_accesses");
  if (has_dram_energy(root) && of_dram.present()) {
    out.dram_counts = {of_dram};
    out.dram_nj = nj(out.dram_counts, "dram_energy_macs", usual.dram_energy_macs);
  }
  out.mac_nj = best_metric(layer, "MACs").number() * mac;
  return out;
}

std::vector<bar_part> stacked(const energy_parts& parts, double times) {
  std::vector<bar_part> bars{{parts.l1_nj * times, "l1"}};
  if (!parts.cluster_counts.empty()) bars.push_back({parts.cluster_nj * times, "cluster"});
  bars.push_back({parts.l2_nj * times, "l2"});
  bars.push_back({parts.mac_nj * times, "mac"});
  if (!parts.dram_counts.empty()) bars.push_back({parts.dram_nj * times, "dram"});
  return bars;
}

std::string energy_legend(bool has_clusters, bool has_dram) {
  std::vector<std::pair<std::string, std::string>> colours{{"l1", "L1"}};
  if (has_clusters) colours.emplace_back("cluster", "cluster buffers");
  colours.emplace_back("l2", "L2");
  colours.emplace_back("mac", "MAC");
  if (has_dram) colours.emplace_back("dram", "DRAM");
  return legend(colours);
}

}  // namespace cugamma::report
