#include "cugamma/certify/machines.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "certify/exact/problems.hpp"
#include "cugamma/error.hpp"
#include "cugamma/models/area.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::int32_t most_pes = 6;

network_search_request request_of(std::vector<network_layer> layers, objective goal) {
  network_search_request r;
  r.model = "small";
  r.layers = std::move(layers);
  r.machine.num_pes = most_pes;
  // Buffers cost a good part of an accelerator, so that both sizes matter.
  r.machine.constants.budget_pe_area_um2 = 40;
  r.search.model = &find_cost_model("exact");
  r.search.objectives = {goal};
  r.search_pes = true;
  r.threads = 2;
  return r;
}

network_search_request smallest(std::vector<network_layer> layers, double most_cycles) {
  network_search_request r = request_of(std::move(layers), objective::budget_area);
  r.search.limits = {{objective::latency, most_cycles}};
  return completed(r);
}

network_search_request fastest(std::vector<network_layer> layers, double area_um2) {
  network_search_request r = request_of(std::move(layers), objective::latency);
  r.area_budget_mm2 = area_um2 / 1e6;
  return completed(r);
}

std::vector<network_layer> random_layers(std::mt19937_64& random) {
  const auto between = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  std::vector<network_layer> layers;
  for (int i = between(1, 3); i > 0; --i) {
    layer l;
    const int r = between(1, 2), s = between(1, 2);
    l.size = {between(1, 5), between(1, 4), between(2, 5), between(2, 5), r, s, 1, 1};
    layers.push_back({"layer" + std::to_string(i), l, between(1, 3)});
  }
  return layers;
}

/// What every accelerator with few PEs takes, with all sizes of both buffers up to the largest that
/// any mapping needs.
class all_machines {
 public:
  explicit all_machines(const std::vector<network_layer>& layers) : layers_(layers) {}

  struct found {
    double value = infinite;
    double cycles = infinite;
  };

  found smallest(double most_cycles) {
    found best;
    each([&](double area, double cycles) {
      if (cycles <= most_cycles && area < best.value) best = {area, cycles};
    });
    return best;
  }

  found fastest(double most_area) {
    found best;
    each([&](double area, double cycles) {
      if (area <= most_area && cycles < best.value) best = {cycles, cycles};
    });
    return best;
  }

 private:
  template <class Visit>
  void each(const Visit& visit) {
    for (std::int32_t pes = 1; pes <= most_pes; ++pes) {
      for (const std::int64_t l1 : {4, 6, 8, 10, 12, 14, 16, 18, 40}) {
        for (std::int64_t l2 = 4; l2 <= 340; l2 += 2) {
          visit(area(pes, l1, l2), cycles(pes, l1, l2));
        }
      }
    }
  }

  static double area(std::int32_t pes, std::int64_t l1, std::int64_t l2) {
    const cost_constants k = request_of({}, objective::latency).machine.constants;
    return budget_area_um2(k, pes, l1, l2);
  }

  double cycles(std::int32_t pes, std::int64_t l1, std::int64_t l2) {
    const auto [place, is_new] = known_.try_emplace({pes, l1, l2}, 0);
    if (!is_new) return place->second;
    accelerator a;
    a.num_pes = pes;
    a.l1_size_elems = l1;
    a.l2_size_elems = l2;
    double sum = 0;
    for (const network_layer& n : layers_) {
      const proven p = prove_exactly(whole_problem(n.l, a, objective::latency));
      sum += p.lower * static_cast<double>(n.count);
    }
    return place->second = sum;
  }

  const std::vector<network_layer>& layers_;
  std::map<std::tuple<std::int32_t, std::int64_t, std::int64_t>, double> known_;
};

double work_of(const std::vector<network_layer>& layers) {
  double macs = 0;
  for (const network_layer& n : layers) {
    macs += static_cast<double>(layer_macs(n.l)) * static_cast<double>(n.count);
  }
  return macs;
}

void expect_equal(const certified_machine& m, const all_machines::found& wanted) {
  EXPECT_EQ(m.lower, m.upper);
  EXPECT_TRUE(m.is_proven);
  EXPECT_EQ(m.upper, wanted.value);
  EXPECT_EQ(m.layers.empty(), wanted.value == infinite);
}

/// The accelerator that is found is the best of all, of random small networks.
TEST(Machines, AreTheBestOfAll) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const std::vector<network_layer> layers = random_layers(random);
    all_machines all(layers);
    for (const double part : {0.24, 0.4, 0.7, 1.5}) {
      const double most = std::floor(work_of(layers) * part) + 8;
      const certified_machine m = certify_machine(smallest(layers, most));
      expect_equal(m, all.smallest(most));
      EXPECT_LE(m.layers.empty() ? 0 : m.cycles, most);
    }
    for (const double area : {60.0, 150.0, 300.0, 600.0}) {
      const certified_machine m = certify_machine(fastest(layers, area));
      expect_equal(m, all.fastest(area));
      EXPECT_LE(m.area_um2, area);
    }
  }
}

/// Every mapping of a layer on every accelerator of few PEs whose NoC holds mappings up: the least
/// area that keeps a latency, and the least latency within an area.
class all_narrow_machines {
 public:
  explicit all_narrow_machines(const network_search_request& r) {
    const auto scores = make_evaluator("cpu", {.model = r.search.model});
    const layer& l = r.layers.front().l;
    for (std::int32_t pes = 1; pes <= most_pes; ++pes) {
      accelerator a = r.machine;
      a.num_pes = pes;
      std::vector<genome> all;
      mapping_enumeration(make_search_space(l, a), [&](const genome& g) {
        all.push_back(g);
      }).run();
      std::vector<cost> costs(all.size());
      scores->evaluate({{&l, 1}, {&a, 1}, all}, costs);
      for (const cost& c : costs) {
        if (c.status != 0) continue;
        const double area = budget_area_um2(a.constants, pes, c.l1_size_elems, c.l2_size_elems);
        taken_.emplace_back(area, static_cast<double>(c.runtime_cycles));
      }
    }
  }

