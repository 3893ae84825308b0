#include "cli/timeloop/scored_mappings.hpp"

#include <algorithm>

#include "cugamma/error.hpp"
#include "cugamma/formats/timeloop_output.hpp"
#include "cugamma/models/timeloop/explain.hpp"

namespace cugamma::cli {
namespace {

scored_mapping score(const timeloop::file_contents& contents,
                     const timeloop::given_mapping& given) {
  const timeloop::architecture& a = *contents.machine;
  scored_mapping scored{given, {}, {}};
  if (given.why != timeloop::rejection::none) {
    scored.figures.why = given.why;
    scored.reasons.push_back(given.reason);
    return scored;
  }
  scored.figures = timeloop::explain(a, *contents.layer, given.loops);
  if (scored.figures.why != timeloop::rejection::none) {
    scored.reasons.push_back(timeloop::rejection_text(a, scored.figures));
  }
  const auto broken = broken_constraint(*contents.machine_space, a, *contents.layer, given.loops);
  if (broken) scored.reasons.push_back("breaks a constraint of the architecture: " + *broken);
  return scored;
}

}  // namespace

bool scored_files::all_ok() const {
  return std::ranges::all_of(mappings, [](const scored_mapping& m) { return m.reasons.empty(); });
}

scored_files score_files(const std::vector<std::string>& paths) {
  scored_files files{timeloop::read_files(paths), {}};
  const char* const missing = !files.contents.machine           ? "architecture"
                              : !files.contents.layer           ? "problem"
                              : files.contents.mappings.empty() ? "mapping"
                                                                : nullptr;
  if (missing != nullptr) {
    throw input_error(std::string("found no key ") + missing +
                      " in the files, expected architecture, problem and mapping");
  }
  for (const timeloop::given_mapping& given : files.contents.mappings) {
    files.mappings.push_back(score(files.contents, given));
  }
  return files;
}

}  // namespace cugamma::cli
