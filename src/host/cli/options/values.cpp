#include "cli/options/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "cli/output/terminal.hpp"
#include "files/did_you_mean.hpp"

namespace cugamma::cli {
namespace {

/// A number at the beginning of a text, which then begins behind it; nothing: there is none, or it
/// is not finite.
std::optional<double> taken_number(std::string_view& text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return value;
}

/// Longer names first where one begins with another.
constexpr std::array<std::pair<std::string_view, double>, 7> time_units{
    {{"ms", 1e-3}, {"min", 60}, {"sec", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};

/// The seconds of a unit at the beginning of a text, which then begins behind it.
std::optional<double> taken_unit(std::string_view& text) {
  for (const auto& [name, seconds] : time_units) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return seconds;
  }
  return std::nullopt;
}

std::optional<double> parse_seconds(std::string_view text) {
  double sum = 0;
  std::optional<double> value = taken_number(text);
  if (value && text.empty()) return value;
  while (value) {
    const std::optional<double> unit = taken_unit(text);
    if (!unit) return std::nullopt;
    sum += *value * *unit;
    if (text.empty()) return sum;
    value = taken_number(text);
  }
  return std::nullopt;
}

}  // namespace

void refuse_value(std::string_view option, std::string_view found, std::string_view expected) {
  throw input_error(fmt::format("--{}: found {}, expected {}", option, found, expected));
}

double real_from(std::string_view text, std::string_view option, double least) {
  std::string_view rest = text;
  const std::optional<double> value = taken_number(rest);
  if (value && rest.empty() && *value >= least) return *value;
  refuse_value(option, text, fmt::format("a number, {} or more", least));
}

double seconds_from(std::string_view text, std::string_view option) {
  const std::optional<double> seconds = parse_seconds(text);
  if (seconds && *seconds >= 0) return *seconds;
  refuse_value(option, text, "seconds, 0 or more, or a time such as 90s, 1m30s, 1.5h");
}

namespace {

/// The name in "--name" or "--name=value"; empty for another word.
std::string option_name(std::string_view word) {
  if (!word.starts_with("--") || word.size() == 2) return "";
  return std::string(word.substr(2, word.find('=') - 2));
}

std::vector<std::string> names_of(const cxxopts::Options& options) {
  std::vector<std::string> names;
  for (const std::string& group : options.groups()) {
    for (const auto& option : options.group_help(group).options) {
      names.insert(names.end(), option.l.begin(), option.l.end());
    }
  }
  return names;
}

}  // namespace

std::string_view value_among(std::span<const std::string> words, std::string_view option) {
  std::string_view value;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string_view word = words[i];
    if (word == option && i + 1 < words.size()) {
      value = words[++i];
    } else if (word.starts_with(option) && word.substr(option.size()).starts_with('=')) {
      value = word.substr(option.size() + 1);
    }
  }
  return value;
}

cxxopts::ParseResult parse_options(cxxopts::Options& options, int argc, const char* const* argv) {
  try {
    return options.parse(argc, argv);
  } catch (const cxxopts::exceptions::no_such_option&) {
    const std::vector<std::string> names = names_of(options);
    for (int i = 1; i < argc; ++i) {
      const std::string name = option_name(argv[i]);
      if (name.empty() || std::ranges::find(names, name) != names.end()) continue;
      throw input_error(fmt::format("option --{} does not exist{}",
                                    name,
                                    did_you_mean(name, names, ", see --help")));
    }
    throw;
  }
}

cxxopts::ParseResult parse_command(cxxopts::Options& options, int argc, const char* const* argv) {
  cxxopts::ParseResult given = parse_options(options, argc, argv);
  if (given.count("help") > 0) return given;
  refuse_empty(given);
  say_repeated(given);
  return given;
}

std::string help_text(const cxxopts::Options& options,
                      std::vector<std::string> groups,
                      std::string_view examples) {
  for (const std::string& group : options.groups()) {
    if (std::ranges::find(groups, group) == groups.end()) groups.push_back(group);
  }
  return fmt::format("{}\nExamples:\n{}", options.help(groups), examples);
}

void refuse_empty(const cxxopts::ParseResult& given) {
  for (const cxxopts::KeyValue& option : given.arguments()) {
    if (option.value().empty()) {
      throw input_error(fmt::format("--{}: found an empty value, expected one", option.key()));
    }
  }
}

void refuse_arguments(const cxxopts::ParseResult& given, std::string_view command) {
  if (given.unmatched().empty()) return;
  throw input_error(
      fmt::format("{}: found \"{}\", expected only options", command, given.unmatched().front()));
}

void say_repeated(const cxxopts::ParseResult& given) {
  std::map<std::string, int> uses;
  for (const cxxopts::KeyValue& option : given.arguments()) {
    const bool is_word = option.key() == "file" || option.key() == "results";  // one more each
    if (is_word || ++uses[option.key()] != 2) continue;
    say("cugamma: --{} is given more than once; the last one counts\n", option.key());
  }
}

}  // namespace cugamma::cli
