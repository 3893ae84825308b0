#pragma once

#include <random>

#include "cugamma/models/timeloop/constraints.hpp"
#include "models/timeloop/cases.hpp"

namespace cugamma::timeloop {

inline std::int64_t one_of(std::mt19937_64& random, std::vector<std::int64_t> values) {
  return values[random() % values.size()];
}

/// A GEMM, a convolution with windows, strides and dilation, one that is depthwise, or a product of
/// three inputs, of a few MACs.
inline problem draw_small_problem(std::mt19937_64& random) {
  const auto size = [&](std::vector<std::int64_t> values) { return one_of(random, values); };
  switch (random() % 6) {
    case 0:
      return make_gemm(size({2, 4, 6}), size({2, 3, 4}), size({1, 2, 6}));
    case 1:  // along one axis
      return make_conv({size({2, 3}), 1, size({2, 4, 6}), 1, size({1, 2}), size({1, 2}), 1},
                       size({1, 2, 3}),
                       size({1, 2}));
    case 2:  // along both
      return make_conv({2, 2, size({2, 3, 4}), 2, 1, size({1, 2}), 1}, size({1, 2}), 1);
    case 3:  // one element wide, so that steps above 1 leave holes
      return make_conv({1, 1, size({2, 4}), size({1, 3}), 2, size({2, 3}), 1}, size({1, 2}), 1);
    case 4: {
      problem p =
          make_conv({size({2, 3}), 1, size({2, 4}), 1, size({2, 3}), 1, size({1, 2})}, 1, 1);
      p.tensors[0].axes.erase(p.tensors[0].axes.begin());  // depthwise: no K
      p.tensors[2].axes[1] = {{4, 1}};
      return p;
    }
    default: {
      problem p = make_mttkrp();
      p.dimensions[0].size = size({1, 2, 3});
      p.dimensions[1].size = size({2, 4});
      p.dimensions[2].size = 2;
      p.dimensions[3].size = size({1, 2});
      return p;
    }
  }
}

/// One to three levels with fan-outs of any shape, at MACs too; all attributes of draw_level.
inline architecture draw_small_architecture(std::mt19937_64& random) {
  architecture a;
  a.name = "small";
  std::int64_t x = 1, y = 1;
  for (std::size_t level = 0, levels = 1 + random() % 3; level < levels; ++level) {
    storage_level l = draw_level(random, x, y);
    if (level == 0) {
      l.size_words.reset();
      l.min_utilization = 0;
    } else if (l.size_words) {
      l.size_words = static_cast<std::int64_t>(3 + random() % 40);
    }
    if (random() % 2 == 0) {
      l.router_pj = 0;
      l.energy_per_hop_pj.reset();
    }
    a.levels.insert(a.levels.begin(), l);
    if (random() % 2 == 0) {
      x *= one_of(random, {1, 2, 3, 4});
      y *= one_of(random, {1, 1, 2});
    }
  }
  a.arithmetic = {"Mac", x * y, x, y, 16, 0.7, 100};
  return a;
}

/// Rules on factors, orders, splits and tensors that are kept; some rule everything out.
inline constraints draw_rules(std::mt19937_64& random, const architecture& a, const problem& p) {
  constraints c = no_constraints(a, p);
  const auto dimensions = static_cast<std::uint8_t>(p.dimensions.size());
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    level_constraint& l = c.levels[b];
    const auto any = [&] { return static_cast<std::uint8_t>(random() % dimensions); };
    if (random() % 3 == 0) l.temporal.factors[any()].high = 2;
    if (random() % 5 == 0) l.temporal.factors[any()].low = 2;
    if (random() % 3 == 0) l.spatial.factors[any()] = {1, 1};
    if (random() % 3 == 0) l.temporal.innermost = {any()};
    if (random() % 4 == 0) l.spatial.innermost = {any()};
    const std::uint8_t out = any();
    if (random() % 3 == 0 &&
        std::ranges::find(l.temporal.innermost, out) == l.temporal.innermost.end()) {
      l.temporal.outermost = {out};
    }
    if (random() % 4 == 0) l.split = static_cast<int>(random() % (dimensions + 1u));
    if (b + 1 < a.levels.size() && random() % 2 == 0) {
      l.bypass = static_cast<std::uint8_t>(1u << random() % p.tensors.size());
    }
  }
  if (random() % 5 == 0) c.min_parallelism = 0.5;
  return c;
}

}  // namespace cugamma::timeloop
