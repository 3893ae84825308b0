#pragma once

#include <string>
#include <string_view>

namespace cugamma {

/// Text as HTML and XML hold it: &, <, > and " as entities.
std::string escape(std::string_view text);

}  // namespace cugamma
