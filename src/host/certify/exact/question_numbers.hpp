#pragma once

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// A question's numbers, as SIMD lanes take them. Those of a NoC count where mappings may wait.
struct question_numbers {
  double each[2];  ///< rows and columns: closed_layer
  double more[2];
  double filter;
  double simd_lanes;
  double start_cycles;
  double transfer_cycles;
  double bandwidth;
  bool is_depthwise;
  bool has_energy;
  bool has_cycles;
  bool waits;  ///< mappings may wait for the NoC
  double fixed_energy;
  double mac_energy_nj;
  int order_count;            ///< of level 0's loop orders; 0: any
  int orders[24][free_dims];  ///< outermost first
};

question_numbers make_question_numbers(const question& q);

}  // namespace cugamma::exact
