#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/genome.hpp"
#include "cugamma/models/timeloop/problem.hpp"

/// Accelerators, problems and random genomes for tests of Timeloop's model; all figures made up.
namespace cugamma::timeloop {

/// A level whose instances lie in a grid.
inline storage_level make_level(const std::string& name, std::int64_t mesh_x, std::int64_t mesh_y) {
  storage_level l;
  l.name = name;
  l.instances = mesh_x * mesh_y;
  l.mesh_x = mesh_x;
  l.mesh_y = mesh_y;
  return l;
}

inline storage_level make_dram() {
  storage_level l = make_level("Dram", 1, 1);
  l.is_dram = true;
  l.supports_reduction = false;
  l.block_size = 4;
  l.read_pj = 512;
  l.fill_pj = 520;
  l.update_pj = 530;
  l.read_bandwidth = 10;
  l.write_bandwidth = 6;
  return l;
}

inline storage_level make_buffer(std::int64_t words) {
  storage_level l = make_level("Buffer", 1, 1);
  l.block_size = 8;
  l.size_words = words;
  l.read_pj = 26.4;
  l.fill_pj = 27.9;
  l.update_pj = 28.1;
  l.leak_pj = 0.01;
  l.address_generation_pj = 0.05;
  l.shared_bandwidth = 24;
  return l;
}

/// 14 x 12 elements with a small register file each.
inline architecture rows_machine() {
  architecture a;
  a.arithmetic = {"Mac", 168, 14, 12, 16, 2.2, 990};
  storage_level registers = make_level("Registers", 14, 12);
  registers.size_words = 224;
  registers.read_pj = 0.92;
  registers.fill_pj = registers.update_pj = 1.07;
  registers.leak_pj = 0.003;
  a.levels = {registers, make_buffer(54000), make_dram()};
  return a;
}

/// As rows_machine, with wires and routers that cost, and areas that say how long the wires are.
inline architecture wired_machine() {
  architecture a = rows_machine();
  a.levels[0].area_um2 = 2100;
  a.levels[1].area_um2 = 1500000;
  a.levels[1].wire_pj = 0.12;
  a.levels[1].router_pj = 0.004;
  a.levels[2].energy_per_hop_pj = 0.7;
  return a;
}

/// Fan-out at three levels, the innermost too; clusters; sizes that must be filled.
inline architecture deep_machine() {
  architecture a;
  a.arithmetic = {"Mac", 512, 32, 16, 8, 0.3, 210};
  storage_level weights = make_level("Weights", 16, 8), sums = make_level("Sums", 16, 4);
  weights.cluster_size = 8;
  weights.size_words = 16;
  weights.read_pj = 0.01;
  weights.fill_pj = 0.012;
  sums.size_words = 96;
  sums.read_pj = 1.1;
  sums.fill_pj = 1.2;
  sums.update_pj = 1.3;
  sums.write_bandwidth = 1;
  sums.bandwidth_scales = {0.5, 1, 1};
  sums.network_latency_cycles = 3;
  storage_level buffer = make_buffer(16384);
  buffer.multiple_buffering = 2;
  buffer.min_utilization = 0.01;
  a.levels = {weights, sums, buffer, make_dram()};
  return a;
}

inline tensor make_tensor(const std::string& name, std::vector<axis> axes, bool is_output = false) {
  return {name, std::move(axes), is_output};
}

/// A convolution: dimensions R S P Q C K N.
inline problem make_conv(std::vector<std::int64_t> sizes,
                         std::int64_t stride,
                         std::int64_t dilation) {
  problem p;
  p.name = "conv";
  for (std::size_t i = 0; i < sizes.size(); ++i) p.dimensions.push_back({"RSPQCKN"[i], sizes[i]});
  p.tensors = {
      make_tensor("Weights", {{{5}}, {{4}}, {{0}}, {{1}}}),
      make_tensor("Inputs",
                  {{{6}}, {{4}}, {{0, dilation}, {2, stride}}, {{1, dilation}, {3, stride}}}),
      make_tensor("Outputs", {{{6}}, {{5}}, {{3}}, {{2}}}, true)};
  return p;
}

inline problem make_gemm(std::int64_t m, std::int64_t n, std::int64_t k) {
  problem p;
  p.name = "gemm";
  p.dimensions = {{'M', m}, {'N', n}, {'K', k}};
  p.tensors = {make_tensor("A", {{{0}}, {{2}}}),
               make_tensor("B", {{{2}}, {{1}}}),
               make_tensor("Z", {{{0}}, {{1}}}, true)};
  return p;
}

/// A transposed convolution's output slides: only here can first accesses exceed all accesses.
inline problem make_scatter() {
  problem p;
  p.name = "scatter";
  p.dimensions = {{'R', 4}, {'P', 24}, {'C', 6}};
  p.tensors = {make_tensor("Weights", {{{0}}, {{2}}}),
               make_tensor("Inputs", {{{1}}, {{2}}}),
               make_tensor("Outputs", {{{0, 1}, {1, 2}}}, true)};
  return p;
}

/// Three inputs, none of which slides.
inline problem make_mttkrp() {
  problem p;
  p.name = "mttkrp";
  p.dimensions = {{'I', 24}, {'J', 32}, {'K', 20}, {'L', 18}};
  p.tensors = {make_tensor("A", {{{0}}, {{2}}, {{3}}}),
               make_tensor("B", {{{2}}, {{1}}}),
               make_tensor("C", {{{3}}, {{1}}}),
               make_tensor("Z", {{{0}}, {{1}}}, true)};
  return p;
}

inline void set_four_bits(std::uint8_t* bytes, int i, int value) {
  bytes[i / 2] = static_cast<std::uint8_t>(bytes[i / 2] | value << (4 * (i % 2)));
}

/// An order of the first `dimensions`; the others follow.
inline void draw_order(std::mt19937_64& random, int dimensions, std::uint8_t* bytes) {
  std::array<int, max_dimensions> order;
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.begin() + dimensions, random);
  for (int i = 0; i < max_dimensions; ++i) {
    set_four_bits(bytes, i, order[static_cast<std::size_t>(i)]);
  }
}

