#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "cugamma/search/checkpoint.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/network_search.hpp"
#include "cugamma/search/search_run.hpp"
#include "search/checkpoint_writer.hpp"

namespace cugamma {

/// Writes the checkpoints that a request asks for: after the first generation, then every so many
/// seconds, and when the run is interrupted.
class checkpoint_keeper {
 public:
  explicit checkpoint_keeper(const network_search_request& request)
      : request_(request), writer_(request.checkpoints) {}

  /// Brings this process's searches to where the request resumes; the run's figures so far. Throws
  /// input_error if the checkpoint is of other searches.
  run_summary resume(std::span<genetic_search> searches) const;

  /// Whether a checkpoint is due; in the first process alone.
  bool is_due() const;

  /// Writes one, of the searches of all processes, if the request asks for checkpoints at all;
  /// warns if it cannot. Called by all of them.
  void keep(checkpoint state);
  void keep(const run_summary& run, std::span<const genetic_search> searches);

  /// Why the last one could not be written; empty: it was.
  const std::string& problem() const { return writer_.problem(); }

 private:
  void restore(genetic_search& search, const std::string& bytes, std::size_t number) const;

  const network_search_request& request_;
  checkpoint_writer writer_;
};

}  // namespace cugamma
