#include "cugamma/evaluate/objective.hpp"

#include <gtest/gtest.h>

#include "cugamma/error.hpp"
#include "cugamma/mapping/genome.hpp"

namespace cugamma {
namespace {

constexpr double energy = 0.25;
constexpr double csv_energy = 0.125;

// 8 PEs, with figures chosen by hand.
struct hand_made {
  genome g;
  cost c;
  accelerator a;

  hand_made() {
    a.num_pes = 8;
    a.noc_bw = 1;
    c.runtime_cycles = 10;
    c.num_macs = 24;
    c.energy_nj = energy;
    c.second_energy_nj = csv_energy;
    c.l1_size_elems = 20;
    c.l2_size_elems = 100;
  }
  scored_mapping scored() const { return {c, a, pes_of(g, a)}; }
  double of(objective o) const { return figure(o, scored()); }
};

// 8 PEs of 283 + 0.104 x 20, L2 0.104 x 100, bus and arbiter.
constexpr double bus = 14.662 * 8 + 28.895;
constexpr double arbiter = 1.2886 * 64 + 5.5814 * 8 - 23.711;
constexpr double area = (283 + 2.08) * 8 + 10.4 + 101.7938 * bus + 395.473 * arbiter;

TEST(Objective, FiguresOfAHandMadeMapping) {
  const hand_made m;
  EXPECT_DOUBLE_EQ(m.of(objective::latency), 10);
  EXPECT_DOUBLE_EQ(m.of(objective::energy), energy);
  EXPECT_DOUBLE_EQ(m.of(objective::edp), energy * 10);
  EXPECT_DOUBLE_EQ(m.of(objective::maestro_energy), csv_energy);
  EXPECT_DOUBLE_EQ(m.of(objective::maestro_edp), csv_energy * 10);
  EXPECT_DOUBLE_EQ(m.of(objective::area), area);
  EXPECT_DOUBLE_EQ(m.of(objective::lap), area * 10);
  EXPECT_DOUBLE_EQ(m.of(objective::lalp), area * 100);
  EXPECT_DOUBLE_EQ(m.of(objective::eap), area * energy);
  EXPECT_DOUBLE_EQ(m.of(objective::throughput), 2.4);
  EXPECT_DOUBLE_EQ(m.of(objective::l1_size), 20);
  EXPECT_DOUBLE_EQ(m.of(objective::l2_size), 100);
  EXPECT_DOUBLE_EQ(m.of(objective::l_pe), 80);
  EXPECT_DOUBLE_EQ(m.of(objective::l_pe_l2), 8000);
  EXPECT_DOUBLE_EQ(m.of(objective::pe), 8);
  EXPECT_DOUBLE_EQ(m.of(objective::budget_area), 282 * 8 + 0.688 * (20 * 8 + 100));
  const double power = 1.2223 * 8 + 0.00345 * 20 * 8 + 0.00345 * 100 + 0.8 * bus / 1000 + 0.34;
  EXPECT_NEAR(m.of(objective::power), power, 1e-12);
}

TEST(Objective, OwnPesReplaceTheAccelerators) {
  hand_made m;
  set_own_pes(m.g, 5);
  EXPECT_DOUBLE_EQ(m.of(objective::pe), 5);
  EXPECT_DOUBLE_EQ(m.of(objective::l_pe), 50);
}

TEST(Objective, OnlyThroughputIsMaximised) {
  const hand_made m;
  for (int i = 0; i < objective_count; ++i) {
    const auto o = static_cast<objective>(i);
    const double v = value(o, m.scored());
    EXPECT_EQ(v, o == objective::throughput ? -m.of(o) : m.of(o)) << name_of(o);
    EXPECT_EQ(figure_of_value(o, v), m.of(o));
  }
}

TEST(Objective, NamesReadBack) {
  for (int i = 0; i < objective_count; ++i) {
    const auto o = static_cast<objective>(i);
    EXPECT_EQ(parse_objectives(name_of(o)), std::vector{o});
  }
  EXPECT_EQ(parse_objectives("Latency, edp,L_PE"),
            (std::vector{objective::latency, objective::edp, objective::l_pe}));
}

TEST(Objective, UnknownNamesAreRefusedWithTheKnownOnes) {
  try {
    parse_objectives("latency,speed");
    FAIL() << "accepted";
  } catch (const input_error& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("'speed'"), std::string::npos);
    EXPECT_NE(text.find("maestro-EDP"), std::string::npos);
  }
  EXPECT_THROW(parse_objectives(""), input_error);
  EXPECT_THROW(parse_objectives("latency,,energy"), input_error);
  EXPECT_THROW(parse_objectives("latency,energy,power,area,pe"), input_error);
}

}  // namespace
}  // namespace cugamma
