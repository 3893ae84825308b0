#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cugamma/formats/timeloop_files.hpp"

namespace cugamma::cli {

/// A mapping of Timeloop's files with its figures.
struct scored_mapping {
  timeloop::given_mapping given;
  timeloop::figures figures;         ///< of a mapping rejected while reading: why
  std::vector<std::string> reasons;  ///< why it is rejected; empty: it is not
};

/// Mappings of one problem on one architecture.
struct scored_files {
  timeloop::file_contents contents;
  std::vector<scored_mapping> mappings;
  bool all_ok() const;
};

/// Scores every mapping of the files. A mapping that breaks a constraint of the architecture is
/// rejected. Throws input_error if an architecture, a problem or a mapping is missing.
scored_files score_files(const std::vector<std::string>& paths);

/// The text of an evaluation: format table or json. Throws input_error for another one.
std::string format_scores(const scored_files& files, std::string_view format);

}  // namespace cugamma::cli
