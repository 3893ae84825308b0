#pragma once

#include <string_view>

namespace cugamma::report {

/// The page's style sheet and script, read from report.css and report.js when the library is built.
extern const std::string_view style_sheet;
extern const std::string_view script;

}  // namespace cugamma::report
