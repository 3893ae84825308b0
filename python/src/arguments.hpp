#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/error.hpp"

namespace cugamma::python {

namespace nb = nanobind;

/// A call whose arguments have a wrong name or type.
class call_error : public input_error {
 public:
  using input_error::input_error;
};

/// The arguments of a call, each read by its name: what is wrong with them is said in cuGAMMA's
/// words, with what was found and what is allowed.
class arguments {
 public:
  /// `names`: all that the call takes; the first `positional` of them may come without their name.
  /// Throws call_error for one that it does not take, or takes once.
  arguments(std::string_view call,
            const nb::args& in_order,
            const nb::kwargs& by_name,
            const std::vector<std::string>& names,
            std::size_t positional = 0);

  /// None if it was not given.
  nb::object find(std::string_view name) const;

  /// Reads a number, if it was given. Throws call_error for what is none, or too large.
  template <typename Whole>
  void read(std::string_view name, Whole& into) const {
    const nb::object given = find(name);
    if (given.is_none()) return;
    using limits = std::numeric_limits<Whole>;
    into = static_cast<Whole>(whole_number(name, given, limits::min(), limits::max()));
  }
  void read(std::string_view name, double& into) const;
  void read(std::string_view name, std::string& into) const;

 private:
  static std::int64_t whole_number(std::string_view name,
                                   const nb::object& given,
                                   std::int64_t least,
                                   std::int64_t most);

  nb::dict given_;
};

/// A value that a call was given for a name, in words: its repr, cut where it is long, and its
/// type.
std::string found_text(nb::handle value);

/// A str or os.PathLike as the path that it is. Throws call_error for anything else.
std::string path_from(std::string_view name, const nb::object& given);

}  // namespace cugamma::python
