#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/mapping.hpp"
#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::timeloop::reference {

/// A loop of a bound above 1: those of bound 1 take no part in any rule.
struct loop {
  int dimension = 0;
  std::int64_t bound = 1;
  bool is_on_y = false;  ///< of spatial loops
};

/// Of each dimension, how many of its indices.
using box = std::array<std::int64_t, max_dimensions>;

/// One number for each axis of a tensor.
using coordinates = std::vector<std::int64_t>;

/// The loops of a level, the innermost first, and what lies inside of them.
struct level_nest {
  std::vector<loop> spatial;  ///< those on X before those on Y
  std::vector<loop> temporal;
  box below{};    ///< what an instance of the next inner level works on
  box at_once{};  ///< what all of them work on together
  box tile{};     ///< what an instance of this level works on

  std::int64_t used_x() const;  ///< columns of its fan-out
  std::int64_t used_y() const;
  std::int64_t used() const { return used_x() * used_y(); }
};

struct nest {
  std::vector<level_nest> levels;  ///< the innermost first

  std::int64_t cycles() const;                ///< steps of all temporal loops
  std::int64_t instances_x(int level) const;  ///< columns of instances in use over the accelerator
  std::int64_t instances_y(int level) const;
  std::int64_t instances(int level) const { return instances_x(level) * instances_y(level); }
};

/// preconditions: the factors of every dimension multiply to its size
nest nest_of(const problem& p, const mapping& m);

/// Words of a tensor, axis by axis, that a box of iterations touches.
coordinates extents(const tensor& t, const box& b);

/// Words of a tensor that a box of iterations touches: the product of its extents.
std::int64_t volume(const tensor& t, const box& b);

/// How far a tensor's coordinates move when a dimension's index moves by `distance`.
coordinates step(const tensor& t, int dimension, std::int64_t distance);

}  // namespace cugamma::timeloop::reference
