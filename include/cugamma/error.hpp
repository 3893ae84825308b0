#pragma once

#include <stdexcept>
#include <string>

namespace cugamma {

/// What a user gave cannot be used. The message reads "file:line:column: what, got, allowed" with
/// the parts that apply.
class input_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A back end cannot run here (not built, no driver, no device, out of memory). The message names
/// the cause.
class backend_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cugamma
