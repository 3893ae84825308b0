#include "cugamma/evaluate/evaluator.hpp"

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

#include <algorithm>
#include <array>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/ranking.hpp"
#include "evaluate/back_end.hpp"
#include "files/did_you_mean.hpp"
#include "problem/layer_limits.hpp"

namespace cugamma {
namespace {

bool has_genome_form(const layer& l, bool takes_strides) {
  using enum dimension;
  const bool type_ok =
      l.type == layer_type::conv || l.type == layer_type::dsconv || l.type == layer_type::gemm;
  const bool stride_ok = takes_strides || (l.stride_y == 1 && l.stride_x == 1);
  return type_ok && stride_ok && l[N] == 1 && l[G] == 1;
}

// Sizes below 1, or counts that are not exact, would not be computed with.
bool has_sizes(const layer& l) {
  return std::ranges::all_of(l.size, [](std::int32_t size) { return size >= 1; }) &&
         !uncountable(l);
}

void check_accelerators(const batch& b) {
  for (std::size_t i = 0; i < b.accelerators.size(); ++i) {
    try {
      check(b.accelerators[i]);
    } catch (const input_error& e) {
      throw input_error(fmt::format("evaluate: accelerator {}: {}", i, e.what()));
    }
  }
}

// The first mapping whose layer or accelerator is not in the tables, or the number of mappings.
std::size_t first_out_of_range(const batch& b) {
  using range = tbb::blocked_range<std::size_t>;
  const std::size_t count = b.genomes.size();
  const auto look = [&](const range& r, std::size_t first) {
    for (std::size_t i = r.begin(); i < std::min(r.end(), first); ++i) {
      const genome& g = b.genomes[i];
      if (g.layer_index >= b.layers.size() || g.accelerator_index >= b.accelerators.size())
        return i;
    }
    return first;
  };
  const auto earlier = [](std::size_t a, std::size_t c) { return std::min(a, c); };
  return tbb::parallel_reduce(range(0, count, std::size_t{1} << 16), count, look, earlier);
}

// The fastest last: "auto" takes the last that can run.
constexpr std::array back_ends{
    back_end{"reference", no_obstacle, has_every_model, no_devices, make_reference_evaluator},
    back_end{"cpu", no_obstacle, has_host_scoring, no_devices, make_cpu_evaluator},
    back_end{"cuda",
             cuda_back_end_obstacle,
             has_device_scoring,
             cuda_device_count,
             make_cuda_evaluator},
};

const back_end& find_back_end(std::string_view name) {
  const auto found = std::ranges::find(back_ends, name, &back_end::name);
  if (found != back_ends.end()) return *found;
  const std::vector<std::string> names = known_evaluators();
  throw input_error(
      fmt::format("back end '{}' is not known{}",
                  name,
                  did_you_mean(name, names, fmt::format(" (auto, {})", fmt::join(names, ", ")))));
}

}  // namespace

void check_indices(const batch& b) {
  const std::size_t i = first_out_of_range(b);
  if (i < b.genomes.size()) {
    throw input_error(fmt::format(
        "evaluate: mapping {} names layer {} and accelerator {}, the batch has {} and {}",
        i,
        b.genomes[i].layer_index,
        b.genomes[i].accelerator_index,
        b.layers.size(),
        b.accelerators.size()));
  }
}

void evaluator::check_tables(const batch& b, std::size_t out_size) const {
  check_accelerators(b);
  if (b.genomes.size() != out_size) {
    throw input_error(
        fmt::format("evaluate: {} costs for {} mappings", out_size, b.genomes.size()));
  }
  for (std::size_t i = 0; i < b.layers.size(); ++i) {
    if (!has_genome_form(b.layers[i], takes_strides_)) {
      throw input_error(
          fmt::format("evaluate: layer {} is not a {}CONV, DSCONV or GEMM without batch and groups",
                      i,
                      takes_strides_ ? "" : "unit-stride "));
    }
    if (!has_sizes(b.layers[i])) {
      throw input_error(
          fmt::format("evaluate: layer {} has a size below 1, or counts of 2^53 and more", i));
    }
  }
}

void evaluator::evaluate(const batch& b, std::span<cost> out) {
  check_tables(b, out.size());
  if (!checks_indices_itself()) check_indices(b);
  if (!out.empty()) do_evaluate(b, out);
}

std::vector<ranked_mapping> evaluator::evaluate_best(const batch& b,
                                                     const ranking_rule& rule,
                                                     std::size_t count) {
  check_tables(b, b.genomes.size());
  if (!checks_indices_itself()) check_indices(b);
  return b.genomes.empty() ? std::vector<ranked_mapping>() : do_evaluate_best(b, rule, count);
}

std::vector<ranked_mapping> evaluator::do_evaluate_best(const batch& b,
                                                        const ranking_rule& rule,
                                                        std::size_t count) {
  std::vector<cost> costs(b.genomes.size());
  do_evaluate(b, costs);
  return rank_best(b, costs, rule, count);
}

std::optional<numbered_mapping> evaluator::evaluate_families(const family_batch& b, objective by) {
  check_tables({b.layers, b.accelerators, {}}, 0);
  std::vector<genome> bases;
  for (const order_family& f : b.families) bases.push_back(f.base);
  check_indices({b.layers, b.accelerators, bases});
  return b.families.empty() ? std::nullopt : do_evaluate_families(b, by);
}

std::optional<numbered_mapping> evaluator::do_evaluate_families(const family_batch& b,
                                                                objective by) {
  constexpr std::size_t at_once = std::size_t{1} << 14;
  std::vector<genome> genomes;
  std::vector<cost> costs;
  std::optional<numbered_mapping> best;
  std::uint64_t least = ~std::uint64_t{0}, scored = 0;
  const auto score = [&] {
    costs.resize(genomes.size());
    do_evaluate({b.layers, b.accelerators, genomes}, costs);
    for (std::size_t i = 0; i < costs.size(); ++i) {
      const std::uint64_t key = family_key(by, genomes[i], costs[i], b.accelerators.data());
      if (key < least) best = {scored + i, genomes[i], costs[i]};
      least = std::min(least, key);
    }
    scored += genomes.size();
    genomes.clear();
  };
  for (const order_family& f : b.families) {
    const auto size = static_cast<std::uint32_t>(size_of(f));
    for (std::uint32_t i = 0; i < size; ++i) genomes.push_back(genome_at(f, b.orders, i));
    if (genomes.size() >= at_once) score();
  }
  if (!genomes.empty()) score();
  return best;
}

std::vector<std::string> known_evaluators() {
  std::vector<std::string> names;
  for (const back_end& b : back_ends) names.emplace_back(b.name);
  return names;
}

bool has_cost_model(std::string_view name, const cost_model& model) {
  return find_back_end(name).has_model(model);
}

std::optional<std::string> evaluator_obstacle(std::string_view name, const cost_model& model) {
  const back_end& b = find_back_end(name);
  if (!b.has_model(model)) return fmt::format("it does not score with cost model '{}'", model.name);
  return b.obstacle();
}

std::vector<std::string> available_evaluators(const cost_model& model) {
  std::vector<std::string> names;
  for (const back_end& b : back_ends) {
    if (!evaluator_obstacle(b.name, model)) names.emplace_back(b.name);
  }
  return names;
}

int device_count(std::string_view name) {
  const back_end& b = find_back_end(name);
  return b.obstacle() ? 0 : b.device_count();
}

std::unique_ptr<evaluator> make_evaluator(std::string_view name, const evaluator_options& options) {
  if (name == "auto") {
    const std::vector<std::string> usable = available_evaluators(*options.model);
    if (usable.empty()) throw backend_error("no back end can run here");
    return make_evaluator(usable.back(), options);
  }
  const back_end& b = find_back_end(name);
  if (const auto obstacle = evaluator_obstacle(name, *options.model)) {
    throw backend_error(fmt::format("back end '{}' cannot run: {}", name, *obstacle));
  }
  if (options.threads < 0) {
    throw input_error(fmt::format("threads: found {}, expected 0 or more", options.threads));
  }
  const int devices = b.device_count();
  if (options.device >= devices && options.device >= 0) {
    throw input_error(fmt::format("back end '{}': found device {}, this machine has {} for it",
                                  name,
                                  options.device,
                                  devices));
  }
  auto made = b.make(options);
  made->takes_strides_ = !options.model->searches_unit_stride;
  return made;
}

}  // namespace cugamma
