#include "models/exact/exact_model.hpp"

#include <array>

#include "models/exact/cpu/exact_scoring.hpp"
#include "models/exact/exact_device.hpp"
#include "models/exact/figures.hpp"

namespace cugamma {
namespace {

using exact::figures;

std::optional<std::string> obstacle(const layer& l, const accelerator&) {
  if (l.type == layer_type::ngconv || l.type == layer_type::trconv) {
    return "the exact model has CONV, DSCONV and GEMM layers";
  }
  if (l[dimension::N] != 1 || l[dimension::G] != 1)
    return "the exact model has no batch and no groups";
  return std::nullopt;
}

double cycles(const cost& c, const accelerator&) { return static_cast<double>(c.runtime_cycles); }
double macs(const cost& c, const accelerator&) { return static_cast<double>(c.num_macs); }
double energy(const cost& c, const accelerator&) { return c.energy_nj; }
double bare_energy(const cost& c, const accelerator&) { return c.second_energy_nj; }
double l1_size(const cost& c, const accelerator&) { return static_cast<double>(c.l1_size_elems); }
double l2_size(const cost& c, const accelerator&) { return static_cast<double>(c.l2_size_elems); }
double largest_cluster_buffer(const cost& c, const accelerator&) {
  return static_cast<double>(c.cluster_buffer_elems);
}

/// A column and where its value is.
struct column {
  report_column header;
  double (*value)(const figures&);
};

constexpr bool whole = true;
constexpr bool fraction = false;

template <auto Buffer, auto Direction, auto Tensor>
double access(const figures& f) {
  return static_cast<double>(f.*Buffer.*Direction.*Tensor);
}
template <std::size_t Level, auto Direction, auto Tensor>
double cluster_access(const figures& f) {
  return static_cast<double>(f.cluster_buffers[Level].*Direction.*Tensor);
}
template <std::size_t Level>
double cluster_size(const figures& f) {
  return static_cast<double>(f.cluster_buffer_sizes[Level]);
}
template <std::size_t Level>
double ingress(const figures& f) {
  return static_cast<double>(f.noc[Level].input_reads + f.noc[Level].filter_reads);
}
template <std::size_t Level>
double deliveries(const figures& f) {
  return static_cast<double>(f.noc[Level].input_fills + f.noc[Level].filter_fills);
}
template <std::size_t Level>
double egress(const figures& f) {
  return static_cast<double>(f.noc[Level].outputs);
}

using F = figures;
using A = exact::buffer_accesses;
using T = exact::tensor_counts;

constexpr std::array table{
    column{{"runtime_cycles", "cycles", whole, cycles},
           [](const F& f) { return static_cast<double>(f.runtime_cycles); }},
    column{{"energy_nj", "nJ", fraction, energy}, [](const F& f) { return f.energy_nj; }},
    column{{"energy_without_clusters_nj", "nJ", fraction, bare_energy},
           [](const F& f) { return f.energy_without_clusters_nj; }},
    column{{"macs", "MACs", whole, macs}, [](const F& f) { return static_cast<double>(f.macs); }},
    column{{"l1_size", "elements", whole, l1_size},
           [](const F& f) { return static_cast<double>(f.l1_size); }},
    column{{"l2_size", "elements", whole, l2_size},
           [](const F& f) { return static_cast<double>(f.l2_size); }},
    column{{"l2_reads_input", "elements", whole}, access<&F::l2, &A::reads, &T::input>},
    column{{"l2_reads_filter", "elements", whole}, access<&F::l2, &A::reads, &T::filter>},
    column{{"l2_reads_output", "elements", whole}, access<&F::l2, &A::reads, &T::output>},
    column{{"l2_writes_input", "elements", whole}, access<&F::l2, &A::writes, &T::input>},
    column{{"l2_writes_filter", "elements", whole}, access<&F::l2, &A::writes, &T::filter>},
    column{{"l2_writes_output", "elements", whole}, access<&F::l2, &A::writes, &T::output>},
    column{{"partial_sums_read_back", "elements", whole},
           [](const F& f) { return static_cast<double>(f.partial_sums_read_back); }},
    column{{"l1_reads_input", "elements", whole}, access<&F::l1, &A::reads, &T::input>},
    column{{"l1_reads_filter", "elements", whole}, access<&F::l1, &A::reads, &T::filter>},
    column{{"l1_reads_output", "elements", whole}, access<&F::l1, &A::reads, &T::output>},
    column{{"l1_writes_input", "elements", whole}, access<&F::l1, &A::writes, &T::input>},
    column{{"l1_writes_filter", "elements", whole}, access<&F::l1, &A::writes, &T::filter>},
    column{{"l1_writes_output", "elements", whole}, access<&F::l1, &A::writes, &T::output>},
    column{{"cluster_buffers_0_reads_input", "elements", whole},
           cluster_access<0, &A::reads, &T::input>},
    column{{"cluster_buffers_0_reads_filter", "elements", whole},
           cluster_access<0, &A::reads, &T::filter>},
    column{{"cluster_buffers_0_reads_output", "elements", whole},
           cluster_access<0, &A::reads, &T::output>},
    column{{"cluster_buffers_0_writes_input", "elements", whole},
           cluster_access<0, &A::writes, &T::input>},
    column{{"cluster_buffers_0_writes_filter", "elements", whole},
           cluster_access<0, &A::writes, &T::filter>},
    column{{"cluster_buffers_0_writes_output", "elements", whole},
           cluster_access<0, &A::writes, &T::output>},
    column{{"cluster_buffers_0_size", "elements", whole, largest_cluster_buffer}, cluster_size<0>},
    column{{"cluster_buffers_1_reads_input", "elements", whole},
           cluster_access<1, &A::reads, &T::input>},
    column{{"cluster_buffers_1_reads_filter", "elements", whole},
           cluster_access<1, &A::reads, &T::filter>},
    column{{"cluster_buffers_1_reads_output", "elements", whole},
           cluster_access<1, &A::reads, &T::output>},
    column{{"cluster_buffers_1_writes_input", "elements", whole},
           cluster_access<1, &A::writes, &T::input>},
    column{{"cluster_buffers_1_writes_filter", "elements", whole},
           cluster_access<1, &A::writes, &T::filter>},
    column{{"cluster_buffers_1_writes_output", "elements", whole},
           cluster_access<1, &A::writes, &T::output>},
    column{{"cluster_buffers_1_size", "elements", whole}, cluster_size<1>},
    column{{"noc_0_ingress", "elements", whole}, ingress<0>},
    column{{"noc_0_deliveries", "elements", whole}, deliveries<0>},
    column{{"noc_0_egress", "elements", whole}, egress<0>},
    column{{"noc_1_ingress", "elements", whole}, ingress<1>},
    column{{"noc_1_deliveries", "elements", whole}, deliveries<1>},
    column{{"noc_1_egress", "elements", whole}, egress<1>},
    column{{"noc_2_ingress", "elements", whole}, ingress<2>},
    column{{"noc_2_deliveries", "elements", whole}, deliveries<2>},
    column{{"noc_2_egress", "elements", whole}, egress<2>},
    column{{"offchip_reads_small_l2_input", "elements", whole},
           [](const F& f) { return static_cast<double>(f.noc[0].new_input); }},
    column{{"offchip_reads_small_l2_filter", "elements", whole},
           [](const F& f) { return static_cast<double>(f.noc[0].new_filter); }},
    column{{"dram_reads_input", "elements", whole},
           [](const F& f) { return static_cast<double>(f.dram.input); }},
    column{{"dram_reads_filter", "elements", whole},
           [](const F& f) { return static_cast<double>(f.dram.filter); }},
    column{{"dram_writes_output", "elements", whole},
           [](const F& f) { return static_cast<double>(f.dram.output); }},
    column{{"l1_accesses", "elements", whole},
           [](const F& f) { return static_cast<double>(f.l1.sum()); }},
    column{{"l2_accesses", "elements", whole},
           [](const F& f) { return static_cast<double>(f.l2.sum()); }},
    column{{"cluster_accesses", "elements", whole},
           [](const F& f) { return static_cast<double>(f.cluster_accesses()); }},
    column{{"dram_accesses", "elements", whole},
           [](const F& f) { return static_cast<double>(f.dram.sum()); }},
};

constexpr std::array headers = [] {
  std::array<report_column, table.size()> all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = table[i].header;
  return all;
}();

report explain(const layer& l, const accelerator& a, const mapping& m) {
  const exact::evaluation e = exact::evaluate(l, a, m);
  report r{exact::cost_of(e, a), {}};
  if (!is_legal(e.status)) return r;
  for (const column& c : table) r.values.push_back(c.value(e.all));
  return r;
}

constexpr std::array formats{mapping_format{"MAESTRO mapping file", ".m"}};

}  // namespace

const cost_model exact_model{
    .name = "exact",
    .about = "MAESTRO's accelerator with true tiles: what a walk through the loop nest counts",
    .obstacle = obstacle,
    .explain = explain,
    .price = exact::price,
    .make_scoring = exact::make_scoring,
    .make_device_scoring = exact::make_device_scoring,
    .most_parallel_dimensions = 1,
    .second_energy = "energy_without_clusters_nj",
    .counts_exact_sizes = true,
    .columns = headers,
    .doubts = {},
    .objectives = {},
    .formats = formats};

}  // namespace cugamma
