#include "search/timeloop/saved_search.hpp"

#include <vector>

#include "cugamma/error.hpp"
#include "search/byte_stream.hpp"

namespace cugamma::timeloop {
namespace {

void put_optional(byte_writer& out, const std::optional<double>& value) {
  out.put(value.has_value());
  out.put(value.value_or(0));
}

void put_network(byte_writer& out, const storage_level& l) {
  out.put(l.network_latency_cycles);
  out.put(l.network_word_bits);
  for (const double pj : {l.router_pj, l.wire_pj}) out.put(pj);
  for (const auto& value : {l.tile_width_um, l.energy_per_hop_pj}) put_optional(out, value);
}

void put_level(byte_writer& out, const storage_level& l) {
  for (const std::int64_t count : {l.instances, l.mesh_x, l.mesh_y, l.word_bits, l.block_size}) {
    out.put(count);
  }
  out.put(l.is_dram);
  out.put(l.cluster_size);
  out.put(l.size_words.has_value());
  out.put(l.size_words.value_or(0));
  out.put(l.multiple_buffering);
  out.put(l.min_utilization);
  for (const auto& words : {l.read_bandwidth, l.write_bandwidth, l.shared_bandwidth}) {
    put_optional(out, words);
  }
  out.put_all(std::span<const double>(l.bandwidth_scales));
  out.put(l.supports_reduction);
  for (const double pj : {l.read_pj, l.fill_pj, l.update_pj, l.leak_pj, l.address_generation_pj}) {
    out.put(pj);
  }
  out.put(l.area_um2);
  put_network(out, l);
}

void put_architecture(byte_writer& out, const architecture& a) {
  const arithmetic_units& units = a.arithmetic;
  for (const std::int64_t count : {units.instances, units.mesh_x, units.mesh_y, units.word_bits}) {
    out.put(count);
  }
  out.put(units.mac_pj);
  out.put(static_cast<std::uint64_t>(a.levels.size()));
  for (const storage_level& l : a.levels) put_level(out, l);
}

void put_problem(byte_writer& out, const problem& p) {
  out.put(static_cast<std::uint64_t>(p.dimensions.size()));
  for (const dimension& d : p.dimensions) {
    out.put(d.name);
    out.put(d.size);
  }
  out.put(static_cast<std::uint64_t>(p.tensors.size()));
  for (const tensor& t : p.tensors) {
    out.put(t.is_output);
    out.put(static_cast<std::uint64_t>(t.axes.size()));
    for (const axis& terms : t.axes) out.put_all(std::span<const axis_term>(terms));
  }
}

void put_loops(byte_writer& out, const loop_constraint& c) {
  for (const factor_range& range : c.factors) out.put(range);
  out.put_all(std::span<const std::uint8_t>(c.innermost));
  out.put_all(std::span<const std::uint8_t>(c.outermost));
}

void put_constraints(byte_writer& out, const constraints& c) {
  for (const level_constraint& l : c.levels) {
    put_loops(out, l.temporal);
    put_loops(out, l.spatial);
    out.put(l.split.value_or(-1));
    out.put(l.keep);
    out.put(l.bypass);
  }
  out.put(c.min_parallelism);
}

void put_options(byte_writer& out, const search_options& o) {
  out.put_all(std::span<const objective>(o.objectives));
  out.put(o.is_front);
  for (const objective_limit& limit : o.limits) {
    out.put(limit.o);
    out.put(limit.bound);
  }
  out.put(o.seed);
  out.put(o.population);
  out.put(o.islands);
  out.put(o.migration_interval);
  out.put(o.patience);
  out.put(o.draws_only);
  out.put(o.explores_bypass);
}

}  // namespace

std::string identity(const architecture& a,
                     const problem& p,
                     const constraints& c,
                     const search_options& options) {
  byte_writer out;
  put_architecture(out, a);
  put_problem(out, p);
  put_constraints(out, c);
  put_options(out, options);
  return out.bytes();
}

void check_candidates(const architecture& a,
                      const problem& p,
                      const constraints& c,
                      const judge& values,
                      const score_function& score,
                      std::span<const candidate> candidates) {
  const genome_shape shape = make_genome_shape(a, p);
  std::vector<genome> genomes;
  for (const candidate& one : candidates) {
    const bool is_one =
        has_shape(one.mapping, shape) && !broken_constraint(c, a, p, decode(one.mapping, shape));
    if (!is_one) throw input_error("the saved search is damaged: it has a mapping that is none");
    genomes.push_back(one.mapping);
  }
  std::vector<cost> costs(genomes.size());
  score(genomes, costs);
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const bool is_confirmed = costs[i] == candidates[i].figures &&
                              costs[i].why == rejection::none && values.keeps_limits(costs[i]) &&
                              values.judged(genomes[i], costs[i]).values == candidates[i].values;
    if (!is_confirmed) {
      throw input_error("the saved search is damaged: a mapping has other figures than it says");
    }
  }
}

}  // namespace cugamma::timeloop
