#include "cli/output/said_of.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

namespace cugamma::cli {
namespace {

constexpr std::size_t most_names = 6;

std::string names_text(std::span<const std::string> names) {
  if (names.size() <= most_names) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more",
                     fmt::join(names.first(most_names), ", "),
                     names.size() - most_names);
}

}  // namespace

void said_of::add(const std::string& name, const std::string& text) {
  const auto known = std::ranges::find(texts_, text, [](const auto& t) { return t.first; });
  if (known == texts_.end()) {
    texts_.push_back({text, {name}});
  } else {
    known->second.push_back(name);
  }
}

std::vector<std::string> said_of::sentences(std::string_view noun) const {
  std::vector<std::string> all;
  for (const auto& [text, names] : texts_) {
    const char* plural = names.size() > 1 ? "s" : "";
    const std::string of = noun.empty() ? "" : fmt::format("{}{} ", noun, plural);
    all.push_back(fmt::format("{}{}: {}", of, names_text(names), text));
  }
  return all;
}

std::string said_of::lines(std::string_view noun) const {
  std::string all;
  for (const std::string& sentence : sentences(noun)) all += sentence + "\n";
  return all;
}

}  // namespace cugamma::cli
