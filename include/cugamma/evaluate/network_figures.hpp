#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/evaluate/objective.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A layer of a network, the mapping that runs it, and how often the network does.
struct network_part {
  layer l;
  genome mapping;
  cost figures;  ///< of that mapping, legal
  std::int64_t count = 1;
};

/// What figure() and value() ask of a network whose layers run one after another on one
/// accelerator: cycles, energies and MACs add up, each layer as often as it is run. The accelerator
/// has the PEs of the layer that uses most and the largest L1 and L2 that any of them needs; power
/// and area are that accelerator's.
class network_figures {
 public:
  network_figures(std::span<const network_part> parts, const accelerator& a);

  double latency() const { return latency_; }
  double energy() const { return energy_; }
  double maestro_energy() const { return maestro_energy_; }
  double macs() const { return macs_; }
  double power() const { return machine().power(); }
  double area() const { return machine().area(); }
  double budget_area() const { return machine().budget_area(); }
  double l1_size() const { return machine().l1_size(); }
  double l2_size() const { return machine().l2_size(); }
  std::int32_t pes() const { return machine().pes(); }

 private:
  scored_mapping machine() const { return {needs_, a_, pes_of(widest_, a_)}; }

  accelerator a_;
  genome widest_;  // has the PEs
  cost needs_;     // has the buffers
  double latency_ = 0;
  double energy_ = 0;
  double maestro_energy_ = 0;
  double macs_ = 0;
};

}  // namespace cugamma
