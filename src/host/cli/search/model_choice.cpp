#include "cli/search/model_choice.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"

namespace cugamma::cli {
namespace {

constexpr std::array<std::string_view, 12> gamma_spellings{"fitness1",
                                                           "fitness2",
                                                           "num_pop",
                                                           "epochs",
                                                           "outdir",
                                                           "singlelayer",
                                                           "slevel_min",
                                                           "slevel_max",
                                                           "fixedCluster",
                                                           "parRS",
                                                           "use_factor",
                                                           "log_level"};

/// Those of the accelerator, and those of them that say what its NoC and memory are.
constexpr std::array<std::string_view, 3> gamma_sizes{"num_pe", "l1_size", "l2_size"};
constexpr std::array<std::string_view, 3> own_accelerator{"accelerator", "hw", "hwconfig"};
constexpr std::array<std::string_view, 2> noc_options{"noc-bw", "NocBW"};
constexpr std::array<std::string_view, 2> memory_options{"offchip-bw", "offchipBW"};

/// The name in "--name" or "--name=value"; empty for another word.
std::string_view option_name(std::string_view word) {
  if (!word.starts_with("--")) return "";
  return word.substr(2, word.find('=') - 2);
}

}  // namespace

cxxopts::ParseResult parse_search_arguments(cxxopts::Options& options,
                                            int argc,
                                            char** argv,
                                            bool is_told) {
  std::vector<const char*> words(argv, argv + argc);
  const auto has_any_of = [&](std::span<const std::string_view> names) {
    return std::ranges::any_of(words, [&](const char* word) {
      return std::ranges::find(names, option_name(word)) != names.end();
    });
  };
  constexpr std::array<std::string_view, 1> cost_model{"cost-model"}, resumed{"resume"};
  const bool is_gammas = has_any_of(gamma_spellings);
  const bool has_accelerator = has_any_of(own_accelerator) || has_any_of(resumed);
  if ((is_gammas || has_any_of(gamma_sizes)) && !has_accelerator) {
    // GAMMA's defaults.
    if (!has_any_of(noc_options)) words.push_back("--noc-bw=81920000");
    if (!has_any_of(memory_options)) words.push_back("--offchip-bw=81920000");
  }
  if (is_gammas && !has_any_of(cost_model)) words.push_back("--cost-model=maestro");
  cxxopts::ParseResult given = parse_options(options, static_cast<int>(words.size()), words.data());
  if (given.count("help") > 0) return given;
  refuse_arguments(given, argv[0]);
  refuse_empty(given);
  if (is_told) say_repeated(given);
  return given;
}

void warn_of_belief(const network_search_request& request) {
  const search_options& search = request.search;
  if (search.trust == belief::strict || search.model->doubts.empty()) return;
  say("cugamma: {}'s figures of winners are usually wrong under --believe {}, since a search "
      "finds where the model miscounts; see docs/truth.md\n",
      search.model->name,
      search.trust == belief::maestro ? "maestro" : "plausible");
}

}  // namespace cugamma::cli
