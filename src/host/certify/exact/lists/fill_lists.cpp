#include "certify/exact/lists/fill_lists.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <limits>
#include <memory>
#include <span>

#include "certify/exact/lists/level_0_lanes.hpp"
#include "certify/exact/terms/mapping_energy.hpp"
#include "certify/on_threads.hpp"
#include "models/exact/figures.hpp"
#include "models/lane_sets.hpp"

namespace cugamma::exact {
namespace {

using level_0::row_length;
using level_0::tile_row;

const level_0::price_lanes& usable_lanes() {
#if defined(__x86_64__)
  return widest_lanes({&level_0::lanes_base, &level_0::lanes_avx2, &level_0::lanes_avx512});
#else
  return level_0::lanes_base;
#endif
}

/// No vector takes less of level 0: of each element once, rounding apart.
double compulsory_energy(const question& q) {
  const tensor_counts touched = touched_elements(q.target);
  constexpr double less = 1 - 1e-9;
  return less *
         ((q.l2_weight + q.cluster_weight) * static_cast<double>(touched.input + touched.filter) +
          2 * q.l2_weight * static_cast<double>(touched.output));
}

level_0::target target_of(const question& q, const root_floors& floors, double best) {
  level_0::target t{};
  t.best = best;
  t.compulsory = compulsory_energy(q);
  t.l2_elems = q.machine.l2_size_elems == unlimited ? std::numeric_limits<double>::infinity()
                                                    : static_cast<double>(q.machine.l2_size_elems);
  for (const floor_kind kind : floor_kinds) t.has_share[kind] = share_weight(q, kind) != 0;
  for (int inner = 0; inner <= free_dims; ++inner) {
    for (const bool makes_two : {false, true}) {
      const four_floors valid = valid_floors(q, floors[at(inner)], inner, makes_two);
      std::ranges::copy(valid, t.floors[makes_two][inner]);
    }
  }
  return t;
}

/// A tile of a row: of a class, or of a list's own parallel dimension.
struct row_tile {
  std::size_t list = 0;
  std::uint16_t index = 0;  ///< of its class
  std::int32_t tile = 1;
  std::int32_t units = 1;
};

/// Tiles of one dimension; with each of them go all classes of the others.
struct tile_batch {
  int dim = 0;
  std::vector<row_tile> tiles;
};

class list_filler {
 public:
  list_filler(const question& q,
              const class_grid& grid,
              const level_0::target& wanted,
              std::vector<top_list>& lists)
      : q_(q),
        grid_(grid),
        numbers_(make_question_numbers(q)),
        weights_(weights_of(q)),
        wanted_(wanted),
        lists_(lists) {
    for (int d = 0; d < free_dims; ++d) {
      for (const tile_class& c : grid.classes[at(d)]) {
        plain_[at(d)].push_back(terms_of(q, d, {c.smallest, 1, c.smallest, 1}));
      }
    }
  }

  /// All tiles of all lists. A list's are in one batch.
  std::vector<tile_batch> batches() const {
    std::vector<tile_batch> all;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const top_list& l = lists_[i];
      if (l.parallel == nothing_parallel) {
        all.push_back({core::K, {}});
        std::uint16_t index = 0;
        for (const tile_class& c : grid_.classes[core::K]) {
          all.back().tiles.push_back({i, index++, c.smallest, 1});
        }
        continue;
      }
      const bool is_next = i > 0 && lists_[i - 1].parallel == l.parallel;
      if (!is_next || all.back().tiles.size() == row_length) all.push_back({l.parallel, {}});
      const std::int32_t index = grid_.of_tile[at(l.parallel)][static_cast<std::size_t>(l.tile)];
      all.back().tiles.push_back({i, static_cast<std::uint16_t>(index), l.tile, l.units});
    }
    return all;
  }

  /// Fills the lists of a batch.
  void fill(const tile_batch& b) {
    const auto row = std::make_unique<tile_row>();
    std::array<std::size_t, free_dims> classes{};
    for (std::size_t begin = 0; begin < b.tiles.size(); begin += row_length) {
      const std::span tiles(b.tiles);
      const auto part = tiles.subspan(begin, std::min(row_length, b.tiles.size() - begin));
      set_row(b.dim, part, *row);
      descend(part, *row, 0, classes);
    }
    for (const row_tile& t : b.tiles) {
      std::ranges::sort(lists_[t.list].vectors, {}, [](const top_vector& v) {
        return v.least[no_share];
      });
      if (lists_[t.list].parallel == nothing_parallel) break;  // all tiles are of this list
    }
  }

