#include "checkpoint_keeper.hpp"

#include <fmt/core.h>

#include "cugamma/checkpoint.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {

run_summary checkpoint_keeper::resume(std::span<genetic_search> searches) const {
  if (request_.resume.empty()) return {};
  const checkpoint state = read_checkpoint(request_.resume);
  if (state.searches.size() != searches.size()) {
    throw input_error(fmt::format("{}: holds {} searches, the options ask for {}",
                                  request_.resume,
                                  state.searches.size(),
                                  searches.size()));
  }
  for (std::size_t i = 0; i < searches.size(); ++i) {
    try {
      searches[i].restore(state.searches[i]);
    } catch (const input_error& error) {
      throw input_error(
          fmt::format("{}: layer {}: {}", request_.resume, request_.layers[i].name, error.what()));
    }
  }
  return state.run;
}

void checkpoint_keeper::keep(const run_summary& run, std::span<const genetic_search> searches) {
  const auto now = std::chrono::steady_clock::now();
  if (request_.checkpoint.empty() || (now < due_ && !run.was_interrupted)) return;
  checkpoint state{request_.arguments, run, {}};
  for (const genetic_search& search : searches) state.searches.push_back(search.save());
  write_checkpoint(request_.checkpoint, state);
  due_ = std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(
             std::chrono::duration<double>(request_.checkpoint_every));
}

}  // namespace cugamma::cli
