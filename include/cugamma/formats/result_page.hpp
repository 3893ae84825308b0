#pragma once

#include <span>
#include <string>

namespace cugamma {

/// A result.json: the name it is shown under, and its text.
struct result_file {
  std::string name;
  std::string text;
};

/// One self-contained page that shows a search, or compares several: no request leaves it, and
/// every figure names the field it comes from. Throws input_error "name: what" for a text that is
/// no result of a search, or if there is none.
std::string report_html(std::span<const result_file> files);

}  // namespace cugamma