/// Any genome; some have most factors at the outermost level, as good mappings do.
inline genome draw_genome(std::mt19937_64& random, const genome_shape& s) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  genome g;
  const bool is_outer = below(3) != 0;
  for (int i = 0; i < s.num_primes; ++i) {
    const bool goes_out = is_outer && below(2) != 0;
    set_four_bits(g.places.data(), i, goes_out ? s.num_places - 1 : below(s.num_places));
  }
  for (int level = 0; level < s.num_levels; ++level) {
    const auto b = static_cast<std::size_t>(level);
    draw_order(random, s.num_dimensions, &g.temporal_orders[b * 5]);
    draw_order(random, s.num_dimensions, &g.spatial_orders[b * 5]);
    g.split[b] = static_cast<std::uint8_t>(below(s.num_dimensions + 1));
    g.keep[b] = static_cast<std::uint8_t>(below(2) != 0 ? 0xff : below(256));
  }
  return g;
}

/// Any small problem: axes of up to three terms, dimensions in several axes or in none. Two of
/// three outputs have plain axes, as real ones.
inline problem draw_problem(std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  constexpr std::int64_t sizes[] = {1, 2, 3, 4, 6, 8, 9, 12, 16};
  problem p;
  p.name = "drawn";
  const std::size_t dimensions = 1 + below(max_dimensions);
  for (std::size_t d = 0; d < dimensions; ++d) {
    p.dimensions.push_back({"ABCDEFGHIJ"[d], sizes[below(dimensions > 6 ? 5 : 9)]});
  }
  const std::size_t tensors = 2 + below(max_tensors - 1);
  for (std::size_t t = 0; t < tensors; ++t) {
    std::vector<axis> axes(1 + below(4));
    for (axis& a : axes) {
      const std::size_t terms = below(3) == 0 ? 2 + below(2) : 1;
      for (std::size_t i = 0; i < terms; ++i) {
        a.push_back({static_cast<int>(below(dimensions)), static_cast<std::int64_t>(1 + below(3))});
      }
    }
    const bool is_output = t + 1 == tensors;
    if (is_output && below(3) != 0) {
      axes.clear();
      for (std::size_t d = 0; d < dimensions; d += 1 + below(2)) {
        axes.push_back({{static_cast<int>(d), 1}});
      }
    }
    p.tensors.push_back(make_tensor(std::string(1, "WXYZ"[t]), axes, is_output));
  }
  return p;
}

inline storage_level draw_level(std::mt19937_64& random, std::int64_t mesh_x, std::int64_t mesh_y) {
  const auto below = [&](unsigned n) { return static_cast<double>(random() % n); };
  const auto sometimes = [&](double value) {
    return random() % 3 == 0 ? std::optional(value) : std::nullopt;
  };
  storage_level l = make_level("Level", mesh_x, mesh_y);
  l.block_size = 1 + static_cast<std::int64_t>(random() % 5);
  l.cluster_size = random() % 2 == 0 ? 1 : l.instances;
  if (random() % 3 == 0) l.size_words = static_cast<std::int64_t>(64 + random() % 4000);
  l.multiple_buffering = random() % 4 == 0 ? 1.5 : 1;
  l.min_utilization = random() % 6 == 0 ? 0.01 : 0;
  l.read_bandwidth = sometimes(0.7 + below(9));
  l.write_bandwidth = sometimes(0.3 + below(9));
  l.shared_bandwidth = sometimes(0.9 + below(9));
  l.supports_reduction = random() % 3 != 0;
  l.read_pj = 0.1 + below(100) / 7;
  l.fill_pj = 0.2 + below(100) / 9;
  l.update_pj = 0.3 + below(100) / 11;
  l.leak_pj = below(3) / 13;
  l.address_generation_pj = below(3) / 17;
  l.network_latency_cycles = below(3);
  if (random() % 3 == 0) l.router_pj = 0.01 + below(5) / 3;
  l.energy_per_hop_pj = sometimes(0.1 + below(5) / 7);
  return l;
}

/// Any small accelerator: one to six levels, with fan-outs of any shape.
inline architecture draw_architecture(std::mt19937_64& random) {
  constexpr std::int64_t fans[] = {1, 1, 1, 2, 3, 4, 5, 8};
  const auto fan = [&] { return fans[random() % 8]; };
  architecture a;
  a.name = "drawn";
  std::int64_t x = 1, y = 1;
  for (std::size_t level = 0, levels = 1 + random() % max_levels; level < levels; ++level) {
    a.levels.insert(a.levels.begin(), draw_level(random, x, y));
    if (x * y < 64) {
      x *= fan();
      y *= fan();
    }
  }
  a.arithmetic = {"Mac", x * y, x, y, 16, 0.7, 100};
  return a;
}

}  // namespace cugamma::timeloop
