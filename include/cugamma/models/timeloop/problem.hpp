#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cugamma::timeloop {

inline constexpr int max_dimensions = 10;
inline constexpr int max_tensors = 4;

/// One summand of an axis of a tensor: coefficient * index of a dimension.
struct axis_term {
  int dimension = 0;  ///< index into problem::dimensions
  std::int64_t coefficient = 1;
  friend bool operator==(const axis_term&, const axis_term&) = default;
};

/// An axis of a tensor: the sum of its terms is the coordinate that an iteration touches.
using axis = std::vector<axis_term>;

/// A tensor (Timeloop: data space).
struct tensor {
  std::string name;
  std::vector<axis> axes;
  bool is_output = false;  ///< Timeloop: read_write
  friend bool operator==(const tensor&, const tensor&) = default;
};

/// A dimension of the loop nest.
struct dimension {
  char name = 'X';  ///< Timeloop's dimensions are letters
  std::int64_t size = 1;
  friend bool operator==(const dimension&, const dimension&) = default;
};

/// A dense Einsum as Timeloop's problem files give it: a layer of any kind.
struct problem {
  std::string name;                   ///< of the shape; may be empty
  std::vector<dimension> dimensions;  ///< at most max_dimensions
  std::vector<tensor> tensors;        ///< 2 to max_tensors, one of them the output
  friend bool operator==(const problem&, const problem&) = default;
};

/// Multiply-accumulates of a problem: the product of its sizes.
std::int64_t macs(const problem& p);

}  // namespace cugamma::timeloop
