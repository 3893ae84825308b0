#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/options/values.hpp"
#include "cli/program.hpp"

/// Values of options: numbers without tails, times with units, extremes, nothing at all.
namespace cugamma {
namespace {

namespace fs = std::filesystem;

constexpr const char* search = "$C search --model vgg16 --layer 1 --log-level 0 ";

class OptionsCli : public testing::Test {
 protected:
  program_result run(const std::string& lines) const { return run_script(folder_, lines); }

  void expect_refused(const std::string& command, const std::string& message) const {
    const program_result r = run(command);
    EXPECT_EQ(r.exit_code, 1) << command << r.err;
    EXPECT_NE(r.err.find(message), std::string::npos) << command << ": " << r.err;
    EXPECT_EQ(r.out, "") << command;
  }

  scratch_folder folder_;
};

TEST(OptionValues, ANumberHasNoTail) {
  using cli::real_from;
  using cli::whole_from;
  EXPECT_EQ(whole_from<int>("12", "x"), 12);
  EXPECT_EQ(whole_from<int>("-3", "x", -5), -3);
  EXPECT_EQ(real_from("2.5e1", "x", 0), 25);
  for (const char* text :
       {"12x", "1.5", "0x10", " 1", "1 ", "+1", "1e3", "", "-", "1,000", "\xd9\xa1"}) {
    EXPECT_THROW(whole_from<int>(text, "x"), input_error) << text;
  }
  for (const char* text : {"2,9", "1.5xyz", "nan", "inf", "1e400", "0x1p3", " 1", "", "-1", "1s"}) {
    EXPECT_THROW(real_from(text, "x", 0), input_error) << text;
  }
  EXPECT_THROW(whole_from<int>("2147483648", "x"), input_error);
  EXPECT_THROW(whole_from<std::uint64_t>("-1", "x"), input_error);
  EXPECT_THROW(whole_from<int>("4", "x", 5, 9), input_error);
}

TEST(OptionValues, ATimeSaysItsUnit) {
  const auto seconds = [](const char* text) { return cli::seconds_from(text, "x"); };
  EXPECT_EQ(seconds("0"), 0);
  EXPECT_EQ(seconds("1.5"), 1.5);
  EXPECT_EQ(seconds("10s"), 10);
  EXPECT_EQ(seconds("1m"), 60);
  EXPECT_EQ(seconds("5min"), 300);
  EXPECT_EQ(seconds("1h30m"), 5400);
  EXPECT_EQ(seconds("1.5h"), 5400);
  EXPECT_EQ(seconds("2d"), 172800);
  EXPECT_EQ(seconds("250ms"), 0.25);
  EXPECT_EQ(seconds("1e30"), 1e30);
  for (const char* text :
       {"", "s", "1x", "1m5", "1 m", "m1", "-1", "-1s", "nan", "inf", "1e400", "1mm", "0.2x"}) {
    EXPECT_THROW(seconds(text), input_error) << text;
  }
}

TEST_F(OptionsCli, TailsAreRefusedByEveryNumber) {
  for (const char* option :
       {"time-limit",      "evaluations",  "generations",        "population",       "seed",
        "threads",         "islands",      "migration-interval", "checkpoint-every", "levels-min",
        "levels-max",      "cluster-size", "log-level",          "noc-bw",           "noc-hops",
        "noc-hop-latency", "offchip-bw",   "simd-lanes",         "num-pes",          "l1-size",
        "l2-size",         "area-budget"}) {
    expect_refused(std::string("$C search --model vgg16 --layer 1 --") + option + " 2,9",
                   std::string("--") + option + ": found 2,9, expected");
  }
  expect_refused("$C compare --model vgg16 --seconds 0.2x", "--seconds: found 0.2x");
  expect_refused("$C compare --model vgg16 --seeds 2x", "--seeds: found 2x");
  expect_refused("$C bench --populations 10x", "--populations: found 10x");
  expect_refused("$C bench --populations 10 --sample 1x", "--sample: found 1x");
  expect_refused("$C validate --count 5x", "--count: found 5x");
  expect_refused(search + std::string("--pareto latency,energy --reference 1,2x"),
                 "--reference: found 2x");
}

TEST_F(OptionsCli, ATimeLimitMeansWhatItSays) {
  const program_result r = run(search + std::string("--time-limit 300ms --format json"));
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_NE(r.out.find("\"time_limit_seconds\": 0.3"), std::string::npos);
  const program_result minute =
      run(search + std::string("--time-limit 1m --evaluations 50 --format json"));
  EXPECT_NE(minute.out.find("\"time_limit_seconds\": 60"), std::string::npos);
}

TEST_F(OptionsCli, NeverIsNever) {
  const auto files = [&](const std::string& every) {
    EXPECT_EQ(run(search + std::string("--evaluations 3000 --checkpoint ck") + every +
                  " --checkpoint-every " + every)
                  .exit_code,
              0);
    return fs::exists(folder_ / ("ck" + every + "/checkpoint.previous.bin"));
  };
  EXPECT_TRUE(files("0"));
  for (const char* every : {"1e6", "1e30", "1e300", "100000000d"}) {
    EXPECT_FALSE(files(every)) << "one checkpoint, after the first generation: " << every;
  }
}

TEST_F(OptionsCli, ExtremesEndInAMessage) {
  const std::string begin = search;
  expect_refused(begin + "--threads 2147483647", "--threads: found 2147483647, expected 0 to 4096");
  expect_refused(begin + "--population 99999999999999999999", "expected 2 to 9223372036854775807");
  expect_refused(begin + "--evaluations 99999999999999999999", "expected 1 to");
  expect_refused(begin + "--selection tournament --tournament-size 2147483647",
                 "--tournament-size: found 2147483647, expected 1 to 10000");
  expect_refused(begin + "--noc-hops 2147483647 --noc-hop-latency 2147483647",
                 "found 4611686014132420609 cycles, expected 2147483647 or less");
  folder_.write("hops.m", "noc_hops: 2000000000\nnoc_hop_latency: 2\n");
  expect_refused(begin + "--hw hops.m", "found 4000000000 cycles");
  expect_refused("$C evaluate x.m --noc-hops 2147483647 --noc-hop-latency 3", "cycles");
  expect_refused(begin + "--population 1000000000000",
                 "1000000000000 individuals (population) take about 2.33e+05 GiB");
  expect_refused("$C compare --model vgg16 --layer 1 --seeds 10000 --population 1000000000",
                 "individuals");
  expect_refused("$C compare --model vgg16 --layer 1 --seeds 2147483647", "--seeds: found");
  expect_refused("$C bench --threads 100000", "--threads: found 100000");
  expect_refused("$C validate --threads -1", "--threads: found -1");
}

TEST_F(OptionsCli, AnEmptyValueIsAnError) {
  for (const char* option : {"out",
                             "checkpoint",
                             "resume",
                             "model",
                             "accelerator",
                             "init",
                             "constraint",
                             "layer",
                             "format"}) {
    expect_refused(search + std::string("--") + option + " ''",
                   std::string("--") + option + ": found an empty value");
    expect_refused(search + std::string("--") + option + "=",
                   std::string("--") + option + ": found an empty value");
  }
  expect_refused("$C evaluate ''", "empty value");
  expect_refused("$C evaluate x.m -o ''", "--output: found an empty value");
  expect_refused("$C report '' -o x", "empty value");
  expect_refused("$C flexibility --model vgg16 --constraint dla --out ''", "--out: found an empty");
}

TEST_F(OptionsCli, OptionsWithoutEffectAreSaid) {
  const std::string begin = search;
  expect_refused(begin + "--pe-limit -5", "--pe-limit: needs --num-pes search");
  expect_refused("$C flexibility --model vgg16 --constraint dla --checkpoint-every 5",
                 "--checkpoint-every is for cugamma search");
  expect_refused("$C compare --model vgg16 --devices all", "--devices is for search alone");
  expect_refused("$C compare --model vgg16 --migration-interval 2", "is for search alone");
  expect_refused("$C validate --count 5 stray", "found \"stray\"");
  expect_refused("$C bench stray", "found \"stray\"");
  const program_result r =
      run(begin + "--migration-interval 5 --evaluations 50 --evaluations 100 --checkpoint-every 5");
  EXPECT_EQ(r.exit_code, 0);
  EXPECT_NE(r.err.find("--migration-interval has no effect"), std::string::npos) << r.err;
  EXPECT_NE(r.err.find("--checkpoint-every has no effect"), std::string::npos) << r.err;
  EXPECT_NE(r.err.find("--evaluations is given more than once"), std::string::npos) << r.err;
  EXPECT_NE(r.out.find("evaluations   100"), std::string::npos);
  const program_result two = run(begin + "--migration-interval 5 --islands 2 --evaluations 100");
  EXPECT_EQ(two.err, "");
}

/// The examples at the end of a command's help, without the program's name.
std::vector<std::string> examples_in(const std::string& help) {
  std::vector<std::string> all;
  std::istringstream lines(help.substr(help.find("\nExamples:\n") + 1));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  cugamma ")) all.push_back(line.substr(10));
  }
  return all;
}

TEST_F(OptionsCli, ExamplesOfTheHelpWork) {
  folder_.write("net.csv", "name,type,K,C,Y,X,R,S\nfirst,CONV,8,3,16,16,3,3\n");
  ASSERT_EQ(run("$C search --model vgg16 --layer 1 --accelerator edge --evaluations 60 --out out "
                "--log-level 0")
                .exit_code,
            0);
  // First what needs the mapping of that search, which the next one into its folder replaces.
  for (const auto& [command, small] : {std::pair{"evaluate", ""},
                                       {"search", " --evaluations 60 --log-level 0"},
                                       {"sweep", " --evaluations 500 --log-level 0"},
                                       {"flexibility", " --evaluations 60 --log-level 0"},
                                       {"compare", " --evaluations 60 --seeds 1 --seconds 0"}}) {
    const auto examples = examples_in(run(fmt::format("$C {} --help", command)).out);
    EXPECT_EQ(examples.size(), 3u) << command;
    for (const std::string& example : examples) {
      const program_result r = run(fmt::format("$C {}{}", example, small));
      EXPECT_EQ(r.exit_code, 0) << example << ": " << r.err;
    }
  }
}

TEST_F(OptionsCli, EveryOptionStandsInAGroup) {
  const std::string help = run("$C search --help").out;
  for (const auto& [group, next, option] :
       {std::tuple{"Search", "Mappings", "--cost-model"},
        {"Search", "Mappings", "--limit"},
        {"Search", "Mappings", "--init"},
        {"Hardware search (--num-pes search, docs/networks.md)", "Proof", "--area-budget"}}) {
    const auto begin = help.find(fmt::format("\n {} options:\n", group));
    const auto end = help.find(fmt::format("\n {} options:\n", next));
    const auto found = help.find(fmt::format("      {} ", option));
    EXPECT_TRUE(begin < found && found < end) << option << " in\n" << help;
  }
}

TEST_F(OptionsCli, AWordThatIsNoOptionIsRefusedByItsCommand) {
  for (const char* command : {"search", "sweep", "compare", "flexibility", "certify", "validate"}) {
    expect_refused(fmt::format("$C {} --threads 1 net.csv", command),
                   fmt::format("{}: found \"net.csv\", expected only options", command));
  }
}

}  // namespace
}  // namespace cugamma
