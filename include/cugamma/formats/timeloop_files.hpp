#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/constraints.hpp"
#include "cugamma/models/timeloop/figures.hpp"
#include "cugamma/models/timeloop/mapping.hpp"
#include "cugamma/models/timeloop/problem.hpp"

/// Timeloop's YAML files (docs/timeloop-files.md): v0.2 to v0.4 of what `timeloop-model` and
/// `timeloop-mapper` take.
namespace cugamma::timeloop {

/// The text of a file and its name for messages.
struct file_text {
  std::string name;
  std::string text;
};

/// A mapping as a file gives it, or why Timeloop rejects it while reading.
struct given_mapping {
  std::string file;
  mapping loops;                    ///< empty if it is rejected
  rejection why = rejection::none;  ///< unknown_dimension to factor_product
  std::string reason;               ///< "file:line:column: what is wrong" if it is rejected
  friend bool operator==(const given_mapping&, const given_mapping&) = default;
};

/// What files hold. Each part may be missing.
struct file_contents {
  std::optional<problem> layer;
  std::optional<architecture> machine;
  std::vector<given_mapping> mappings;  ///< in the order of the files
  std::optional<constraints> space;     ///< of all files, if there is an accelerator and a problem
  std::optional<constraints> machine_space;  ///< of these the architecture's own
  std::optional<mapper_settings> mapper;
  std::string out_prefix;  ///< of the names of output files, if a key `model` or `mapper` gives it
  std::vector<std::string> warnings;  ///< "file:line: what has no effect"
};

/// Whether a text is a file of Timeloop's with an architecture.
bool has_architecture(const file_text& file);

/// Reads files, each of which holds one or more of the keys architecture, problem, mapping, ERT,
/// ART, architecture_constraints, mapspace_constraints, mapper, model. `layer`, of a
/// network, stands for the problem that files without the key lack; constraints of dimensions that
/// it lacks and other layers have are left out. Throws input_error "file:line:column: found X,
/// expected Y" for what Timeloop's programs do not take and, with the name of the key, for what
/// this model does not have: sparse optimizations, several Einsums, user-defined networks and the
/// like.
file_contents parse_files(std::span<const file_text> files, const problem* layer = nullptr);

/// The same for files on disk. Throws input_error also if one cannot be read.
file_contents read_files(std::span<const std::string> paths, const problem* layer = nullptr);

}  // namespace cugamma::timeloop
