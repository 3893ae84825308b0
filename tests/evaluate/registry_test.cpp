#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"

namespace cugamma {
namespace {

std::string message_of(const std::string& name) {
  try {
    make_evaluator(name);
  } catch (const input_error& e) {
    return e.what();
  }
  return "";
}

TEST(Registry, UnknownNameFailsAndNamesTheKnownOnes) {
  const std::string message = message_of("quantum");
  EXPECT_NE(message.find("back end 'quantum' is not known"), std::string::npos) << message;
  for (const std::string& known : known_evaluators()) {
    EXPECT_NE(message.find(known), std::string::npos) << message;
  }
  EXPECT_NE(message_of("gpu").find("cpu"), std::string::npos) << message_of("gpu");
  EXPECT_THROW(evaluator_obstacle("gpu"), input_error);
}

TEST(Registry, ABackEndThatCannotRunFailsWithItsObstacle) {
  for (const std::string& name : known_evaluators()) {
    const auto obstacle = evaluator_obstacle(name);
    if (!obstacle) continue;
    try {
      make_evaluator(name);
      FAIL() << name << " was made in spite of: " << *obstacle;
    } catch (const backend_error& e) {
      EXPECT_NE(std::string(e.what()).find(*obstacle), std::string::npos) << e.what();
    }
  }
}

TEST(Registry, AvailableAreTheKnownWithoutObstacle) {
  const auto available = available_evaluators();
  for (const std::string& name : known_evaluators()) {
    EXPECT_EQ(std::ranges::count(available, name), evaluator_obstacle(name) ? 0 : 1) << name;
  }
}

TEST(Registry, RefusesNegativeThreads) {
  for (const std::string& name : available_evaluators()) {
    try {
      make_evaluator(name, {.threads = -1});
      FAIL() << name << " was made with -1 threads";
    } catch (const input_error& e) {
      EXPECT_STREQ(e.what(), "threads: found -1, expected 0 or more");
    }
  }
}

TEST(Registry, EvaluatorsRefuseWhatNobodyHas) {
  layer l;
  accelerator a;
  const genome g;
  cost c;
  const auto message = [&](std::string_view name) {
    try {
      make_evaluator(name)->evaluate({{&l, 1}, {&a, 1}, {&g, 1}}, {&c, 1});
    } catch (const input_error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  for (const std::string& name : available_evaluators()) {
    SCOPED_TRACE(name);
    EXPECT_EQ(message(name), "no error");
    a.noc_hop_latency = -1;
    EXPECT_EQ(message(name),
              "evaluate: accelerator 0: noc_hop_latency: found -1, expected 0 or more");
    a = {};
    a.constants.mac_energy_nj = std::numeric_limits<double>::infinity();
    EXPECT_EQ(message(name),
              "evaluate: accelerator 0: constants: found inf, expected finite numbers");
    a = {};
    for (const std::int32_t size : {0, -7, 2147483647}) {
      l = {};
      l.size = {size, size, size, 1, 1, 1, 1, 1};
      EXPECT_EQ(message(name), "evaluate: layer 0 has a size below 1, or counts of 2^53 and more");
    }
    l = {};
  }
}

}  // namespace
}  // namespace cugamma
