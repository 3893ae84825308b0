#include "cli/cost_model_option.hpp"

#include <string>

namespace cugamma::cli {

void add_cost_model_option(cxxopts::Options& options) {
  options.add_options()(
      "cost-model",
      "what mappings cost; `cugamma models` lists the cost models",
      cxxopts::value<std::string>()->default_value(std::string(default_cost_model)),
      "NAME");
}

const cost_model& cost_model_from(const cxxopts::ParseResult& given) {
  return find_cost_model(given["cost-model"].as<std::string>());
}

}  // namespace cugamma::cli
