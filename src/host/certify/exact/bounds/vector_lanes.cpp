// Compiled once for each instruction set, with CUGAMMA_ISA naming the set.
#include "certify/exact/bounds/vector_lanes.hpp"

#include "numbers/lanes.hpp"

namespace cugamma::exact::vectors {
namespace {

lanes energy_of(const batch& b, const kind_floors& floors, lane_mask is_of_two, std::size_t i) {
  lanes energy(0);
  for (std::size_t kind = 0; kind < floor_count; ++kind) {
    const lanes floor = select(is_of_two, lanes(floors[1][kind]), lanes(floors[0][kind]));
    energy = max_of(energy, read_lanes(b.least[kind] + i) + floor);
  }
  return energy;
}

void bound(const question_numbers& q,
           const list_question& list,
           const kind_floors& floors,
           double limit,
           const batch& b,
           bounds& found) {
  for (std::size_t i = 0; i < b.count; i += lane_count) {
    lanes steps[free_dims], all_steps(1);
    for (int d = 0; d < free_dims; ++d) {
      steps[d] = read_lanes(b.steps[d] + i);
      all_steps = all_steps * steps[d];
    }
    const lanes inner_steps = list.inner < free_dims ? steps[list.inner % free_dims] : lanes(1);
    const lane_mask is_of_two = (inner_steps >= lanes(2)) & (inner_steps <= lanes(2));
    const lanes energy = energy_of(b, floors, is_of_two, i);
    const lanes price =
        q.has_energy ? (lanes(q.fixed_energy) + energy) * lanes(q.mac_energy_nj) : lanes(1);
    lanes cycles(1);
    if (q.has_cycles) {
      const lanes work(list.work);
      const lanes first = q.waits ? read_lanes(b.first + i) : lanes(0);
      cycles = cycles_of(q, work, all_steps, first, lanes(0), lanes(0));
      if (q.waits) {
        const moves_of_vectors<lanes> moves{read_lanes(b.in + i),
                                            read_lanes(b.out + i),
                                            read_lanes(b.out_added + i)};
        cycles = max_of(cycles, cycles_with_moves(q, list, all_steps, steps, first, moves));
        if (any_of(price * cycles <= lanes(limit))) {
          boxes_of_vectors<lanes> boxes[free_dims];
          for (int d = 0; d < free_dims; ++d) {
            boxes[d] = {steps[d],
                        read_lanes(b.whole[d] + i),
                        read_lanes(b.last[d] + i),
                        read_lanes(b.is_long[d] + i) > lanes(0)};
          }
          const lanes starts = start_waits<lanes>(q, boxes).least();
          cycles = max_of(cycles, cycles_of(q, work, all_steps, first, starts, lanes(0)));
        }
      }
    }
    write_lanes(energy, found.energy + i);
    write_lanes(cycles, found.cycles + i);
    write_lanes(price * cycles, found.value + i);
  }
}

}  // namespace

const bound_lanes CUGAMMA_ISA{bound};

}  // namespace cugamma::exact::vectors
