#include "files/parse_json.hpp"

#include <fmt/core.h>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

constexpr int deepest = 100;

void expect_shallow(std::string_view text, const std::string& name) {
  int depth = 0;
  int line = 1;
  bool is_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (is_string && c == '\\') ++i;
    if (c == '"') is_string = !is_string;
    if (is_string) continue;
    if (c == ']' || c == '}') --depth;
    if ((c == '[' || c == '{') && ++depth > deepest) {
      throw input_error(fmt::format("{}:{}: lists or objects more than {} deep in each other",
                                    name,
                                    line,
                                    deepest));
    }
  }
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& name) {
  expect_shallow(text, name);
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 1: ..."
    const std::string_view what = error.what();
    const std::size_t number_end = what.find("] ");
    throw input_error(
        fmt::format("{}: not JSON: {}",
                    name,
                    number_end == std::string_view::npos ? what : what.substr(number_end + 2)));
  }
}

}  // namespace cugamma
