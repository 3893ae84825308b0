// Compiled once for each instruction set, with CUGAMMA_ISA naming the set.
#include "certify/exact/lists/level_0_lanes.hpp"

#include "certify/exact/bounds/vector_bounds.hpp"
#include "certify/exact/terms/loop_orders.hpp"
#include "numbers/lanes.hpp"

namespace cugamma::exact::level_0 {
namespace {

/// Sums of a stream, one tile a lane.
struct sums {
  lanes same, moves, restarts;
};
sums loaded(const sums_row& row, std::size_t i) {
  return {read_lanes(row.same + i), read_lanes(row.moves + i), read_lanes(row.restarts + i)};
}

/// What stays in place when a loop goes on, by the set of dimensions outside it (stay_table of
/// terms/loop_orders.hpp).
struct stays {
  lanes of[free_dims][set_count];
};

void clear(stays& s) {
  for (auto& row : s.of) {
    for (lanes& x : row) x = lanes(0);
  }
}

/// Adds a stream whose tensor these dimensions (bits) may leave in place; D is that of the row.
template <int D, unsigned Movers>
void add(stays& s, const products& of, const sums& row) {
#pragma GCC unroll 4
  for (unsigned m = 0; m < free_dims; ++m) {
    if ((Movers >> m & 1) == 0) continue;
#pragma GCC unroll 16
    for (unsigned set = 0; set < set_count; ++set) {
      if ((set >> m & 1) != 0 || (set >> D & 1) != 0) continue;
      const lanes others(of.turning[m][set]);
      if (m == D) {
        s.of[m][set] = s.of[m][set] + others * row.moves;
      } else {
        s.of[m][set] = s.of[m][set] + others * row.restarts;
        s.of[m][set | 1u << D] = s.of[m][set | 1u << D] + others * row.same;
      }
    }
  }
}

constexpr unsigned of_input = 1u << core::K | 1u << core::Y | 1u << core::X;
constexpr unsigned of_filter = 1u << core::Y | 1u << core::X;
constexpr unsigned of_outputs = 1u << core::C;

/// The most that stays in any order.
lanes most_staying(const stays& s) {
  return best_staying<lanes>(s.of, [](lanes a, lanes b) { return max_of(a, b); });
}

lanes most_staying(const stays& s, const question_numbers& q) {
  if (q.order_count == 0) return most_staying(s);
  lanes most(0);
  for (int i = 0; i < q.order_count; ++i) most = max_of(most, staying<lanes>(s.of, q.orders[i]));
  return most;
}

/// Vectors of some tiles of a row.
template <int D>
struct vectors {
  const question_numbers& q;
  const tile_row& row;
  const rest_of_tiles& rest;
  const target& wanted;
  std::size_t i;  ///< the first tile
  lanes steps{read_lanes(row.steps + i)};
  lanes first{lanes(rest.awaited) + lanes(rest.awaited_each) * read_lanes(row.step + i)};
  lanes least[floor_count]{};

  /// By what a kind's share adds to level 0.
  template <unsigned Movers>
  void set_least(floor_kind kind, const stays& base, lanes most, const products& of) {
    if (!wanted.has_share[kind]) {
      least[kind] = least[no_share];
      return;
    }
    stays s = base;
    const sums shared = loaded(row.shared[kind], i);
    add<D, Movers>(s, of, shared);
    least[kind] = most + lanes(of.same) * shared.same - most_staying(s, q);
  }

  void set_least() {
    const sums input = loaded(row.input, i), filter = loaded(row.filter, i),
               outputs = loaded(row.outputs, i);
    stays s;
    clear(s);
    add<D, of_input>(s, rest.input, input);
    add<D, of_filter>(s, rest.filter, filter);
    add<D, of_outputs>(s, rest.outputs, outputs);
    const lanes most = lanes(rest.input.same) * input.same + lanes(rest.filter.same) * filter.same +
                       lanes(rest.outputs.same) * outputs.same;
    least[no_share] = most - most_staying(s, q);
    set_least<of_input>(input_share, s, most, rest.input);
    set_least<of_filter>(filter_share, s, most, rest.filter);
    set_least<of_outputs>(output_share, s, most, rest.outputs);
  }

  lane_mask fit() const {
    const lanes buffer = lanes(rest.buffer) + lanes(rest.buffer_each) * read_lanes(row.step + i);
    return buffer <= lanes(wanted.l2_elems);
  }

