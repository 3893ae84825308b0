#include "cli/cost_model_option.hpp"

#include <string>

namespace cugamma::cli {

void add_cost_model_option(cxxopts::Options& options, std::string_view otherwise) {
  options.add_options()("cost-model",
                        "what mappings cost; `cugamma models` lists the cost models",
                        cxxopts::value<std::string>()->default_value(std::string(otherwise)),
                        "NAME");
}

const cost_model& cost_model_from(const cxxopts::ParseResult& given) {
  return find_cost_model(given["cost-model"].as<std::string>());
}

}  // namespace cugamma::cli
