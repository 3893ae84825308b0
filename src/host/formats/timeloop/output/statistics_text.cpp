#include <fmt/format.h>

#include <algorithm>

#include "cugamma/formats/timeloop_output.hpp"

namespace cugamma::timeloop {
namespace {

std::string heading(std::string_view title) {
  return fmt::format("{}\n{}\n", title, std::string(title.size(), '-'));
}

std::string or_none(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "-";
}

double per_word(double energy, double words) { return words > 0 ? energy / words : 0; }

/// Clusters of instances that are in use.
std::int64_t clusters_of(const storage_level& l, const tensor_figures& t) {
  return std::min(t.instances, l.instances / l.cluster_size);
}

std::string arithmetic_text(const architecture& a, const figures& f) {
  const arithmetic_units& m = a.arithmetic;
  std::string text = fmt::format("=== {} ===\n", m.name);
  text += "    SPECS\n    -----\n";
  text += fmt::format("    Word bits             : {}\n", m.word_bits);
  text += fmt::format("    Instances             : {} ({}*{})\n", m.instances, m.mesh_x, m.mesh_y);
  text += fmt::format("    Compute energy        : {} pJ\n\n", m.mac_pj);
  text += "    STATS\n    -----\n";
  text += fmt::format("    Utilized instances      : {}\n", f.compute_instances);
  text += fmt::format("    Computes (total)        : {}\n", f.macs);
  text += fmt::format("    Cycles                  : {}\n", f.compute_cycles);
  text += fmt::format("    Energy (total)          : {:.6f} pJ\n", f.compute_pj);
  return text + fmt::format("    Area (total)            : {:.6f} um^2\n\n",
                            m.area_um2 * static_cast<double>(m.instances));
}

std::string level_specs(const storage_level& l, const level_figures& f) {
  std::string text = "    SPECS\n    -----\n";
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("        {:<32}: {}\n", name, value);
  };
  line("Technology", l.is_dram ? "DRAM" : "SRAM");
  line("Size", l.size_words ? fmt::format("{}", *l.size_words) : "-");
  line("Word bits", fmt::format("{}", l.word_bits));
  line("Block size", fmt::format("{}", l.block_size));
  line("Cluster size", fmt::format("{}", l.cluster_size));
  line("Instances", fmt::format("{} ({}*{})", l.instances, l.mesh_x, l.mesh_y));
  line("Shared bandwidth", or_none(l.shared_bandwidth));
  line("Read bandwidth", or_none(l.read_bandwidth));
  line("Write bandwidth", or_none(l.write_bandwidth));
  line("Multiple buffering", fmt::format("{:.2f}", l.multiple_buffering));
  const auto usable = usable_size(l);
  line("Effective size", usable ? fmt::format("{}", *usable) : "-");
  line("Min utilization", fmt::format("{:.2f}", l.min_utilization));
  line("Vector read energy", fmt::format("{} pJ", l.read_pj));
  line("Vector fill energy", fmt::format("{} pJ", l.fill_pj));
  line("Vector update energy", fmt::format("{} pJ", l.update_pj));
  line("Per-instance-cycle leakage", fmt::format("{} pJ", l.leak_pj));
  line("Leakage energy (total)", fmt::format("{:.6f} pJ", f.leak_pj));
  line("Area", fmt::format("{} um^2", l.area_um2));
  return text + '\n';
}

std::string tensor_text(const std::string& name,
                        const storage_level& l,
                        const tensor_figures& t,
                        std::int64_t compute_cycles) {
  std::string text = fmt::format("    {}:\n", name);
  const auto line = [&](std::string_view title, const std::string& value) {
    text += fmt::format("        {:<41}: {}\n", title, value);
  };
  const auto whole = [](std::int64_t value) { return fmt::format("{}", value); };
  const auto instances = static_cast<double>(t.instances);
  const auto words = static_cast<double>(t.reads + t.fills + t.updates);
  const auto cycles = static_cast<double>(compute_cycles);
  line("Partition size", whole(t.partition));
  line("Utilized capacity", whole(t.tile));
  line("Utilized instances (max)", whole(t.instances));
  line("Utilized clusters (max)", whole(clusters_of(l, t)));
  line("Scalar reads (per-instance)", whole(t.reads));
  line("Scalar fills (per-instance)", whole(t.fills));
  line("Scalar updates (per-instance)", whole(t.updates));
  line("Temporal reductions (per-instance)", whole(t.temporal_reductions));
  line("Address generations (per-cluster)", whole(t.address_generations));
  line("Energy (per-scalar-access)",
       fmt::format("{:.6f} pJ", per_word(t.storage_pj / instances, words)));
  line("Energy (per-instance)", fmt::format("{:.6f} pJ", t.storage_pj / instances));
  line("Energy (total)", fmt::format("{:.6f} pJ", t.storage_pj));
  line("Read Bandwidth (per-instance)",
       fmt::format("{:.4f} words/cycle", static_cast<double>(t.reads) / cycles));
  line("Write Bandwidth (per-instance)",
       fmt::format("{:.4f} words/cycle", static_cast<double>(t.fills + t.updates) / cycles));
  return text;
}

std::string level_text(const storage_level& l,
                       const problem& p,
                       const level_figures& f,
                       std::int64_t compute_cycles) {
  std::string text = fmt::format("=== {} ===\n\n", l.name) + level_specs(l, f);
  text += "    STATS\n    -----\n";
  text += fmt::format("    Cycles               : {}\n", f.cycles);
  text += fmt::format("    Bandwidth throttling : {:.4f}\n", f.slowdown);
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    if (!f.tensors[t].is_kept) continue;
    text += tensor_text(p.tensors[t].name, l, f.tensors[t], compute_cycles);
  }
  return text + '\n';
}

