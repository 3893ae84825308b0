#include <gtest/gtest.h>

#include <algorithm>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"

namespace cugamma {
namespace {

TEST(Registry, UnknownNameFailsAndNamesTheKnownOnes) {
  try {
    make_evaluator("gpu");
    FAIL() << "an unknown back end was made";
  } catch (const input_error& e) {
    EXPECT_NE(std::string(e.what()).find("back end 'gpu' is not known"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find("cuda"), std::string::npos);
  }
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

}  // namespace
}  // namespace cugamma
