#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "search/checkpoint_bytes.hpp"

namespace cugamma {
namespace {

layer conv() {
  layer l;
  l.size = {8, 4, 10, 10, 3, 3, 1, 1};
  return l;
}

genetic_search new_search() {
  search_options options;
  options.population = 4;
  options.objectives = {objective::latency, objective::energy};
  options.selection = selection_rule::pareto;
  return genetic_search(make_search_space(conv(), {}), {}, options);
}

void advance(genetic_search& search) {
  static const auto score = make_evaluator("reference", {.threads = 1});
  const layer l = conv();
  const accelerator a;
  const auto genomes = search.ask(4);
  std::vector<cost> costs(genomes.size());
  score->evaluate({{&l, 1}, {&a, 1}, genomes}, costs);
  search.tell(costs);
}

std::string whole_payload() {
  genetic_search search = new_search();
  for (int i = 0; i < 3; ++i) advance(search);
  checkpoint state;
  state.arguments = {"--model=vgg16", "--seed=1"};
  state.run.logs.resize(1);
  state.run.logs[0].history.resize(2);
  state.searches = {search.save()};
  return checkpoint_payload(state);
}

}  // namespace
}  // namespace cugamma

/// Changes to a whole checkpoint, three bytes each: where (two), and the byte to put there. The
/// checksum is made right. It is refused with an input_error, or the search goes on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cugamma;
  static const std::string whole = whole_payload();
  std::string forged = whole;
  for (std::size_t i = 0; i + 2 < size; i += 3) {
    const std::size_t at = std::size_t{data[i]} * 256 + data[i + 1];
    if (at < forged.size()) forged[at] = static_cast<char>(data[i + 2]);
  }
  try {
    const checkpoint state = parse_checkpoint(checkpoint_file(forged));
    for (const std::string& saved : state.searches) {
      genetic_search search = new_search();
      search.restore(saved);
      advance(search);
      if (search.restore(search.save()), search.evaluations() < 1) std::abort();
    }
  } catch (const input_error&) {
  }
  return 0;
}
