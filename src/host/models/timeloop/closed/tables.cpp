#include "models/timeloop/closed/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "cugamma/error.hpp"
#include "models/timeloop/reference/energy.hpp"

namespace cugamma::timeloop::closed {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t most_of_32 = std::numeric_limits<std::int32_t>::max();

/// Adds up to less than an eighth of 2^63, or throws input_error.
class addresses {
 public:
  addresses(const tensor& t, std::int64_t start) : of_(t), value_(start) {}
  void add_product(std::int64_t a, std::int64_t b) {
    std::int64_t product;
    if (__builtin_mul_overflow(a, b, &product) ||
        __builtin_add_overflow(value_, product, &value_) || value_ > most / 8) {
      throw input_error(fmt::format(
          "tensor {}: its axes are too long to search over: four times their lengths may multiply "
          "to at most 2^60",
          of_.name));
    }
  }
  std::int64_t value() const { return value_; }

 private:
  const tensor& of_;
  std::int64_t value_;
};

void add_term(const tensor& t,
              const axis_term& x,
              std::int32_t axis_index,
              std::int64_t address,
              tensor_row& row) {
  const auto d = static_cast<std::size_t>(x.dimension);
  if (x.coefficient < 1 || x.coefficient > most_of_32) {
    throw input_error(fmt::format("tensor {}: coefficient {}: a search takes 1 to {}",
                                  t.name,
                                  x.coefficient,
                                  most_of_32));
  }
  row.terms[static_cast<std::size_t>(row.num_terms++)] = {static_cast<std::int32_t>(x.coefficient),
                                                          static_cast<std::int16_t>(x.dimension),
                                                          false};
  row.axis_of[d] = row.stride[d] == 0 ? axis_index : -1;
  addresses stride(t, row.stride[d]);
  stride.add_product(x.coefficient, address);
  row.stride[d] = stride.value();
  row.relevant |= 1u << d;
}

/// Whether an axis is the index of a dimension, no sum.
bool is_index(const axis& a) { return a.size() == 1 && a[0].coefficient == 1; }

tensor_row make_tensor_row(const problem& p, const tensor& t) {
  tensor_row row;
  row.axis_of.fill(-1);
  row.is_output = t.is_output;
  std::size_t num_terms = 0;
  for (const axis& a : t.axes) num_terms += a.size();
  if (num_terms > max_terms) {
    throw input_error(fmt::format("tensor {}: {} terms in its axes: a search takes at most {}",
                                  t.name,
                                  num_terms,
                                  max_terms));
  }
  std::vector<axis> axes = t.axes;
  std::ranges::stable_partition(axes, is_index);
  row.num_indices = static_cast<std::int32_t>(std::ranges::count_if(axes, is_index));
  std::int32_t axis_index = 0;
  std::int64_t address = 1;
  std::size_t num_sliding = 0;
  for (const axis& a : axes) {
    if (a.empty()) continue;
    addresses extent(t, 1);
    std::uint16_t dimensions = 0;
    for (const axis_term& x : a) {
      add_term(t, x, axis_index, address, row);
      const auto d = static_cast<std::size_t>(x.dimension);
      extent.add_product(x.coefficient, p.dimensions[d].size - 1);
      dimensions = static_cast<std::uint16_t>(dimensions | 1u << x.dimension);
    }
    if (a.size() > 1) {
      row.sliding |= dimensions;
      row.sliding_axes[num_sliding++] = dimensions;
    }
    row.terms[static_cast<std::size_t>(row.num_terms - 1)].ends_axis = true;
    ++axis_index;
    addresses next(t, 0);
    next.add_product(address, 4 * extent.value());
    address = next.value();
  }
  return row;
}

/// Whether each axis is the index of a dimension of its own: then tiles share a tensor out without
/// a rest, and its first accesses never exceed all accesses.
bool has_plain_axes(const tensor& t) {
  unsigned seen = 0;
  return std::ranges::all_of(t.axes, [&seen](const axis& a) {
    if (!is_index(a)) return false;
    const unsigned bit = 1u << a[0].dimension;
    const bool is_new = (seen & bit) == 0;
    seen |= bit;
    return is_new;
  });
}

level_row make_level_row(const architecture& a, int level, std::size_t num_tensors) {
  const storage_level& l = a.levels[static_cast<std::size_t>(level)];
  constexpr double unlimited = std::numeric_limits<double>::infinity();
  const fan_out fan = fan_out_of(a, level);
  level_row r;
  r.fan_x = fan.x;
  r.fan_y = fan.y;
  r.instances = l.instances;
  r.mesh_x = l.mesh_x;
  r.mesh_y = l.mesh_y;
  r.clusters = l.instances / l.cluster_size;
  r.usable = usable_size(l).value_or(most);
  r.least = usable_size(l) ? static_cast<double>(r.usable) * l.min_utilization : 0;
  r.read_bandwidth = l.read_bandwidth.value_or(unlimited);
  r.write_bandwidth = l.write_bandwidth.value_or(unlimited);
  r.shared_bandwidth = l.shared_bandwidth.value_or(unlimited);
  r.has_bandwidth = l.read_bandwidth || l.write_bandwidth || l.shared_bandwidth;
  for (std::size_t t = 0; t < num_tensors; ++t) {
    r.scales[t] = l.bandwidth_scales.empty() ? 1 : l.bandwidth_scales[t];
  }
  r.block_size = l.block_size;
  const auto block = static_cast<std::uint64_t>(l.block_size);
  r.block_shift = std::has_single_bit(block) ? std::countr_zero(block) : -1;
  r.read_pj = l.read_pj;
  r.fill_pj = l.fill_pj;
  r.update_pj = l.update_pj;
  r.leak_pj = l.leak_pj;
  r.address_pj = l.address_generation_pj;
  r.hop_pj = reference::hop_pj(a, level);
  r.router_pj = l.router_pj;
  r.supports_reduction = l.supports_reduction;
  r.has_network_energy = r.hop_pj != 0 || r.router_pj != 0;
  return r;
}

/// What a tensor's words may be more than the iterations that touch them: a sum of c x is at most
/// the sum of all c times the product of all x.
double most_words_an_iteration(const tensor& t) {
  double words = 1;
  for (const axis& a : t.axes) {
    double sum = 0;
    for (const axis_term& x : a) sum += static_cast<double>(x.coefficient);
    words *= std::max(1.0, sum);
  }
  return words;
}

/// Whether each dimension is in one axis of a tensor at most, and all counts and addresses of words
/// are whole numbers of a double; nothing needs hops, and the output shares out without a rest.
bool may_be_simple(const problem& p, const tables& t) {
  constexpr double most_exact = 0x1p50;
  for (std::size_t i = 0; i < p.tensors.size(); ++i) {
    const tensor_row& row = t.tensors[i];
    for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
      if ((row.relevant >> d & 1) != 0 && row.axis_of[d] < 0) return false;
    }
    double addresses = 0;
    for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
      addresses += static_cast<double>(row.stride[d]) * static_cast<double>(p.dimensions[d].size);
    }
    const double words = most_words_an_iteration(p.tensors[i]) * static_cast<double>(macs(p));
    if (words > most_exact || addresses > most_exact) return false;
  }
  return !t.may_break_down && std::ranges::none_of(t.levels, &level_row::has_network_energy) &&
         std::ranges::count(t.tensors, true, &tensor_row::is_output) == 1;
}

}  // namespace