std::string network_name(const architecture& a, std::size_t b) {
  return fmt::format("{} <==> {}",
                     a.levels[b].name,
                     b == 0 ? a.arithmetic.name : a.levels[b - 1].name);
}

double energy_of(const network_figures& f) {
  double energy = 0;
  for (const tensor_transfers& t : f.tensors) energy += t.energy_pj;
  return energy;
}

double energy_of(const level_figures& f) {
  double energy = 0;
  for (const tensor_figures& t : f.tensors) energy += t.energy_pj;
  return energy;
}

std::string network_text(const architecture& a,
                         const problem& p,
                         const network_figures& f,
                         std::size_t b) {
  std::string text = network_name(a, b) + "\n\n    STATS\n    -----\n";
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    const tensor_transfers& moved = f.tensors[t];
    double words = 0, hops = 0;
    for (const transfer_record& r : moved.records) {
      words += r.accesses;
      hops += r.hops;
    }
    text += fmt::format("    {}:\n", p.tensors[t].name);
    text += fmt::format("        {:<40}: {}\n", "Ingresses", words);
    for (const transfer_record& r : moved.records) {
      text += fmt::format("            @multicast {} @scatter {}: {}\n",
                          r.multicast,
                          r.scatter,
                          r.accesses);
    }
    text += fmt::format("        {:<40}: {}\n", "Link transfers", moved.link_transfers);
    text += fmt::format("        {:<40}: {}\n", "Spatial reductions", moved.spatial_reductions);
    text +=
        fmt::format("        {:<40}: {:.4f}\n", "Average number of hops", per_word(hops, words));
    text += fmt::format("        {:<40}: {:.6f} pJ\n", "Energy (total)", moved.energy_pj);
  }
  return text + '\n';
}

/// What a compute costs, part by part, in fJ or pJ.
std::string parts_text(const architecture& a,
                       const figures& f,
                       std::string_view unit,
                       double units_a_pj) {
  std::vector<std::pair<std::string, double>> parts{{a.arithmetic.name, f.compute_pj}};
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    parts.emplace_back(a.levels[b].name, energy_of(f.levels[b]));
  }
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    parts.emplace_back(network_name(a, b), energy_of(f.networks[b]));
  }
  parts.emplace_back("Total", f.energy_pj);
  std::size_t width = 0;
  for (const auto& [name, unused] : parts) width = std::max(width, name.size());
  std::string text = fmt::format("{}/Compute\n", unit);
  for (const auto& [name, energy] : parts) {
    text += fmt::format("    {:<{}} = {:.6f}\n",
                        name,
                        width,
                        energy * units_a_pj / static_cast<double>(f.macs));
  }
  return text;
}

std::string summary(const architecture& a, const figures& f) {
  std::string text = heading("Summary Stats");
  text += fmt::format("Utilization: {:.2f}%\n", f.utilization * 100);
  text += fmt::format("Cycles: {}\n", f.cycles);
  text += fmt::format("Energy: {:.6f} uJ\n", f.energy_pj / 1e6);
  text += fmt::format("EDP(J*cycle): {:.8e}\n", static_cast<double>(f.cycles) * f.energy_pj / 1e12);
  text += fmt::format("Area: {:.6f} mm^2\n", f.area_um2 / 1e6);
  text += fmt::format("\nComputes = {}\n", f.macs);
  return text + parts_text(a, f, "fJ", 1000) + '\n' + parts_text(a, f, "pJ", 1);
}

}  // namespace

std::string statistics_text(const architecture& a, const problem& p, const figures& f) {
  std::string text = heading("Buffer and Arithmetic Levels");
  text += heading("Level 0") + arithmetic_text(a, f);
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    text += heading(fmt::format("Level {}", b + 1));
    text += level_text(a.levels[b], p, f.levels[b], f.compute_cycles);
  }
  text += heading("Networks");
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    text += heading(fmt::format("Network {}", b));
    text += network_text(a, p, f.networks[b], b);
  }
  return text + '\n' + summary(a, f);
}

}  // namespace cugamma::timeloop
