// Reads what ptxas printed when the kernels were built: no GPU is needed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace cugamma {
namespace {

struct kernel_resources {
  std::string kernel;
  std::string architecture;
  int stack_bytes = 0;
  int spill_bytes = 0;
  int registers = 0;
};

std::vector<kernel_resources> read_resources(std::istream& log) {
  static const std::regex entry("Compiling entry function '(\\S+)' for '(\\S+)'");
  static const std::regex frame(
      "(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
  static const std::regex used("Used (\\d+) registers");
  std::vector<kernel_resources> found;
  std::string line;
  std::smatch m;
  while (std::getline(log, line)) {
    if (std::regex_search(line, m, entry)) found.push_back({.kernel = m[1], .architecture = m[2]});
    if (found.empty()) continue;
    if (std::regex_search(line, m, frame)) {
      found.back().stack_bytes = std::stoi(m[1]);
      found.back().spill_bytes = std::stoi(m[2]) + std::stoi(m[3]);
    }
    if (std::regex_search(line, m, used)) found.back().registers = std::stoi(m[1]);
  }
  return found;
}

TEST(KernelResources, ReadsWhatPtxasPrints) {
  std::istringstream log(
      "ptxas info    : Compiling entry function 'k' for 'sm_90'\n"
      "ptxas info    : Function properties for k\n"
      "    8 bytes stack frame, 4 bytes spill stores, 12 bytes spill loads\n"
      "ptxas info    : Used 42 registers, used 1 barriers\n");
  const auto found = read_resources(log);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].architecture, "sm_90");
  EXPECT_EQ(found[0].stack_bytes, 8);
  EXPECT_EQ(found[0].spill_bytes, 16);
  EXPECT_EQ(found[0].registers, 42);
}

/// A kernel that scores a mapping a thread: the launcher's log of its build.
class ScoreKernel : public testing::TestWithParam<const char*> {};

TEST_P(ScoreKernel, NeitherSpillsNorUsesStack) {
  std::ifstream log(GetParam());
  ASSERT_TRUE(log) << GetParam() << " is missing: rebuild the kernel";
  const auto found = read_resources(log);
  ASSERT_FALSE(found.empty()) << "no kernel in " << GetParam();
  for (const kernel_resources& k : found) {
    fmt::print("{} {}: {} registers, {} bytes stack, {} bytes spilled\n",
               k.kernel,
               k.architecture,
               k.registers,
               k.stack_bytes,
               k.spill_bytes);
    EXPECT_EQ(k.stack_bytes, 0) << k.kernel << " " << k.architecture;
    EXPECT_EQ(k.spill_bytes, 0) << k.kernel << " " << k.architecture;
    EXPECT_GT(k.registers, 0) << k.kernel << " " << k.architecture;
  }
}

INSTANTIATE_TEST_SUITE_P(Models,
                         ScoreKernel,
                         testing::Values(CUGAMMA_MAESTRO_RESOURCES, CUGAMMA_EXACT_RESOURCES),
                         [](const auto& test) { return test.index == 0 ? "maestro" : "exact"; });

}  // namespace
}  // namespace cugamma
