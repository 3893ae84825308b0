// What must hold of the exact model's figures whatever the mapping, without the walk.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "models/exact/exact_model.hpp"
#include "models/exact/random_cases.hpp"

namespace cugamma {
namespace {

using enum dimension;

constexpr std::uint64_t seed = 15;
constexpr std::uint64_t cases = 20000;
constexpr std::int32_t wide = 81920000;

double value(const report& r, const std::string& column) {
  return find_value(exact_model, r, column).value();
}

report explain(const exact_case& c) { return exact_model.explain(c.l, c.a, c.m); }

/// Checks cases of the sequence until one fails, and prints that one.
template <class Check>
void for_each_case(Check check) {
  for (std::uint64_t number = 0; number < cases && !testing::Test::HasFailure(); ++number) {
    const exact_case c = random_exact_case(seed, number);
    const report r = explain(c);
    ASSERT_EQ(r.figures.status, 0u) << c;
    check(c, r);
    if (testing::Test::HasFailure())
      ADD_FAILURE() << "seed " << seed << ", case " << number << ": " << c;
  }
}

/// Rows (columns) of the input that any window reads.
double rows_read(std::int32_t outputs, std::int32_t filter, std::int32_t stride) {
  std::set<std::int32_t> rows;
  for (std::int32_t y = 0; y < outputs; ++y) {
    for (std::int32_t r = 0; r < filter; ++r) rows.insert(y * stride + r);
  }
  return static_cast<double>(rows.size());
}

double touched_input(const layer& l) {
  return l[C] * rows_read(output_size(l, Y), l[R], l.stride_y) *
         rows_read(output_size(l, X), l[S], l.stride_x);
}

std::string of_level(const char* prefix, int level, const char* suffix) {
  return prefix + std::to_string(level) + suffix;
}

TEST(ExactProperties, FiguresKeepTheirBounds) {
  for_each_case([](const exact_case& c, const report& r) {
    const auto macs = static_cast<double>(layer_macs(c.l));
    EXPECT_EQ(value(r, "macs"), macs);
    for (const char* reads : {"l1_reads_input", "l1_reads_filter", "l1_reads_output"}) {
      EXPECT_EQ(value(r, reads), macs);
    }
    EXPECT_GE(value(r, "runtime_cycles") * c.a.num_pes * c.a.simd_lanes, macs);
    EXPECT_EQ(value(r, "l2_writes_input"), touched_input(c.l));
    EXPECT_GE(value(r, "l2_reads_input"), touched_input(c.l));
    EXPECT_GE(value(r, "l2_reads_filter"), filter_elems(c.l));
    EXPECT_GE(value(r, "offchip_reads_small_l2_input"), touched_input(c.l));
    EXPECT_GE(value(r, "offchip_reads_small_l2_filter"), filter_elems(c.l));
    auto above = static_cast<double>(output_elems(c.l));
    EXPECT_EQ(value(r, "l2_writes_output"), above + value(r, "partial_sums_read_back"));
    for (int level = 0; level < c.m.level_count; ++level) {
      const double leaving = value(r, of_level("noc_", level, "_egress"));
      EXPECT_GE(leaving, above);
      EXPECT_GE(value(r, of_level("noc_", level, "_deliveries")),
                value(r, of_level("noc_", level, "_ingress")));
      above = leaving;
    }
    EXPECT_LE(above, macs);
    EXPECT_GE(value(r, "energy_nj"), value(r, "energy_without_clusters_nj"));
    EXPECT_GE(value(r, "l2_size"), value(r, "l1_size"));
  });
}

/// The cycles of a case on another accelerator, which must change no count.
double cycles_on(exact_case c, const accelerator& other, const report& before) {
  c.a = other;
  const report r = explain(c);
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    if (exact_model.columns[i].name == "runtime_cycles") continue;
    EXPECT_EQ(r.values[i], before.values[i]) << exact_model.columns[i].name;
  }
  return value(r, "runtime_cycles");
}

TEST(ExactProperties, AFasterAcceleratorIsNeverSlower) {
  for_each_case([](const exact_case& c, const report& r) {
    const double cycles = value(r, "runtime_cycles");
    for (std::int32_t accelerator::*const more :
         {&accelerator::noc_bw, &accelerator::simd_lanes, &accelerator::offchip_bw}) {
      accelerator faster = c.a;
      faster.*more += 1;
      EXPECT_LE(cycles_on(c, faster, r), cycles);
    }
    for (std::int32_t accelerator::*const fewer :
         {&accelerator::noc_hops, &accelerator::noc_hop_latency}) {
      accelerator faster = c.a;
      faster.*fewer = std::max(0, faster.*fewer - 1);
      EXPECT_LE(cycles_on(c, faster, r), cycles);
    }
    accelerator ideal = c.a;
    ideal.noc_bw = ideal.offchip_bw = wide;
    ideal.noc_hops = 0;
    EXPECT_LE(cycles_on(c, ideal, r), cycles);
  });
}

// One PE that never waits takes a cycle for each MAC, so every level does each of them once.
TEST(ExactProperties, OnePeDoesEveryMacOnce) {
  for (std::uint64_t number = 0; number < cases; ++number) {
    exact_case c = random_exact_case(seed, number);
    for (cluster_level& level : c.m.levels) level.cluster_size = std::min(1, level.cluster_size);
    c.a = {};
    c.a.num_pes = 1;
    c.a.noc_bw = c.a.offchip_bw = wide;
    c.a.noc_hops = 0;
    const report r = explain(c);
    ASSERT_EQ(r.figures.status, 0u) << c;
    ASSERT_EQ(r.figures.runtime_cycles, layer_macs(c.l)) << "case " << number << ": " << c;
  }
}

std::int32_t largest_divisor(std::int32_t of, std::int32_t most) {
  std::int32_t d = std::min(of, most);
  while (of % d != 0) --d;
  return d;
}

/// The dimensions that index a tensor.
using index_set = std::set<dimension>;

index_set filter_dimensions(const layer& l) {
  return l.type == layer_type::dsconv ? index_set{C, R, S} : index_set{K, C, R, S};
}
index_set output_dimensions(const layer& l) {
  return l.type == layer_type::dsconv ? index_set{C, Y, X} : index_set{K, Y, X};
}

/// A mapping of which every tile divides what it is cut from, with as many sub-clusters as divide
/// the parallel dimension's tiles: no tile and no round is partial.
class even_nest {
 public:
  explicit even_nest(const exact_case& from) : case_(from) {
    for (const dimension d : random_cases::mapped_dimensions)
      part_[index_of(d)] = output_size(from.l, d);
    std::int32_t pes = from.a.num_pes;
    for (int i = 1; i < from.m.level_count; ++i) pes /= from.m.levels[i].cluster_size;
    case_.a.num_pes = 1;
    for (int i = 0; i < from.m.level_count; ++i) {
      cluster_level& level = case_.m.levels[i];
      cut(level, i == 0 ? pes : level.cluster_size);
      if (i > 0) level.cluster_size = levels_.back().active;
      case_.a.num_pes *= levels_.back().active;
    }
  }

