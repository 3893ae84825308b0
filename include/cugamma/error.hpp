#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace cugamma {

/// Text that a terminal shows as it is: control characters, which could move its cursor or change
/// its colours, become \u001b and the like, bytes that are no UTF-8 \x9b and the like. Those in
/// `kept` stay.
std::string printable(std::string_view text, std::string_view kept = "");

/// What a user gave cannot be used. The message reads "file:line:column: what, got, allowed" with
/// the parts that apply, and is one printable line.
class input_error : public std::runtime_error {
 public:
  explicit input_error(std::string_view message) : std::runtime_error(printable(message)) {}
};

/// A back end cannot run here (not built, no driver, no device, out of memory). The message names
/// the cause.
class backend_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cugamma
