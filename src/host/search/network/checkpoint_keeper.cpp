#include "search/network/checkpoint_keeper.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

struct numbering {
  std::size_t first;
  std::size_t step;
};

/// The numbers of this process's searches among those of all.
numbering own_searches(const run_peers* peers) {
  if (peers == nullptr) return {0, 1};
  return {static_cast<std::size_t>(peers->rank()), static_cast<std::size_t>(peers->size())};
}

void set_argument(std::vector<std::string>& arguments,
                  std::string_view option,
                  std::int64_t value) {
  std::erase_if(arguments, [&](const std::string& a) { return a.starts_with(option); });
  arguments.push_back(fmt::format("{}{}", option, value));
}

}  // namespace

run_summary checkpoint_keeper::resume(std::span<genetic_search> searches) const {
  if (request_.checkpoints.resume.empty()) return {};
  checkpoint state = read_checkpoint(request_.checkpoints.resume);
  const auto [first, step] = own_searches(request_.peers);
  const std::size_t found = state.searches.size();
  if (found < first || (found - first + step - 1) / step != searches.size()) {
    throw input_error(fmt::format("{}: holds {} searches, the options ask for others in number",
                                  request_.checkpoints.resume,
                                  found));
  }
  std::vector<search_log> logs;
  for (std::size_t i = 0; i < searches.size(); ++i) {
    const std::size_t number = first + i * step;
    restore(searches[i], state.searches[number], number);
    logs.push_back(std::move(state.run.logs[number]));
  }
  state.run.logs = std::move(logs);
  return std::move(state.run);
}

void checkpoint_keeper::restore(genetic_search& search,
                                const std::string& bytes,
                                std::size_t number) const {
  try {
    search.restore(bytes);
  } catch (const input_error& error) {
    const auto at = number / static_cast<std::size_t>(request_.islands);
    throw input_error(fmt::format("{}: layer {}: {}",
                                  request_.checkpoints.resume,
                                  request_.layers[at].name,
                                  error.what()));
  }
}

bool checkpoint_keeper::is_due() const {
  if (request_.peers != nullptr && request_.peers->rank() != 0) return false;
  return writer_.is_due();
}

void checkpoint_keeper::keep(const run_summary& run, std::span<const genetic_search> searches) {
  if (request_.checkpoints.folder.empty()) return;
  checkpoint state{{}, run, {}};
  for (const genetic_search& search : searches) state.searches.push_back(search.save());
  keep(std::move(state));
}

void checkpoint_keeper::keep(checkpoint state) {
  if (request_.checkpoints.folder.empty()) return;
  state.arguments = request_.checkpoints.arguments;
  // What was chosen for this machine holds on the one that goes on, too.
  set_argument(state.arguments, "--population=", request_.search.population);
  set_argument(state.arguments, "--islands=", request_.islands);
  if (gather_searches(state, request_.peers)) writer_.write(state);
}

}  // namespace cugamma
