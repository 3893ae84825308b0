#pragma once

#include <string>
#include <vector>

#include "cugamma/search/search_run.hpp"

namespace cugamma {

/// A run of searches between two generations: all that continuing it needs.
struct checkpoint {
  std::vector<std::string> arguments;  ///< of the command line that began the run
  run_summary run;
  std::vector<std::string> searches;  ///< genetic_search::save of each
};

/// Brings the searches and logs of all processes together, in the order of run_options::peers;
/// whether this is process 0, the only one that has them then. A lone process, peers being null,
/// has them all.
bool gather_searches(checkpoint& state, run_peers* peers);

/// Writes DIR/checkpoint.bin so that a whole checkpoint is there at any moment, whenever the
/// process or the machine stops: to a file of its own, synchronised, then renamed; the one before
/// it is kept as DIR/checkpoint.previous.bin. Makes the folder. Throws input_error if it cannot be
/// written.
void write_checkpoint(const std::string& folder, const checkpoint& state);

/// Reads a checkpoint: a file, or of a folder its checkpoint.bin (the previous one if a run was
/// stopped between its two renamings). Throws input_error with what is wrong: no such file, cut
/// short, altered, of another version; and which file beside it is whole.
checkpoint read_checkpoint(const std::string& path);

}  // namespace cugamma
