// No bound of the proofs is above the figure of any mapping.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/bounds/inner_ranges.hpp"
#include "certify/exact/bounds/level_0_waits.hpp"
#include "certify/exact/bounds/start_floor.hpp"
#include "certify/exact/bounds/vector_bounder.hpp"
#include "certify/exact/energy/open_price.hpp"
#include "certify/exact/lists/fill_lists.hpp"
#include "certify/exact/lists/level_0_lanes.hpp"
#include "certify/exact/problems.hpp"
#include "certify/exact/terms/busy.hpp"
#include "certify/exact/terms/tile_choices.hpp"
#include "models/exact/closed_genomes.hpp"
#include "models/exact/figures.hpp"
#include "models/lane_sets.hpp"

namespace cugamma {
namespace {

using namespace exact;

constexpr double rounding = 1e-12;

std::size_t at(int d) { return static_cast<std::size_t>(d); }

constexpr std::array every_kind = {no_share, input_share, filter_share, output_share};

/// A random mapping of a random layer, and all that the bounds take of it.
struct bounded_mapping {
  question q;
  genome g;
  evaluation figures;
  int outer = nothing_parallel;
  int inner = nothing_parallel;
  std::array<std::int32_t, 2> units{1, 1};
  four_sizes outer_tile{};
  inner_range range;  ///< of its PEs' tiles alone

