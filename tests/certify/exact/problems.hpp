#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <ostream>
#include <utility>
#include <vector>

#include "certify/exact/exact_engine.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "models/exact/random_cases.hpp"

/// Problems for the proofs of the exact cost model, and what plain enumeration finds in them.
namespace cugamma {

/// A space of all two-level mappings of a layer.
inline certify_problem whole_problem(const layer& l, const accelerator& a, objective goal) {
  certify_problem p;
  p.space = make_search_space(l, a);
  p.space.counts_exact_sizes = true;
  p.machine = a;
  p.goal = goal;
  return p;
}

/// What the engine proves of a problem.
struct proven {
  double lower = 0;
  double upper = 0;
  std::optional<genome> best;
  engine_result result;
};

inline proven prove_exactly(const certify_problem& p) {
  proof answer{{}};
  engine_result result = exact_engine.prove(p, answer, false);
  return {answer.lower(), answer.upper(), answer.best(), std::move(result)};
}

/// A layer small enough to score every mapping of it, on an accelerator with few PEs.
struct small_problem {
  layer l;
  accelerator a;
};

inline std::ostream& operator<<(std::ostream& out, const small_problem& p) {
  out << "type " << static_cast<int>(p.l.type) << " K C Y X R S";
  for (int d = 0; d < gene_dimension_count; ++d)
    out << ' ' << p.l.size[static_cast<std::size_t>(d)];
  return out << " stride " << p.l.stride_y << ' ' << p.l.stride_x << "; " << p.a.num_pes
             << " PEs, L1 " << p.a.l1_size_elems << ", L2 " << p.a.l2_size_elems << ", cluster "
             << p.a.constants.cluster_energy_macs;
}

/// Mappings that mapping_enumeration has of a layer.
inline double count_mappings(const layer& l, const accelerator& a) {
  double tiles = 1, orders = 1;
  int long_dims = 0;
  for (int d = 0; d < 4; ++d) {
    const double size = output_size(l, static_cast<dimension>(d));
    tiles *= size * (size + 1) / 2;
    if (size > 1) orders *= ++long_dims;
  }
  const double parallel = std::max(1, long_dims);
  return tiles * orders * orders * parallel * parallel * a.num_pes;
}

/// Problem `number` of an endless sequence: all types of layers, strides, L1 and L2 that bind or
/// not, with at most `most` mappings.
inline small_problem random_small_problem(std::uint64_t seed, std::uint64_t number, double most) {
  random_stream random(seed, 1, number);
  enum { conv, depthwise, gemm, fully_connected };
  small_problem p;
  do {
    const std::int32_t operation = random.below(4);
    std::array<int, 6> size{};
    for (int& s : size) s = random.between(1, 8);
    size[4] = random.between(1, 4);
    size[5] = random.between(1, 4);
    if (operation == depthwise) size[0] = 1;
    if (operation == gemm) size[3] = size[4] = size[5] = 1;
    if (operation == fully_connected) size[2] = size[3] = 1;
    p.l =
        random_cases::strided_layer(random,
                                    operation == depthwise ? layer_type::dsconv : layer_type::conv,
                                    size);
    if (operation == gemm) {
      p.l = layer{};
      p.l.type = layer_type::gemm;
      p.l.size = {size[0], size[1], size[2], 1, 1, 1, 1, 1};
    }
    p.a.num_pes = random.between(1, 14);
  } while (count_mappings(p.l, p.a) > most);
  const auto limit = [&](std::int64_t largest) {
    return random.below(4) == 0 ? unlimited
                                : 2 + std::int64_t{random.below(static_cast<int>(largest))};
  };
  p.a.l1_size_elems = limit(2 * random.between(3, 100));
  p.a.l2_size_elems = limit(2 * (input_elems(p.l) + filter_elems(p.l) + output_elems(p.l)));
  if (random.below(2) == 0) p.a.constants.cluster_energy_macs = 0;
  return p;
}

/// Calls `each` for every two-level mapping of a space with its filter whole: tiles 1 <= t1 <= t0
/// <= size, parallel dimensions, cluster sizes, and loop orders of the dimensions of more than one
/// index, those of one index outermost.
class mapping_enumeration {
 public:
  mapping_enumeration(const search_space& s, std::function<void(const genome&)> each)
      : space_(s), each_(std::move(each)) {}

  void run() {
    genome g;
    for (int level = 0; level < 2; ++level) {
      for (int d = 0; d < gene_dimension_count; ++d) {
        set_order(g, level, d, static_cast<dimension>(d));
        set_tile(g, level, static_cast<dimension>(d), space_.bound[static_cast<std::size_t>(d)]);
      }
    }
    tiles(g, 0);
  }

 private:
  void tiles(genome g, int d) {
    if (d == 4) return parallel(g);
    for (std::int32_t outer = 1; outer <= space_.bound[static_cast<std::size_t>(d)]; ++outer) {
      for (std::int32_t inner = 1; inner <= outer; ++inner) {
        set_tile(g, 0, static_cast<dimension>(d), outer);
        set_tile(g, 1, static_cast<dimension>(d), inner);
        tiles(g, d + 1);
      }
    }
  }

  void parallel(genome g) {
    for (int outer = 0; outer < 4; ++outer) {
      for (int inner = 0; inner < 4; ++inner) {
        if (!contains(space_.levels[0].parallel, outer)) continue;
        if (!contains(space_.levels[1].parallel, inner)) continue;
        set_parallel(g, 0, static_cast<dimension>(outer));
        set_parallel(g, 1, static_cast<dimension>(inner));
        for (std::int32_t cluster = 1; cluster <= space_.pes_max; ++cluster) {
          set_cluster_size(g, 1, cluster);
          orders(g, 0);
        }
      }
    }
  }

  void orders(genome g, int level) {
    if (level == 2) return each_(g);
    std::vector<int> fixed, free;
    for (int d = 0; d < 4; ++d) {
      (space_.bound[static_cast<std::size_t>(d)] == 1 ? fixed : free).push_back(d);
    }
    do {
      int position = 0;
      for (const int d : fixed) set_order(g, level, position++, static_cast<dimension>(d));
      for (const int d : free) set_order(g, level, position++, static_cast<dimension>(d));
      orders(g, level + 1);
    } while (std::ranges::next_permutation(free).found);
  }

  search_space space_;
  std::function<void(const genome&)> each_;
};

/// The least value of each goal over all mappings that count and that `is_in` allows.
inline std::vector<double> enumerate_least(
    const small_problem& p,
    const std::vector<objective>& goals,
    const std::function<bool(const genome&)>& is_in = [](const genome&) { return true; }) {
  std::vector<double> least(goals.size(), std::numeric_limits<double>::infinity());
  const auto scores = make_evaluator("cpu", {.model = &find_cost_model("exact")});
  std::vector<genome> waiting;
  std::vector<cost> costs;
  const auto flush = [&] {
    costs.resize(waiting.size());
    scores->evaluate({{&p.l, 1}, {&p.a, 1}, waiting}, costs);
    for (const cost& c : costs) {
      if (c.status != 0) continue;
      for (std::size_t i = 0; i < goals.size(); ++i) {
        least[i] = std::min(least[i], value(goals[i], scored_mapping{c, p.a, p.a.num_pes}));
      }
    }
    waiting.clear();
  };
  mapping_enumeration(make_search_space(p.l, p.a), [&](const genome& g) {
    if (!is_in(g)) return;
    waiting.push_back(g);
    if (waiting.size() == 1 << 14) flush();
  }).run();
  flush();
  return least;
}

}  // namespace cugamma
