#include "cugamma/models/timeloop/layer_problem.hpp"

#include <algorithm>
#include <string_view>

namespace cugamma::timeloop {
namespace {

/// Projections over dimensions that are found by their letter.
class projector {
 public:
  explicit projector(const problem& p) : p_(p) {}

  /// One axis for each letter; letters that the problem lacks have none.
  std::vector<axis> axes(std::string_view letters) const {
    std::vector<axis> all;
    for (const char letter : letters) {
      if (const int d = number(letter); d >= 0) all.push_back({{d, 1}});
    }
    return all;
  }

  /// The rows or columns of the input that a filter's and an output's position touch.
  axis window(char filter, char output, std::int64_t stride) const {
    return {{number(filter), 1}, {number(output), stride}};
  }

 private:
  int number(char letter) const {
    const auto found = std::ranges::find(p_.dimensions, letter, &dimension::name);
    return found == p_.dimensions.end() ? -1 : static_cast<int>(found - p_.dimensions.begin());
  }

  const problem& p_;
};

std::vector<dimension> dimensions_of(const layer& l) {
  using enum cugamma::dimension;
  std::vector<dimension> all{{'R', l[R]},
                             {'S', l[S]},
                             {'P', output_size(l, Y)},
                             {'Q', output_size(l, X)},
                             {'C', l[C]}};
  if (l.type != layer_type::dsconv) all.push_back({'K', l[K]});
  all.push_back({'N', l[N]});
  if (l[G] > 1) all.push_back({'G', l[G]});
  return all;
}

}  // namespace

problem problem_of(const layer& l, const std::string& name) {
  problem p;
  p.name = name;
  p.dimensions = dimensions_of(l);
  const projector project(p);
  const bool is_depthwise = l.type == layer_type::dsconv;
  tensor inputs{"Inputs", project.axes("NGC"), false};
  inputs.axes.push_back(project.window('R', 'P', l.stride_y));
  inputs.axes.push_back(project.window('S', 'Q', l.stride_x));
  p.tensors = {{"Weights", project.axes("GCKRS"), false},
               inputs,
               {"Outputs", project.axes(is_depthwise ? "NGCQP" : "NGKQP"), true}};
  return p;
}

}  // namespace cugamma::timeloop