  const exact_case& even_case() const { return case_; }

  /// Elements of a tensor that pass a level: each once for a group, and each copy.
  struct passing {
    std::int64_t once = 0;
    std::int64_t copies = 0;
  };

  /// Timeloop's rule: a tensor moves as often as all loops from the outermost down to its innermost
  /// own loop of more than one step run, times the fan-out of foreign parallel dimensions for
  /// copies.
  passing passing_level(int level, const index_set& own) const {
    std::int64_t runs = 1, times = 1, groups = 1, tile = 1;
    for (int i = 0; i <= level; ++i) {
      for (const loop& l : levels_[static_cast<std::size_t>(i)].loops) {
        runs *= l.steps;
        if (l.steps > 1 && own.contains(l.of)) times = runs;
      }
      if (i < level) groups *= levels_[static_cast<std::size_t>(i)].active;
    }
    const even_level& last = levels_[static_cast<std::size_t>(level)];
    for (const dimension d : own) tile *= last.tile[index_of(d)];
    const std::int64_t fan_out = own.contains(last.parallel) ? last.active : 1;
    return {tile * times * groups * fan_out, tile * times * groups * last.active};
  }

 private:
  struct loop {
    dimension of;
    std::int32_t steps;
  };
  struct even_level {
    std::array<std::int32_t, gene_dimension_count> tile{};
    std::vector<loop> loops;  ///< the outermost first
    dimension parallel = K;
    std::int32_t active = 1;  ///< sub-clusters, all at work in each step
  };

