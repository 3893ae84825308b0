#include "models/maestro/maestro_columns.hpp"

namespace cugamma {
namespace {

using R = maestro_report;

/// A number behind members of members.
template <auto Member, auto... Inner, class T>
double field(const T& from) {
  if constexpr (sizeof...(Inner) == 0) {
    return static_cast<double>(from.*Member);
  } else {
    return field<Inner...>(from.*Member);
  }
}
template <auto Array, int Index>
double entry(const R& r) {
  return static_cast<double>((r.*Array)[Index]);
}

double cycles(const cost& c, const accelerator&) { return static_cast<double>(c.runtime_cycles); }
double macs(const cost& c, const accelerator&) { return static_cast<double>(c.num_macs); }
double energy(const cost& c, const accelerator&) { return c.energy_nj; }
double csv_energy(const cost& c, const accelerator&) { return c.second_energy_nj; }
double l1_size(const cost& c, const accelerator&) { return static_cast<double>(c.l1_size_elems); }
double l2_size(const cost& c, const accelerator&) { return static_cast<double>(c.l2_size_elems); }
double throughput(const cost& c, const accelerator& a) { return macs(c, a) / cycles(c, a); }
double throughput_per_energy(const cost& c, const accelerator& a) {
  return throughput(c, a) / c.second_energy_nj * 1e9;
}
double macs_per_joule(const cost& c, const accelerator& a) {
  return macs(c, a) / c.second_energy_nj * 1e9;
}
double lanes(const cost&, const accelerator& a) { return a.simd_lanes; }
template <double hardware_cost::*Part>
double of_hardware(const cost& c, const accelerator& a) {
  return hardware(c, a, a.num_pes).*Part;
}

constexpr bool whole = true;
constexpr bool fraction = false;

}  // namespace

const std::array<maestro_column, maestro_column_count + 1> maestro_columns{{
    {{"runtime_cycles", "cycles", whole, cycles}, field<&R::figures, &cost::runtime_cycles>},
    {{"maestro_csv_energy_nj", "nJ", fraction, csv_energy},
     field<&R::figures, &cost::second_energy_nj>},
    {{"throughput_macs_per_cycle", "MACs/cycle", fraction, throughput},
     field<&R::throughput_macs_per_cycle>},
    {{"throughput_per_energy", "GMACs/s/J", fraction, throughput_per_energy},
     field<&R::throughput_per_energy>},
    {{"area_um2", "um^2", fraction, of_hardware<&hardware_cost::area_um2>},
     field<&R::hardware, &hardware_cost::area_um2>},
    {{"power_mw", "mW", fraction, of_hardware<&hardware_cost::power_mw>},
     field<&R::hardware, &hardware_cost::power_mw>},
    {{"noc_bw_req", "elements/cycle", whole}, field<&R::peak_noc_bw>},
    {{"avg_bw_req", "elements/cycle", fraction}, field<&R::avg_noc_bw>},
    {{"peak_bw_req", "elements/cycle", whole}, field<&R::peak_noc_bw>},
    {{"vector_width", "MACs/cycle", whole, lanes}, field<&R::vector_width>},
    {{"offchip_bw_req", "elements/cycle", whole}, field<&R::offchip_bw>},
    {{"l2_size_req", "elements", whole, l2_size}, field<&R::figures, &cost::l2_size_elems>},
    {{"l1_size_req", "elements", whole, l1_size}, field<&R::figures, &cost::l1_size_elems>},
    {{"multicast_weight", "", fraction}, field<&R::multicast_weight>},
    {{"multicast_input", "", fraction}, field<&R::multicast_input>},
    {{"num_input_elements", "elements", whole}, field<&R::num_input_elements>},
    {{"num_weight_elements", "elements", whole}, field<&R::num_weight_elements>},
    {{"ops_per_joule", "MACs/J", fraction, macs_per_joule}, field<&R::ops_per_joule>},
    {{"num_macs", "MACs", whole, macs}, field<&R::figures, &cost::num_macs>},
    {{"pe_power", "mW", fraction, of_hardware<&hardware_cost::pe_power_mw>},
     field<&R::hardware, &hardware_cost::pe_power_mw>},
    {{"l1_power", "mW", fraction, of_hardware<&hardware_cost::l1_power_mw>},
     field<&R::hardware, &hardware_cost::l1_power_mw>},
    {{"l2_power", "mW", fraction, of_hardware<&hardware_cost::l2_power_mw>},
     field<&R::hardware, &hardware_cost::l2_power_mw>},
    {{"noc_power", "mW", fraction, of_hardware<&hardware_cost::noc_power_mw>},
     field<&R::hardware, &hardware_cost::noc_power_mw>},
    {{"input_l1_read", "elements", whole}, field<&R::accesses, &access_counts::input_l1_read>},
    {{"input_l1_write", "elements", whole}, field<&R::accesses, &access_counts::input_l1_write>},
    {{"input_l2_read", "elements", whole}, field<&R::accesses, &access_counts::input_l2_read>},
    {{"input_l2_write", "elements", whole}, field<&R::accesses, &access_counts::input_l2_write>},
    {{"input_reuse", "", fraction}, field<&R::input_reuse>},
    {{"filter_l1_read", "elements", whole}, field<&R::accesses, &access_counts::filter_l1_read>},
    {{"filter_l1_write", "elements", whole}, field<&R::accesses, &access_counts::filter_l1_write>},
    {{"filter_l2_read", "elements", whole}, field<&R::accesses, &access_counts::filter_l2_read>},
    {{"filter_l2_write", "elements", whole}, field<&R::accesses, &access_counts::filter_l2_write>},
    {{"filter_reuse", "", fraction}, field<&R::filter_reuse>},
    {{"output_l1_read", "elements", whole}, field<&R::accesses, &access_counts::output_l1_read>},
    {{"output_l1_write", "elements", whole}, field<&R::accesses, &access_counts::output_l1_write>},
    {{"output_l2_read", "elements", whole}, field<&R::accesses, &access_counts::output_l2_read>},
    {{"output_l2_write", "elements", whole}, field<&R::accesses, &access_counts::output_l2_write>},
    {{"output_reuse", "", fraction}, field<&R::output_reuse>},
    {{"ingress_min", "cycles", whole}, entry<&R::ingress_cycles, 0>},
    {{"ingress_max", "cycles", whole}, entry<&R::ingress_cycles, 1>},
    {{"ingress_avg", "cycles", whole}, entry<&R::ingress_cycles, 2>},
    {{"egress_min", "cycles", whole}, entry<&R::egress_cycles, 0>},
    {{"egress_max", "cycles", whole}, entry<&R::egress_cycles, 1>},
    {{"egress_avg", "cycles", whole}, entry<&R::egress_cycles, 2>},
    {{"compute_min", "cycles", whole}, entry<&R::compute_cycles, 0>},
    {{"compute_max", "cycles", whole}, entry<&R::compute_cycles, 1>},
    {{"compute_avg", "cycles", whole}, entry<&R::compute_cycles, 2>},
    {{"avg_utilized_pes", "PEs", fraction}, field<&R::avg_utilized_pes>},
    {{"arithmetic_intensity", "MACs/element", fraction}, field<&R::arithmetic_intensity>},
    {{"energy_nj", "nJ", fraction, energy}, field<&R::figures, &cost::energy_nj>},
}};

}  // namespace cugamma