  double smallest(double most_cycles) const {
    double least = infinite;
    for (const auto& [area, cycles] : taken_) {
      if (cycles <= most_cycles) least = std::min(least, area);
    }
    return least;
  }
  double fastest(double most_area) const {
    double least = infinite;
    for (const auto& [area, cycles] : taken_) {
      if (area <= most_area) least = std::min(least, cycles);
    }
    return least;
  }

 private:
  std::vector<std::pair<double, double>> taken_;
};

network_search_request with_narrow_noc(network_search_request r) {
  r.machine.noc_bw = 1;
  r.machine.noc_hop_latency = 2;
  r.stop.evaluations = 500;
  return r;
}

/// Bounds of the latency leave a gap, which holds the best of all accelerators.
TEST(Machines, HoldTheBestOfAllOnNarrowNocs) {
  int gaps = 0, found = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const small_problem small = random_small_problem(11, seed, 30'000);
    SCOPED_TRACE(testing::Message() << seed << ": " << small);
    const std::vector<network_layer> layers{{"small", small.l, 1}};
    const all_narrow_machines all(with_narrow_noc(smallest(layers, 1)));
    for (const double part : {0.4, 1.0, 3.0}) {
      const double most = std::floor(work_of(layers) * part) + 8;
      const certified_machine m = certify_machine(with_narrow_noc(smallest(layers, most)));
      EXPECT_LE(m.lower, all.smallest(most));
      EXPECT_GE(m.upper, all.smallest(most));
      EXPECT_LE(m.layers.empty() ? 0 : m.cycles, most);
      gaps += m.lower < m.upper ? 1 : 0;
      found += m.layers.empty() ? 0 : 1;
    }
    for (const double area : {80.0, 200.0, 500.0}) {
      const certified_machine m = certify_machine(with_narrow_noc(fastest(layers, area)));
      EXPECT_LE(m.lower, all.fastest(area));
      EXPECT_GE(m.upper, all.fastest(area));
      EXPECT_LE(m.area_um2, area);
      gaps += m.lower < m.upper ? 1 : 0;
      found += m.layers.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(gaps, 5) << "NoCs that hold nothing up test nothing";
  EXPECT_GT(found, 20);
}

/// The figures of the accelerator are those of its mappings.
TEST(Machines, KeepWhatTheirMappingsTake) {
  std::mt19937_64 random(7);
  const std::vector<network_layer> layers = random_layers(random);
  const certified_machine m = certify_machine(smallest(layers, work_of(layers)));
  ASSERT_EQ(m.layers.size(), layers.size());
  double cycles = 0;
  for (const layer_on_machine& l : m.layers) {
    EXPECT_EQ(l.figures.figures.status, 0u) << l.name;
    EXPECT_LE(l.figures.figures.l1_size_elems, m.machine.l1_size_elems);
    EXPECT_LE(l.figures.figures.l2_size_elems, m.machine.l2_size_elems);
    cycles += static_cast<double>(l.figures.figures.runtime_cycles * l.count);
  }
  EXPECT_EQ(cycles, m.cycles);
  EXPECT_EQ(m.upper, m.area_um2);
}

/// A proof that is stopped claims no more than what it has been through.
TEST(Machines, AreNotProvedWithoutTime) {
  std::mt19937_64 random(3);
  const std::vector<network_layer> layers = random_layers(random);
  for (const auto& request : {smallest(layers, work_of(layers)),
                              with_narrow_noc(smallest(layers, 2 * work_of(layers))),
                              with_narrow_noc(fastest(layers, 300))}) {
    const certified_machine whole = certify_machine(request);
    for (int turns = 0; turns < 12; ++turns) {
      std::atomic<int> asked = 0;
      certify_options options;
      options.interrupted = [&] { return ++asked > turns; };
      const certified_machine m = certify_machine(request, options);
      EXPECT_LE(m.lower, whole.upper) << turns;
      EXPECT_GE(m.upper, whole.lower) << turns;
    }
  }
}

std::string refusal_of(const network_search_request& request) {
  try {
    expect_certifiable_machine(completed(request));
  } catch (const input_error& error) {
    return error.what();
  }
  return "";
}

TEST(Machines, AreRefusedByName) {
  const std::vector<network_layer> layers{{"a", layer{.size = {4, 4, 4, 4, 1, 1, 1, 1}}, 1}};
  network_search_request r = request_of(layers, objective::budget_area);
  EXPECT_NE(refusal_of(r).find("--limit latency=CYCLES is missing"), std::string::npos);
  r.search.limits = {{objective::energy, 3}};
  EXPECT_NE(refusal_of(r).find("found energy, expected latency"), std::string::npos);
  r.search.limits = {{objective::latency, 100}};
  EXPECT_EQ(refusal_of(r), "");
  r.machine.noc_bw = 2;
  EXPECT_EQ(refusal_of(r), "");
  r = request_of(layers, objective::latency);
  EXPECT_NE(refusal_of(r).find("--area-budget is missing"), std::string::npos);
  r = request_of(layers, objective::edp);
  EXPECT_NE(refusal_of(r).find("objective EDP"), std::string::npos);
  r = request_of(layers, objective::budget_area);
  r.search.limits = {{objective::latency, 100}};
  r.search.model = &find_cost_model("maestro");
  EXPECT_NE(refusal_of(r).find("cost model maestro"), std::string::npos);
}

}  // namespace
}  // namespace cugamma
