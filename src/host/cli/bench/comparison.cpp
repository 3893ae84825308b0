#include "cli/bench/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/mapping/random_mapping.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma::cli {
namespace {

template <class T>
void compare(std::string& out, const char* name, const T& a, const T& b) {
  if (a != b) out += fmt::format("  {}: {}, {}\n", name, a, b);
}

std::string status_text(std::uint32_t status) {
  return fmt::format("{:#x} ({})", status, fmt::join(reasons(status), ", "));
}

}  // namespace

test_bed make_test_bed(const std::vector<std::string>& models) {
  test_bed bed;
  for (const std::string& model : models) {
    const network net = read_network(find_model(model));
    std::ranges::copy(net.warnings, std::back_inserter(bed.warnings));
    for (const network_layer& n : net.layers) {
      const layer l = unit_stride(n.l);
      if (!has_genome_sizes(l) || std::ranges::find(bed.layers, l) != bed.layers.end()) continue;
      bed.layers.push_back(l);
      bed.layer_names.push_back(fmt::format("{}/{}", net.name, n.name));
    }
  }
  return bed;
}

std::vector<accelerator> varied_accelerators() {
  std::vector<accelerator> all(8);
  all[0].num_pes = 168;
  all[0].l1_size_elems = 512;
  all[0].l2_size_elems = 108000;
  all[1].num_pes = 1;
  all[2].num_pes = 7;
  all[2].noc_bw = 1;
  all[3].num_pes = 65536;
  all[3].simd_lanes = 4;
  all[4].noc_bw = 37;
  all[4].noc_hop_latency = 3;
  all[4].noc_hops = 2;
  all[5].offchip_bw = 5;
  all[5].l2_size_elems = 4096;
  all[6].offchip_bw = 1;
  all[6].noc_bw = 16;
  all[6].simd_lanes = 3;
  all[7].num_pes = 1000;
  all[7].noc_hop_latency = 0;
  return all;
}

std::string describe_difference(const cost& a, const cost& b) {
  std::string out;
  compare(out, "status", status_text(a.status), status_text(b.status));
  compare(out, "runtime_cycles", a.runtime_cycles, b.runtime_cycles);
  compare(out, "num_macs", a.num_macs, b.num_macs);
  compare(out, "energy_nj", a.energy_nj, b.energy_nj);
  compare(out, "second_energy_nj", a.second_energy_nj, b.second_energy_nj);
  compare(out, "l1_size_elems", a.l1_size_elems, b.l1_size_elems);
  compare(out, "l2_size_elems", a.l2_size_elems, b.l2_size_elems);
  compare(out, "cluster_buffer_elems", a.cluster_buffer_elems, b.cluster_buffer_elems);
  compare(out, "doubt", a.doubt, b.doubt);
  return out;
}

std::string describe_mapping(const test_bed& bed, const genome& g) {
  const layer& l = bed.layers[g.layer_index];
  const accelerator& a = bed.accelerators[g.accelerator_index];
  return fmt::format(
      "// {}\n"
      "// cugamma evaluate FILE.m --num-pes {} --simd-lanes {} --noc-bw {} --noc-hops {} "
      "--noc-hop-latency {} --offchip-bw {}\n{}",
      bed.layer_names[g.layer_index],
      pes_of(g, a),
      a.simd_lanes,
      a.noc_bw,
      a.noc_hops,
      a.noc_hop_latency,
      a.offchip_bw,
      write_mapping("mismatch", l, to_mapping(g, l)));
}

}  // namespace cugamma::cli
