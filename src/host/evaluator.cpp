#include "cugamma/evaluator.hpp"

#include <fmt/format.h>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

bool has_genome_form(const layer& l) {
  using enum dimension;
  const bool type_ok =
      l.type == layer_type::conv || l.type == layer_type::dsconv || l.type == layer_type::gemm;
  return type_ok && l.stride_y == 1 && l.stride_x == 1 && l[N] == 1 && l[G] == 1;
}

void check(const batch& b, std::size_t out_size) {
  if (b.genomes.size() != out_size) {
    throw input_error(
        fmt::format("evaluate: {} costs for {} mappings", out_size, b.genomes.size()));
  }
  for (std::size_t i = 0; i < b.layers.size(); ++i) {
    if (!has_genome_form(b.layers[i])) {
      throw input_error(fmt::format(
          "evaluate: layer {} is not a unit-stride CONV, DSCONV or GEMM without batch and groups",
          i));
    }
  }
  for (std::size_t i = 0; i < b.genomes.size(); ++i) {
    const genome& g = b.genomes[i];
    if (g.layer_index >= b.layers.size() || g.accelerator_index >= b.accelerators.size()) {
      throw input_error(fmt::format(
          "evaluate: mapping {} names layer {} and accelerator {}, the batch has {} and {}",
          i,
          g.layer_index,
          g.accelerator_index,
          b.layers.size(),
          b.accelerators.size()));
    }
  }
}

}  // namespace

void evaluator::evaluate(const batch& b, std::span<cost> out) {
  check(b, out.size());
  if (!out.empty()) do_evaluate(b, out);
}

std::vector<std::string> available_evaluators() { return {}; }

std::unique_ptr<evaluator> make_evaluator(std::string_view name, const evaluator_options&) {
  throw input_error(fmt::format("back end '{}' is not known", name));
}

}  // namespace cugamma