 private:
  using tile_span = std::span<const row_tile>;

  void set_row(int d, tile_span tiles, tile_row& row) const {
    row = {};
    row.dim = d;
    row.count = tiles.size();
    for (std::size_t i = 0; i < row.count; ++i) put(d, tiles[i], i, row);
    row.least_step = *std::min_element(row.step, row.step + row.count);
  }

  void put(int d, const row_tile& of, std::size_t i, tile_row& row) const {
    const dimension_terms t = terms_of(q_, d, {of.tile, of.units, of.tile, 1});
    row.step[i] = t.step;
    row.steps[i] = t.steps;
    const top_list& list = lists_[of.list];
    for (int inner = 0; inner <= free_dims && q_.has_cycles; ++inner) {
      const double share = inner == nothing_parallel
                               ? 1
                               : q_.size[at(inner)] / static_cast<double>(list.largest_cluster);
      row.work[inner][i] = q_.work(least_busy(q_, list, inner, share));
    }
    const auto put_sums =
        [&](level_0::sums_row& to, std::initializer_list<stream> streams, auto weight) {
          to.same[i] = to.moves[i] = to.restarts[i] = 0;
          for (const stream s : streams) {
            to.same[i] += weight(s) * t.outer[s].same;
            to.moves[i] += weight(s) * t.outer[s].moves;
            to.restarts[i] += weight(s) * t.outer[s].restarts;
          }
        };
    const auto cost = [&](stream s) { return weights_.outer[s]; };
    put_sums(row.input, {input_reads, input_fills}, cost);
    put_sums(row.filter, {filter_reads, filter_fills}, cost);
    put_sums(row.outputs, {outputs}, cost);
    const auto share = [&](floor_kind kind) {
      return [this, kind](stream) { return share_weight(q_, kind); };
    };
    put_sums(row.shared[input_share], {input_fills}, share(input_share));
    put_sums(row.shared[filter_share], {filter_fills}, share(filter_share));
    put_sums(row.shared[output_share], {outputs}, share(output_share));
    put_sums(row.input_reads, {input_reads}, [](stream) { return 1; });
    put_sums(row.filter_reads, {filter_reads}, [&](stream) { return q_.shape.filter; });
    put_sums(row.out, {outputs}, [](stream) { return 1; });
  }

  /// Chooses classes of the dimensions that are not the row's. Larger ones only need more of L2.
  void descend(tile_span tiles,
               const tile_row& row,
               int d,
               std::array<std::size_t, free_dims>& classes) {
    if (d == free_dims) return take(tiles, row, classes);
    if (d == row.dim) return descend(tiles, row, d + 1, classes);
    for (std::size_t i = 0; i < plain_[at(d)].size(); ++i) {
      classes[at(d)] = i;
      if (!fits(row, d, classes)) break;
      descend(tiles, row, d + 1, classes);
    }
    classes[at(d)] = 0;
  }

  /// Whether the least tiles of a row fit L2 with the classes that are chosen.
  bool fits(const tile_row& row,
            int last,
            const std::array<std::size_t, free_dims>& classes) const {
    four_sizes step;
    for (int d = 0; d < free_dims; ++d) {
      step[at(d)] = plain_[at(d)][d <= last ? classes[at(d)] : 0].step;
    }
    step[at(row.dim)] = static_cast<std::int32_t>(row.least_step);
    return q_.fits_l2(step);
  }

  void take(tile_span tiles,
            const tile_row& row,
            const std::array<std::size_t, free_dims>& classes) {
    level_0::row_prices prices;
    lanes_.price(numbers_, wanted_, row, rest_of(row.dim, classes), prices);
    for (std::uint64_t left = prices.counts; left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      lists_[tiles[i].list].vectors.push_back(vector_of(tiles[i], row, classes, prices, i));
    }
  }