  void cut(cluster_level& given, std::int32_t units) {
    even_level level;
    for (int i = 0; i < given.directive_count; ++i) {
      directive& d = given.directives[i];
      std::int32_t& part = part_[index_of(d.dim)];
      d.size = d.offset = largest_divisor(part, d.size);
      std::int32_t steps = part / d.size;
      if (d.kind == directive_kind::spatial) {
        level.parallel = d.dim;
        level.active = largest_divisor(steps, units);
        steps /= level.active;
      }
      level.loops.push_back({d.dim, steps});
      part = d.size;
    }
    level.tile = part_;
    levels_.push_back(level);
  }

  exact_case case_;
  std::array<std::int32_t, gene_dimension_count> part_{};
  std::vector<even_level> levels_;
};

/// The model's columns of what passes a level.
std::string reads_column(int level, const char* tensor) {
  return level == 0 ? std::string("l2_reads_") + tensor
                    : of_level("cluster_buffers_", level - 1, "_reads_") + tensor;
}
std::string fills_column(int level, int level_count, const char* tensor) {
  return level + 1 == level_count ? std::string("l1_writes_") + tensor
                                  : of_level("cluster_buffers_", level, "_writes_") + tensor;
}

TEST(ExactProperties, WithoutPartialTilesTimeloopsRuleHolds) {
  int refetched = 0, multicast = 0, returning = 0;
  for (std::uint64_t number = 0; number < cases; ++number) {
    const even_nest nest(random_exact_case(seed, number));
    const exact_case& c = nest.even_case();
    const report r = explain(c);
    ASSERT_EQ(r.figures.status, 0u) << c;
    const int levels = c.m.level_count;
    for (int level = 0; level < levels; ++level) {
      const auto filter = nest.passing_level(level, filter_dimensions(c.l));
      const auto output = nest.passing_level(level, output_dimensions(c.l));
      EXPECT_EQ(value(r, reads_column(level, "filter")), filter.once);
      EXPECT_EQ(value(r, fills_column(level, levels, "filter")), filter.copies);
      EXPECT_EQ(value(r, of_level("noc_", level, "_egress")), output.once);
      refetched += filter.once > filter_elems(c.l);
      multicast += filter.copies > filter.once;
      returning += level == 0 && output.once > output_elems(c.l);
    }
    ASSERT_FALSE(HasFailure()) << "case " << number << ": " << c;
  }
  // The cases are not all trivial.
  EXPECT_GT(refetched, 2000);
  EXPECT_GT(multicast, 2000);
  EXPECT_GT(returning, 500);
}

/// The worked example of docs/exact-model.md.
TEST(ExactProperties, TheExampleOfThePageIsRight) {
  exact_case c;
  c.l.size = {4, 2, 1, 1, 1, 1, 1, 1};
  c.a.num_pes = 2;
  c.a.noc_bw = 2;
  c.m.level_count = 1;
  cluster_level& level = c.m.levels[0];
  level.directive_count = 2;
  level.directives[0] = {1, 1, K, directive_kind::spatial, false, 0};
  level.directives[1] = {1, 1, C, directive_kind::temporal, false, 0};
  const report r = explain(c);
  ASSERT_EQ(r.figures.status, 0u);
  EXPECT_EQ(value(r, "runtime_cycles"), 9);
  EXPECT_EQ(value(r, "l2_reads_input"), 4);
  EXPECT_EQ(value(r, "l2_reads_filter"), 8);
  EXPECT_EQ(value(r, "l2_writes_output"), 4);
  EXPECT_EQ(value(r, "l1_accesses"), 48);
  EXPECT_EQ(value(r, "l2_accesses"), 30);
  EXPECT_NEAR(value(r, "energy_nj"), 0.1488, 0.00005);
}

}  // namespace
}  // namespace cugamma
