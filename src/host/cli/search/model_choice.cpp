#include "cli/search/model_choice.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

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

/// The name in "--name" or "--name=value"; empty for another word.
std::string_view option_name(std::string_view word) {
  if (!word.starts_with("--")) return "";
  return word.substr(2, word.find('=') - 2);
}

}  // namespace

cxxopts::ParseResult parse_search_arguments(cxxopts::Options& options, int argc, char** argv) {
  std::vector<const char*> words(argv, argv + argc);
  const auto names_model = [](const char* w) { return option_name(w) == "cost-model"; };
  const auto is_gammas = [](const char* w) {
    return std::ranges::find(gamma_spellings, option_name(w)) != gamma_spellings.end();
  };
  if (std::ranges::any_of(words, is_gammas) && std::ranges::none_of(words, names_model)) {
    words.push_back("--cost-model=maestro");
  }
  return options.parse(static_cast<int>(words.size()), words.data());
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
