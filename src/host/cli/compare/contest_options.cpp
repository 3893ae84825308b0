#include "cli/compare/contest_options.hpp"

#include <fmt/format.h>

#include <vector>

#include "cli/certify/proof_options.hpp"
#include "cli/options/values.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

constexpr int most_seeds = 10000;

}  // namespace

void add_contest_options(cxxopts::Options& options,
                         const std::string& algorithms,
                         const std::string& proved) {
  auto add = options.add_options("Compare");
  add("algorithms", algorithms, cxxopts::value<std::vector<std::string>>(), "LIST");
  add("seeds", "searches an algorithm, from --seed on", value_of(contest_size{}.seeds), "N");
  add("seconds",
      "compare at equal time as well, each search with so many seconds, or a time such as 1m",
      value_of(contest_size{}.seconds),
      "S");
  add("prove",
      fmt::format("prove the optimum of each {} as well, within --time-limit for all of them, and "
                  "tell how far medians are above it; exit status 4: not proven",
                  proved));
  add_gap_option(options, "Compare");
}

contest_size contest_size_from(const cxxopts::ParseResult& given) {
  return {whole_option<int>(given, "seeds", 1, most_seeds),
          seconds_from(text_of(given, "seconds"), "seconds")};
}

void refuse_search_options(const cxxopts::ParseResult& given,
                           std::initializer_list<const char*> of_search) {
  for (const char* option : of_search) {
    if (given.count(option) == 0) continue;
    throw input_error(fmt::format("compare: --{} is for search alone", option));
  }
  if (given.count("prove") > 0) return;
  for (const char* option : {"time-limit", "gap"}) {
    if (given.count(option) == 0) continue;
    throw input_error(fmt::format("compare: --{}: needs --prove", option));
  }
}

}  // namespace cugamma::cli