  top_vector vector_of(const row_tile& tile,
                       const tile_row& row,
                       const std::array<std::size_t, free_dims>& classes,
                       const level_0::row_prices& prices,
                       std::size_t i) const {
    top_vector v;
    double steps = row.steps[i];
    if (steps == 2) v.in_two_steps = static_cast<std::uint8_t>(1u << row.dim);
    for (int d = 0; d < free_dims; ++d) {
      v.classes[at(d)] = static_cast<std::uint16_t>(classes[at(d)]);
      if (d == row.dim) continue;
      const double of_dim = plain_[at(d)][classes[at(d)]].steps;
      steps *= of_dim;
      if (of_dim == 2) v.in_two_steps |= static_cast<std::uint8_t>(1u << d);
    }
    v.classes[at(row.dim)] = tile.index;
    for (const floor_kind kind : floor_kinds) v.least[kind] = rounded_down(prices.least[kind][i]);
    v.steps = rounded_down(steps);
    if (q_.has_exact_cycles) return v;
    v.first = rounded_down(prices.first[i]);
    if (!numbers_.waits) return v;
    const double bandwidth = numbers_.bandwidth;
    v.moved = {rounded_down(prices.in[i] / bandwidth),
               rounded_down(prices.out[i] / bandwidth),
               rounded_down(prices.out_added[i] / bandwidth)};
    return v;
  }

  level_0::rest_of_tiles rest_of(int of_row,
                                 const std::array<std::size_t, free_dims>& classes) const {
    std::array<const dimension_terms*, free_dims> t{};
    level_0::rest_of_tiles rest{};
    rest.steps = 1;
    double none[free_dims], one[free_dims];
    for (int d = 0; d < free_dims; ++d) {
      t[at(d)] = &plain_[at(d)][classes[at(d)]];
      none[d] = d == of_row ? 0 : t[at(d)]->step;
      one[d] = d == of_row ? 1 : none[d];
      if (d == of_row) continue;
      rest.steps *= t[at(d)]->steps;
      if (t[at(d)]->steps > 1) rest.in_several_steps |= static_cast<std::uint8_t>(1u << d);
      if (t[at(d)]->steps == 2) rest.in_two_steps |= static_cast<std::uint8_t>(1u << d);
    }
    rest.input = products_of(t, of_row, input_reads);
    rest.filter = products_of(t, of_row, filter_reads);
    rest.outputs = products_of(t, of_row, outputs);
    const auto least = detail::elements_of<double>(q_.shape, none);
    const auto more = detail::elements_of<double>(q_.shape, one);
    const double in = least.input + least.filter, in_one = more.input + more.filter;
    rest.awaited = in;
    rest.awaited_each = in_one - in;
    rest.buffer = 2 * (in + least.output);
    rest.buffer_each = 2 * (in_one + more.output) - rest.buffer;
    return rest;
  }

  /// Dimensions that are not parallel read as much as they fill.
  static level_0::products products_of(const std::array<const dimension_terms*, free_dims>& t,
                                       int of_row,
                                       stream s) {
    level_0::products p{};
    p.same = 1;
    std::array<order_factors, free_dims> factors;
    for (int d = 0; d < free_dims; ++d) {
      factors[at(d)] = {1, 0};
      if (d == of_row) continue;
      const outer_sums<double>& sums = t[at(d)]->outer[s];
      factors[at(d)] = {sums.restarts, sums.same};
      p.same *= sums.same;
    }
    for (int d = 0; d < free_dims; ++d) {
      if ((movers_of[s] >> d & 1) == 0) continue;
      stay_row row{};
      add_products(row, d, d == of_row ? 1 : t[at(d)]->outer[s].moves, factors);
      std::ranges::copy(row, p.turning[d]);
    }
    return p;
  }

  const question& q_;
  const class_grid& grid_;
  question_numbers numbers_;
  stream_weights weights_;
  const level_0::target& wanted_;
  const level_0::price_lanes& lanes_ = usable_lanes();
  std::vector<top_list>& lists_;
  std::array<std::vector<dimension_terms>, free_dims> plain_;  ///< of the classes
};

}  // namespace

void fill_lists(const question& q,
                const class_grid& grid,
                const root_floors& floors,
                double best,
                int threads,
                const std::function<bool()>& is_over,
                std::vector<top_list>& lists) {
  const level_0::target wanted = target_of(q, floors, best);
  list_filler filler(q, grid, wanted, lists);
  const std::vector<tile_batch> all = filler.batches();
  std::atomic<std::size_t> next = 0;
  on_threads(threads, [&](int) {
    for (std::size_t i = next++; i < all.size() && !is_over(); i = next++) filler.fill(all[i]);
  });
}

}  // namespace cugamma::exact