  /// Level 1's floor of a kind, where the inner parallel dimension may be the row's own.
  lanes floor_of(int inner, std::size_t kind) const {
    const double of_others = wanted.floors[0][inner][kind], of_two = wanted.floors[1][inner][kind];
    if (inner != D) {
      return lanes((rest.in_two_steps >> inner & 1) != 0 ? of_two : of_others);
    }
    return select((steps <= lanes(2)) & (steps >= lanes(2)), lanes(of_two), lanes(of_others));
  }

  lane_mask may_be_better() const {
    lane_mask any = no_lanes();
    const lanes all_steps = steps * lanes(rest.steps);
    const lanes awaited = q.waits ? first : lanes(0);
    for (int inner = 0; inner <= free_dims; ++inner) {
      lanes value(1);
      if (q.has_energy) {
        lanes energy(0);
        for (std::size_t kind = 0; kind < floor_count; ++kind) {
          energy = max_of(energy, least[kind] + floor_of(inner, kind));
        }
        value = (lanes(q.fixed_energy) + energy) * lanes(q.mac_energy_nj);
      }
      if (q.has_cycles) {
        const lanes work = read_lanes(row.work[inner] + i);
        value = value * cycles_of(q, work, all_steps, awaited, lanes(0), lanes(0));
      }
      any = any | !(value > lanes(wanted.best));
    }
    return any;
  }

  /// What moves over level 0's NoC, whatever the tiles of PEs.
  void store_moves(row_prices& p) const {
    const sums input = loaded(row.input_reads, i), filter = loaded(row.filter_reads, i),
               out = loaded(row.out, i);
    stays in, leaving;
    clear(in);
    clear(leaving);
    add<D, of_input>(in, rest.input, input);
    add<D, of_filter>(in, rest.filter, filter);
    add<D, of_outputs>(leaving, rest.outputs, out);
    const lanes most_in =
        lanes(rest.input.same) * input.same + lanes(rest.filter.same) * filter.same;
    write_lanes(most_in - most_staying(in), p.in + i);
    // What stays while sums are added up, with every loop of outputs outside, and with one inside.
    constexpr unsigned others = set_count - 1 - (1u << core::C);
    const lane_mask turns = steps > lanes(1);
    lanes stay(0);
    for (unsigned outside = 0; outside <= others; ++outside) {
      if ((outside & ~others) != 0) continue;
      const lanes here = max_of(stay, leaving.of[core::C][outside]);
      const bool is_inside = (rest.in_several_steps & others & ~outside) != 0;
      const bool may_be_inside = D != core::C && (outside >> D & 1) == 0;
      if (q.is_depthwise || is_inside) {
        stay = here;
      } else if (may_be_inside) {
        stay = select(turns, here, stay);
      }
    }
    const lanes most_out = lanes(rest.outputs.same) * out.same;
    write_lanes(most_out - stay, p.out + i);
    write_lanes(most_out - leaving.of[core::C][others], p.out_added + i);
  }
};

template <int D>
void price_row(const question_numbers& q,
               const target& wanted,
               const tile_row& row,
               const rest_of_tiles& rest,
               row_prices& prices) {
  prices.counts = 0;
  for (std::size_t i = 0; i < row.count; i += lane_count) {
    vectors<D> v{q, row, rest, wanted, i};
    const lane_mask fit = v.fit();
    if (!any_of(fit)) continue;
    // Energies of level 0 take long to compute.
    for (lanes& least : v.least) least = lanes(q.has_energy ? wanted.compulsory : 0);
    if (!any_of(fit & v.may_be_better())) continue;
    if (q.has_energy) v.set_least();
    const std::uint64_t counts = bits(fit & v.may_be_better());
    if (counts == 0) continue;
    prices.counts |= counts << i;
    for (std::size_t kind = 0; kind < floor_count; ++kind)
      write_lanes(v.least[kind], prices.least[kind] + i);
    write_lanes(v.first, prices.first + i);
    if (q.waits) v.store_moves(prices);
  }
  if (row.count < row_length) prices.counts &= (std::uint64_t{1} << row.count) - 1;
}

void price(const question_numbers& q,
           const target& wanted,
           const tile_row& row,
           const rest_of_tiles& rest,
           row_prices& prices) {
  switch (row.dim) {
    case core::K:
      return price_row<core::K>(q, wanted, row, rest, prices);
    case core::C:
      return price_row<core::C>(q, wanted, row, rest, prices);
    case core::Y:
      return price_row<core::Y>(q, wanted, row, rest, prices);
    default:
      return price_row<core::X>(q, wanted, row, rest, prices);
  }
}

}  // namespace

const price_lanes CUGAMMA_ISA{price};

}  // namespace cugamma::exact::level_0