  double energy() const { return figures.all.energy_nj / q.machine.constants.mac_energy_nj; }
};

void print(std::ostream& out, const bounded_mapping& m) {
  out << small_problem{m.q.target, m.q.machine} << "; parallel " << m.outer << ' ' << m.inner
      << ", units " << m.units[0] << ' ' << m.units[1] << ", tiles";
  for (int d = 0; d < free_dims; ++d)
    out << ' ' << m.outer_tile[at(d)] << '/' << m.range.low[at(d)];
}

small_problem draw_problem(random_stream& random) {
  small_problem p;
  std::array<int, 6> size{random.between(1, 40),
                          random.between(1, 40),
                          random.between(1, 24),
                          random.between(1, 24),
                          random.between(1, 5),
                          random.between(1, 5)};
  if (random.below(3) == 0) size[4] = size[5] = 1;
  const std::int32_t type = random.below(4);
  if (type == 0) size[0] = 1;
  if (type == 1) {
    p.l.type = layer_type::gemm;
    p.l.size = {size[0], size[1], size[2], 1, 1, 1, 1, 1};
  } else {
    p.l = random_cases::strided_layer(random,
                                      type == 0 ? layer_type::dsconv : layer_type::conv,
                                      size);
  }
  p.a = random_cases::draw_accelerator(random, 200);
  if (random.below(3) == 0) p.a.constants.cluster_energy_macs = 0;
  return p;
}

/// Often tiles that fit one another and few steps: where elements stay in place the most.
void tidy(random_stream& random, const layer& l, genome& g) {
  for (int i = 0; i < free_dims; ++i) {
    const auto d = static_cast<dimension>(i);
    const std::int32_t size = output_size(l, d);
    std::int32_t outer = tile(g, 0, d);
    if (random.below(2) == 0) outer = (size + random.between(0, 2)) / random.between(1, 3);
    outer = std::clamp(outer, 1, size);
    std::int32_t inner = tile(g, 1, d);
    if (random.below(2) == 0) inner = (outer + random.between(0, 2)) / random.between(1, 4);
    set_tile(g, 0, d, outer);
    set_tile(g, 1, d, std::clamp(inner, 1, outer));
  }
}

bounded_mapping draw_mapping(std::uint64_t number) {
  random_stream random(3, 0, number);
  const small_problem p = draw_problem(random);
  bounded_mapping m;
  m.q = make_question(whole_problem(p.l, p.a, objective::edp));
  m.g = draw_closed(random, p.l, p.a);
  tidy(random, p.l, m.g);
  m.figures = evaluate(p.l, p.a, to_mapping(m.g, p.l));
  m.outer = index_of(parallel(m.g, 0));
  m.inner = index_of(parallel(m.g, 1));
  for (int d = 0; d < free_dims; ++d) {
    m.outer_tile[at(d)] = tile(m.g, 0, static_cast<dimension>(d));
    m.range.low[at(d)] = tile(m.g, 1, static_cast<dimension>(d));
  }
  const std::int32_t cluster = cluster_size(m.g, 1);
  m.units = {
      std::min(p.a.num_pes / cluster, ceil_div(m.q.size[at(m.outer)], m.outer_tile[at(m.outer)])),
      std::min(cluster, ceil_div(m.outer_tile[at(m.inner)], m.range.low[at(m.inner)]))};
  if (m.units[0] == 1) m.outer = nothing_parallel;
  if (m.units[1] == 1) m.inner = nothing_parallel;
  m.range.high = m.range.low;
  m.range.parallel = m.inner;
  m.range.units_low = m.range.units_high = m.units[1];
  return m;
}

/// Level 0's tile of a dimension as the bounds take it: the parallel one's itself, else the
/// smallest of its class.
std::int32_t class_tile(const bounded_mapping& m, int d) {
  if (d == m.outer) return m.outer_tile[at(d)];
  const std::int32_t steps = ceil_div(m.q.size[at(d)], m.outer_tile[at(d)]);
  return ceil_div(m.q.size[at(d)], steps);
}

std::int32_t steps_along(const bounded_mapping& m, int d) {
  const std::int32_t units = d == m.outer ? m.units[0] : 1;
  return static_cast<std::int32_t>(steps_of(m.q.size[at(d)], m.outer_tile[at(d)], units));
}

/// The list and the vector of a mapping.
struct listed_vector {
  top_list list;
  top_vector v;
};

listed_vector vector_of(const bounded_mapping& m, const class_grid& grid) {
  class_grid own = grid;
  std::array<std::uint16_t, free_dims> classes{};
  for (std::size_t d = 0; d < free_dims; ++d) {
    classes[d] = static_cast<std::uint16_t>(grid.of_tile[d][at(m.outer_tile[d])]);
    own.classes[d] = {grid.of(d, classes[d])};
    std::ranges::fill(own.of_tile[d], 0);
  }
  std::vector<top_list> lists(1);
  top_list& list = lists.front();
  list.parallel = m.outer;
  list.units = m.units[0];
  list.largest_cluster = std::min(m.q.largest_cluster, m.q.machine.num_pes / list.units);
  if (m.outer != nothing_parallel) {
    const std::int32_t size = m.q.size[at(m.outer)];
    list.tile = m.outer_tile[at(m.outer)];
    list.steps = steps_along(m, m.outer);
    list.busy = static_cast<double>(busy_extent(size, list.tile, list.units, 1, 1));
  }
  question q = m.q;
  q.machine.l2_size_elems = unlimited;
  constexpr double any = std::numeric_limits<double>::infinity();
  fill_lists(
      q,
      own,
      root_floors{},
      any,
      1,
      [] { return false; },
      lists);
  if (list.vectors.size() != 1) throw std::logic_error("one class of each dimension is one vector");
  listed_vector of{list, list.vectors.front()};
  of.list.vectors.clear();
  of.v.classes = classes;
  return of;
}

four_floors level_0_of(const bounded_mapping& m) {
  four_floors least{};
  std::ranges::copy(vector_of(m, class_grid(m.q)).v.least, least.begin());
  return least;
}

/// A range around a single one.
inner_range widened(const bounded_mapping& m, random_stream& random) {
  inner_range r = m.range;
  for (int d = 0; d < free_dims; ++d) {
    r.low[at(d)] = random.between(1, r.low[at(d)]);
    r.high[at(d)] = random.between(r.high[at(d)], m.q.size[at(d)]);
  }
  if (r.parallel != nothing_parallel) {
    r.units_low = random.between(2, r.units_low);
    r.units_high = random.between(r.units_high, 200);
  }
  return r;
}

class ExactBounds : public testing::TestWithParam<std::uint64_t> {
 protected:
  /// Calls `check` for this part's mappings until one fails.
  template <class Check>
  void for_each_mapping(const Check& check) {
    for (std::uint64_t i = 0; i < mappings && !HasFailure(); ++i) {
      const std::uint64_t number = GetParam() * mappings + i;
      const bounded_mapping m = draw_mapping(number);
      ASSERT_EQ(m.figures.status, 0u);
      check(m, number);
      if (!HasFailure()) continue;
      std::ostringstream text;
      print(text, m);
      ADD_FAILURE() << "mapping " << number << ": " << text.str();
    }
  }
  static constexpr std::uint64_t mappings = 10'000;
};

TEST_P(ExactBounds, FloorsOfLevel1HoldForItsTraffic) {
  for_each_mapping([](const bounded_mapping& m, std::uint64_t number) {
    const level_traffic& t = m.figures.all.noc[1];
    const double l1 = m.q.l1_weight, buffer = m.q.cluster_weight;
    const double input =
        l1 * static_cast<double>(t.input_fills) + buffer * static_cast<double>(t.input_reads);
    const double filter =
        l1 * static_cast<double>(t.filter_fills) + buffer * static_cast<double>(t.filter_reads);
    const double output = 2 * buffer * static_cast<double>(t.outputs);
    const four_floors floors = inner_floors(m.q, m.range);
    EXPECT_LE(floors[no_share], (input + filter + output) * (1 + rounding));
    random_stream random(4, 0, number);
    const four_floors wide = inner_floors(m.q, widened(m, random));
    for (const floor_kind kind : every_kind) EXPECT_LE(wide[kind], floors[kind] * (1 + rounding));

    outer_cuts cuts;
    for (int d = 0; d < free_dims; ++d) {
      cuts.tiles[at(d)] = ceil_div(m.q.size[at(d)], m.outer_tile[at(d)]);
      cuts.smallest[at(d)] = class_tile(m, d);
    }
    const start_floors starts(m.q, m.range);
    EXPECT_LE(starts.of(input_share, cuts), input * (1 + rounding));
    EXPECT_LE(starts.of(filter_share, cuts), filter * (1 + rounding));
    EXPECT_LE(starts.of(output_share, cuts), output * (1 + rounding));
  });
}

TEST_P(ExactBounds, SharesOfLevel0HoldWithTheFloors) {
  for_each_mapping([](const bounded_mapping& m, std::uint64_t) {
    const four_floors least = level_0_of(m), floors = inner_floors(m.q, m.range);
    const std::int32_t steps = m.inner == nothing_parallel ? 1 : steps_along(m, m.inner);
    for (const floor_kind kind : every_kind) {
      if (!is_valid(m.q, kind, m.inner, steps)) continue;
      EXPECT_LE(m.q.fixed_energy + least[kind] + floors[kind], m.energy() * (1 + rounding)) << kind;
    }
  });
}

/// One tensor's whole share: nine tenths, as the floors take it, would hide a fault of a tenth.
TEST_P(ExactBounds, WhatLevel0BringsInReachesThePes) {
  for_each_mapping([](const bounded_mapping& m, std::uint64_t) {
    const level_traffic &above = m.figures.all.noc[0], &below = m.figures.all.noc[1];
    const std::int32_t steps = m.inner == nothing_parallel ? 1 : steps_along(m, m.inner);
    if (is_valid(m.q, input_share, m.inner, steps)) {
      EXPECT_LE(above.input_fills, below.input_fills);
      EXPECT_LE(above.input_fills, below.input_reads);
    }
    if (is_valid(m.q, filter_share, m.inner, steps)) {
      EXPECT_LE(above.filter_fills, below.filter_fills);
      EXPECT_LE(above.filter_fills, below.filter_reads);
    }
    EXPECT_LE(above.outputs, below.outputs);
  });
}

TEST_P(ExactBounds, LeastCyclesHoldAtAnyNoc) {
  for_each_mapping([](const bounded_mapping& m, std::uint64_t) {
    top_list list;
    list.parallel = m.outer;
    list.units = m.units[0];
    double steps = 1, inner_busy = 1;
    for (int d = 0; d < free_dims; ++d) steps *= steps_along(m, d);
    if (m.outer != nothing_parallel) {
      list.busy = static_cast<double>(
          busy_extent(m.q.size[at(m.outer)], m.outer_tile[at(m.outer)], m.units[0], 1, 1));
    }
    if (m.inner != nothing_parallel) {
      inner_busy = static_cast<double>(
          first_share(m.q.size[at(m.inner)], m.range.low[at(m.inner)], m.units[1]));
    }
    EXPECT_LE(m.q.cycles(least_busy(m.q, list, m.inner, inner_busy), steps),
              static_cast<double>(m.figures.all.runtime_cycles) * (1 + rounding));
  });
}

/// Waits for level 0's NoC and those of level 1's starts, of a mapping with these tiles of level 0.
level_0_waits waits_of(const bounded_mapping& m, const four_sizes& outer_tile, bool knows_pes) {
  std::array<dimension_terms, free_dims> terms;
  four_terms all;
  for (int d = 0; d < free_dims; ++d) {
    const std::int32_t inner_tile = std::min(m.range.low[at(d)], outer_tile[at(d)]);
    terms[at(d)] = terms_of(m.q,
                            d,
                            {outer_tile[at(d)],
                             d == m.outer ? m.units[0] : 1,
                             inner_tile,
                             d == m.inner ? m.units[1] : 1});
    all[at(d)] = &terms[at(d)];
  }
  return level_0_waits(m.q, all, knows_pes);
}

four_dims outer_order(const bounded_mapping& m) {
  four_dims loops{};
  std::size_t next = 0;
  for (int i = 0; i < gene_dimension_count; ++i) {
    const int d = index_of(order(m.g, 0, i));
    if (d < free_dims) loops[next++] = d;
  }
  return loops;
}

boxes_of_vectors<double> as_vector(const first_boxes& b) {
  return {b.steps, b.whole, b.last, b.is_long};
}

/// Elements that level 1's starts wait for, as the classes of a mapping's tiles and a range of PEs'
/// tiles tell.
double start_elements(const bounded_mapping& m, const inner_range& r, const four_dims& loops) {
  const class_grid grid(m.q);
  const auto [list, v] = vector_of(m, grid);
  boxes_of_vectors<double> boxes[free_dims];
  for (int d = 0; d < free_dims; ++d) {
    boxes[d] =
        as_vector(d == m.outer ? boxes_of_list(m.q, r, list)
                               : boxes_of_class(m.q, r, d, grid.of(at(d), v.classes[at(d)])));
  }
  const question_numbers numbers = make_question_numbers(m.q);
  const start_waits<double> starts(numbers, boxes);
  const double in_order = starts.in(loops);
  EXPECT_LE(starts.least(), in_order);
  return in_order;
}

/// Cycles of a mapping by the classes of its tiles of level 0, if the busiest PE had this part of
/// what it has along the inner parallel dimension.
double cycles_of_vector(const bounded_mapping& m, double part) {
  const class_grid grid(m.q);
  const auto [list, v] = vector_of(m, grid);
  double inner_busy = 1;
  if (m.inner != nothing_parallel) {
    const std::int32_t units = m.inner == m.outer ? m.units[0] : 1;
    const auto busy = busy_extent(m.q.size[at(m.inner)],
                                  m.outer_tile[at(m.inner)],
                                  units,
                                  m.range.low[at(m.inner)],
                                  m.units[1]);
    inner_busy = part * static_cast<double>(busy * units);
  }
  const question_numbers numbers = make_question_numbers(m.q);
  list_question of{.inner = m.inner, .extent = {}, .inner_extent = inner_busy, .work = 0};
  if (m.inner == m.outer && m.inner != nothing_parallel) of.inner_extent /= list.units;
  double steps[free_dims], all_steps = 1;
  for (int d = 0; d < free_dims; ++d) {
    of.extent[d] = d == m.outer ? list.busy : m.q.size[at(d)];
    steps[d] = steps_along(m, d);
    all_steps *= steps[d];
  }
  of.work = m.q.work(least_busy(m.q, list, m.inner, inner_busy));
  const moves_of_vectors<double> moves{v.moved.in, v.moved.out, v.moved.out_added};
  return cycles_with_moves<double>(numbers, of, all_steps, steps, v.first, moves);
}

/// Asks for latency instead of EDP, or not; the mapping's value.
double choose_goal(bounded_mapping& m, random_stream& random) {
  const double cycles = static_cast<double>(m.figures.all.runtime_cycles);
  if (random.below(2) != 0) return m.figures.all.energy_nj * cycles;
  m.q = make_question(whole_problem(m.q.target, m.q.machine, objective::latency));
  return cycles;
}

/// The table of level 0 that knows a mapping's vector alone is below it, whatever better mapping
/// than the best known it is taken for.
TEST_P(ExactBounds, TablesHoldForTheMappingsOfTheirVectors) {
  int close = 0;
  for_each_mapping([&](bounded_mapping m, std::uint64_t number) {
    random_stream random(7, 0, number);
    const double value = choose_goal(m, random);
    const double best = value * (1 + 0.1 * random.below(5) + 1e-9);
    const class_grid grid(m.q);
    const auto [list, v] = vector_of(m, grid);
    top_list only = list;
    only.vectors = {v};
    const least_table table(m.q, grid, {only}, floors_of_roots(m.q), best, 1);
    const double bound = table.bound(m.range, inner_floors(m.q, m.range));
    EXPECT_LE(bound, value * (1 + rounding));
    const inner_range wide = widened(m, random);
    EXPECT_LE(table.bound(wide, inner_floors(m.q, wide)), value * (1 + rounding));
    if (bound > 0.9 * value) ++close;
  });
  EXPECT_GT(close, 50) << "bounds far below test nothing";
}

/// In lanes, many vectors at once.
TEST_P(ExactBounds, VectorsAreBelowTheirMappings) {
  int close = 0;
  for_each_mapping([&](bounded_mapping m, std::uint64_t number) {
    random_stream random(8, 0, number);
    const double value = choose_goal(m, random);
    const class_grid grid(m.q);
    const auto [list, v] = vector_of(m, grid);
    vector_bounder bounder(m.q, grid);
    for (const inner_range& r : {m.range, widened(m, random)}) {
      bounder.set_range(r, inner_floors(m.q, r));
      bounder.set_list(list);
      while (!bounder.is_full()) bounder.add(v);
      const vectors::bounds& found = bounder.bound_all(value * (1 + rounding));
      EXPECT_LE(found.value[0], value * (1 + rounding));
      EXPECT_EQ(found.value[vectors::batch_length - 1], found.value[0]);
      if (found.value[0] > 0.9 * value) ++close;
    }
  });
  EXPECT_GT(close, 50) << "bounds far below test nothing";
}

/// Sums that bound all tiles of a class, in all dimensions at once (C4).
TEST_P(ExactBounds, LeastSumsOfAClassHoldForEachOfItsTiles) {
  int several = 0;
  for_each_mapping([&](const bounded_mapping& m, std::uint64_t) {
    std::array<tile_list, free_dims> lists;
    four_terms least;
    std::size_t tiles = 1;
    for (int d = 0; d < free_dims; ++d) {
      const std::int32_t size = m.q.size[at(d)], own = m.outer_tile[at(d)];
      const std::int32_t inner_units = d == m.inner ? m.units[1] : 1, low = m.range.low[at(d)];
      std::vector<dimension_terms> all;
      if (d == m.outer) {
        all = {terms_of(m.q, d, {own, m.units[0], low, inner_units})};
      } else {
        const std::int32_t steps = ceil_div(size, own);
        const std::int32_t largest = steps == 1 ? size : ceil_div(size, steps - 1) - 1;
        const fill_rule rule =
            ceil_div(own, low) <= inner_units ? fill_rule::all_in : fill_rule::more_in;
        all = tiles_above(m.q,
                          d,
                          std::max(ceil_div(size, steps), least_outer_tile(m.range, d)),
                          largest,
                          low,
                          inner_units,
                          d == m.inner ? rule : fill_rule::any);
      }
      lists[at(d)] = tile_list(std::move(all));
      tiles *= lists[at(d)].tiles.size();
      const auto is_own = [&](const dimension_terms& t) { return t.tile == own; };
      if (lists[at(d)].least.size() == 1) {
        least[at(d)] = &lists[at(d)].least.front();
      } else {
        least[at(d)] = &*std::ranges::find_if(lists[at(d)].tiles, is_own);
      }
    }
    const double value = open_price(m.q, weights_of(m.q), least).least();
    const double cycles = static_cast<double>(m.figures.all.runtime_cycles);
    EXPECT_LE(value, m.figures.all.energy_nj * cycles * (1 + rounding));
    if (tiles > 1) ++several;
  });
  EXPECT_GT(several, 1000);
}

TEST_P(ExactBounds, VectorsWaitForNoMoreThanTheirMappings) {
  int longer = 0;
  for_each_mapping([&](const bounded_mapping& m, std::uint64_t) {
    if (m.q.has_exact_cycles) return;
    const double runtime = static_cast<double>(m.figures.all.runtime_cycles) * (1 + rounding);
    const double bound = cycles_of_vector(m, 1);
    EXPECT_LE(bound, runtime);
    EXPECT_LE(cycles_of_vector(m, 0.5), runtime);
    if (bound > 0.9 * runtime) ++longer;
  });
  EXPECT_GT(longer, 100);
}

TEST_P(ExactBounds, NoMappingOnANarrowNocWaitsForLess) {
  int longer = 0;
  for_each_mapping([&](const bounded_mapping& m, std::uint64_t number) {
    if (m.q.has_exact_cycles) return;
    const four_dims loops = outer_order(m);
    const double runtime = static_cast<double>(m.figures.all.runtime_cycles) * (1 + rounding);
    const double least = waits_of(m, m.outer_tile, true).cycles(loops);
    EXPECT_LE(least, runtime);

    // Smaller tiles of the same steps; along the inner parallel dimension PEs would work otherwise.
    four_sizes smallest, step;
    double busy = 1, steps = 1;
    for (int d = 0; d < free_dims; ++d) {
      smallest[at(d)] = d == m.inner ? m.outer_tile[at(d)] : class_tile(m, d);
      step[at(d)] = m.q.step(d, class_tile(m, d), d == m.outer ? m.units[0] : 1);
      busy *= static_cast<double>(busy_extent(m.q.size[at(d)],
                                              m.outer_tile[at(d)],
                                              d == m.outer ? m.units[0] : 1,
                                              m.range.low[at(d)],
                                              d == m.inner ? m.units[1] : 1));
      steps *= steps_along(m, d);
    }
    EXPECT_LE(waits_of(m, smallest, false).cycles(loops), runtime);

    random_stream random(5, 0, number);
    const double first = m.q.waited_for_box(step);
    const double of_part = start_elements(m, m.range, loops);
    const double of_range = start_elements(m, widened(m, random), loops);
    for (const double starts : {of_part, of_range}) {
      EXPECT_LE(m.q.cycles(busy, steps, {.first = first, .starts = starts}), runtime);
    }
    EXPECT_GE(of_part * (1 + rounding), of_range) << "what vectors settle is settled in all parts";
    if (least > 1.01 * m.q.cycles(busy, steps)) ++longer;
  });
  EXPECT_GT(longer, 1000) << "NoCs that make no one wait test nothing";
}

#if defined(__x86_64__)
/// Numbers of one digit or two.
void draw(random_stream& random, double* numbers, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) numbers[i] = random.between(1, 40);
}

TEST(ExactLanes, EveryInstructionSetBoundsTheSame) {
  accelerator narrow;
  narrow.noc_bw = 4;
  layer l;
  l.size = {64, 48, 30, 28, 3, 3, 1, 1};
  const question q = make_question(whole_problem(l, narrow, objective::edp));
  const question_numbers numbers = make_question_numbers(q);
  ASSERT_TRUE(numbers.waits);
  constexpr std::array of_vectors = {&vectors::lanes_base,
                                     &vectors::lanes_avx2,
                                     &vectors::lanes_avx512};
  constexpr std::array of_level_0 = {&level_0::lanes_base,
                                     &level_0::lanes_avx2,
                                     &level_0::lanes_avx512};
  for (std::uint64_t number = 0; number < 1000; ++number) {
    random_stream random(9, 0, number);
    vectors::batch b;
    draw(random, &b.least[0][0], (sizeof b - offsetof(vectors::batch, least)) / sizeof(double));
    b.count = vectors::batch_length;
    for (auto& of_dim : b.is_long) {
      for (double& x : of_dim) x = random.below(2);
    }
    const list_question list{random.below(free_dims + 1), {9, 48, 30, 28}, 3, 4000};
    vectors::kind_floors floors;
    draw(random, &floors[0][0], 2 * floor_count);
    vectors::bounds first;

    level_0::tile_row row{};
    row.dim = random.below(free_dims);
    row.count = level_0::row_length;
    draw(random, &row.step[0], (sizeof row - offsetof(level_0::tile_row, step)) / sizeof(double));
    level_0::rest_of_tiles rest{};
    draw(random, &rest.input.same, 3 * sizeof(level_0::products) / sizeof(double));
    rest.steps = 6;
    rest.awaited = rest.buffer = 10;
    rest.awaited_each = rest.buffer_each = 3;
    level_0::target wanted{};
    wanted.best = std::numeric_limits<double>::infinity();
    wanted.l2_elems = 70;
    for (bool& has : wanted.has_share) has = true;
    level_0::row_prices first_prices;
    for (std::size_t i = 0; i < usable_lane_sets(); ++i) {
      vectors::bounds found;
      of_vectors[i]->bound(numbers, list, floors, 1e300, b, found);
      if (i == 0) first = found;
      EXPECT_EQ(std::memcmp(&found, &first, sizeof found), 0) << i;

      level_0::row_prices prices{};
      of_level_0[i]->price(numbers, wanted, row, rest, prices);
      if (i == 0) first_prices = prices;
      EXPECT_EQ(prices.counts, first_prices.counts) << i;
      EXPECT_NE(prices.counts, 0u);
      for (std::size_t k = 0; k < level_0::row_length; ++k) {
        if ((prices.counts >> k & 1) == 0) continue;
        for (const floor_kind kind : floor_kinds) {
          EXPECT_EQ(prices.least[kind][k], first_prices.least[kind][k]) << i;
        }
        EXPECT_EQ(prices.in[k], first_prices.in[k]) << i;
        EXPECT_EQ(prices.out[k], first_prices.out[k]) << i;
        EXPECT_EQ(prices.out_added[k], first_prices.out_added[k]) << i;
      }
    }
  }
}
#endif

INSTANTIATE_TEST_SUITE_P(RandomMappings, ExactBounds, testing::Range<std::uint64_t>(0, 10));

}  // namespace
}  // namespace cugamma
