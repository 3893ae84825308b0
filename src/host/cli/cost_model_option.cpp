#include "cli/cost_model_option.hpp"

#include <string_view>

#include "cli/options/values.hpp"
#include "cugamma/error.hpp"
#include "cugamma/search/checkpoint.hpp"

namespace cugamma::cli {

void add_cost_model_option(cxxopts::Options& options,
                           std::string_view otherwise,
                           const std::string& group) {
  options.add_options(group)("cost-model",
                             "what mappings cost; `cugamma models` lists the cost models",
                             cxxopts::value<std::string>()->default_value(std::string(otherwise)),
                             "NAME");
}

std::string cost_model_name(std::span<const std::string> words) {
  constexpr std::string_view option = "--cost-model";
  const std::string_view name = value_among(words, option);
  const std::string_view resumed = value_among(words, "--resume");
  if (!name.empty() || resumed.empty()) return std::string(name);
  try {
    return std::string(value_among(read_checkpoint(std::string(resumed)).arguments, option));
  } catch (const input_error&) {
    return "";  // the search says what is wrong with it
  }
}

const cost_model& cost_model_from(const cxxopts::ParseResult& given) {
  return find_cost_model(given["cost-model"].as<std::string>());
}

}  // namespace cugamma::cli
