#pragma once

#include <fmt/core.h>

#include <charconv>
#include <cstdint>
#include <cxxopts.hpp>
#include <initializer_list>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cugamma/error.hpp"

namespace cugamma::cli {

/// Threads of the host that a program may be asked for.
inline constexpr int most_threads = 4096;

/// Throws input_error: what was found for an option, and what is expected.
[[noreturn]] void refuse_value(std::string_view option,
                               std::string_view found,
                               std::string_view expected);

/// "0 or more" or "1 to 9", as messages call a range.
template <typename Value>
std::string range_text(Value least, Value most) {
  return most == std::numeric_limits<Value>::max() ? fmt::format("{} or more", least)
                                                   : fmt::format("{} to {}", least, most);
}

/// A whole number without anything before or behind it, within a range. Throws input_error.
template <typename Value>
Value whole_from(std::string_view text,
                 std::string_view option,
                 Value least = std::numeric_limits<Value>::min(),
                 Value most = std::numeric_limits<Value>::max()) {
  Value value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) {
    refuse_value(option, text, fmt::format("a whole number, {}", range_text(least, most)));
  }
  if (error == std::errc{} && value < least) refuse_value(option, text, range_text(least, most));
  if (error != std::errc{} || value > most) {
    refuse_value(option, text, fmt::format("{} to {}", least, most));
  }
  return value;
}

/// A finite number without anything before or behind it, at least `least`. Throws input_error.
double real_from(std::string_view text, std::string_view option, double least);

/// Seconds: a number alone, or numbers with the units ms, s, min or m, h, d: 90, 90s, 1m30s, 1.5h.
/// Throws input_error.
double seconds_from(std::string_view text, std::string_view option);

/// An option's value as text, which its reader checks; with what it is if it is not given.
template <typename Value>
std::shared_ptr<cxxopts::Value> value_of(Value default_value) {
  return cxxopts::value<std::string>()->default_value(fmt::format("{}", default_value));
}

/// The value of an option, which was added as text.
inline std::string text_of(const cxxopts::ParseResult& given, const char* name) {
  return given[name].as<std::string>();
}

template <typename Value>
Value whole_option(const cxxopts::ParseResult& given,
                   const char* name,
                   Value least = std::numeric_limits<Value>::min(),
                   Value most = std::numeric_limits<Value>::max()) {
  return whole_from<Value>(text_of(given, name), name, least, most);
}

inline int threads_option(const cxxopts::ParseResult& given) {
  return whole_option<int>(given, "threads", 0, most_threads);
}

/// The value of an option, such as --resume, in a command line that is not parsed: of several the
/// last; empty: there is none.
std::string_view value_among(std::span<const std::string> words, std::string_view option);

/// Reads a command line. Throws input_error for an option that is not known, with those that are
/// near it, and what cxxopts throws for the rest.
cxxopts::ParseResult parse_options(cxxopts::Options& options, int argc, const char* const* argv);

/// The same for a command's own line: unless it asks for --help, refuses empty values too, and says
/// on stderr which options are given more than once.
cxxopts::ParseResult parse_command(cxxopts::Options& options, int argc, const char* const* argv);

/// The help of a command: its groups of options in this order, then those that are left, then lines
/// to begin with.
std::string help_text(const cxxopts::Options& options,
                      std::vector<std::string> groups,
                      std::string_view examples);

/// Throws input_error for an option or argument that is given an empty value, as an unset variable
/// of a shell gives it, and for arguments that no option takes.
void refuse_empty(const cxxopts::ParseResult& given);

/// Throws input_error for arguments that the command has no use for.
void refuse_arguments(const cxxopts::ParseResult& given, std::string_view command);

/// Says on stderr which options were given more than once: the last one counts.
void say_repeated(const cxxopts::ParseResult& given);

}  // namespace cugamma::cli