tables make_tables(const architecture& a, const problem& p) {
  tables t;
  t.shape = make_genome_shape(a, p);
  t.spatial_place.fill(-1);
  for (int i = 0; i < t.shape.num_places; ++i) {
    const place at = t.shape.places[static_cast<std::size_t>(i)];
    (at.is_spatial ? t.spatial_place : t.temporal_place)[static_cast<std::size_t>(at.level)] = i;
  }
  for (const dimension& d : p.dimensions) {
    if (d.size > most_of_32) {
      throw input_error(
          fmt::format("dimension {} = {}: a search takes at most {}", d.name, d.size, most_of_32));
    }
  }
  for (std::size_t i = 0; i < p.tensors.size(); ++i) {
    const tensor_row& row = t.tensors[i] = make_tensor_row(p, p.tensors[i]);
    if (row.is_output) t.output_dimensions |= row.relevant;
    t.may_break_down = t.may_break_down || (row.is_output && !has_plain_axes(p.tensors[i]));
  }
  double latency = 0;
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    t.levels[b] = make_level_row(a, static_cast<int>(b), p.tensors.size());
    latency += a.levels[b].network_latency_cycles;
  }
  t.latency_cycles = static_cast<std::int64_t>(latency);
  t.mac_instances = a.arithmetic.instances;
  t.mac_mesh_x = a.arithmetic.mesh_x;
  t.mac_mesh_y = a.arithmetic.mesh_y;
  t.compute_pj = static_cast<double>(macs(p)) * a.arithmetic.mac_pj;
  t.may_be_simple = may_be_simple(p, t);
  t.is_short =
      std::ranges::all_of(p.dimensions, [](const dimension& d) { return d.size < 1 << 16; });
  return t;
}

}  // namespace cugamma::timeloop::closed
