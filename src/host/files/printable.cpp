#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// Bytes of the UTF-8 character at the beginning of a text; 0: it is none.
std::size_t utf8_length(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

bool is_control(unsigned code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

}  // namespace

std::string printable(std::string_view text, std::string_view kept) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    // Control characters have at most two bytes.
    const unsigned code =
        length == 2 ? (byte_at(text, 0) & 0x1f) << 6 | (byte_at(text, 1) & 0x3f) : byte_at(text, 0);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", code);
    } else if (length <= 2 && is_control(code) && kept.find(text[0]) == std::string_view::npos) {
      out += fmt::format("\\u{:04x}", code);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace cugamma
