#include <gtest/gtest.h>

#include <string>

#include "cugamma/error.hpp"
#include "cugamma/search/optimisers.hpp"

// Linked with a registry that was compiled without pagmo.

namespace cugamma {
namespace {

std::string refusal(const std::string& algorithm) {
  layer l;
  l.size = {64, 32, 28, 28, 3, 3, 1, 1};
  const accelerator a;
  try {
    make_search(algorithm, make_search_space(l, a), a, {});
  } catch (const input_error& e) {
    return e.what();
  }
  return "";
}

TEST(NoPagmo, ItsAlgorithmsAreRefusedWithThePackagesName) {
  for (const char* name : {"ga", "pso", "de", "cmaes", "nsga2", "portfolio"}) {
    EXPECT_NE(refusal(name).find("libpagmo-dev"), std::string::npos) << name;
    EXPECT_TRUE(algorithm_obstacle(name)) << name;
  }
}

TEST(NoPagmo, TheOthersRun) {
  for (const char* name : {"gamma", "gamma-plain", "random", "es"}) {
    EXPECT_EQ(refusal(name), "") << name;
    EXPECT_FALSE(algorithm_obstacle(name)) << name;
  }
}

}  // namespace
}  // namespace cugamma
