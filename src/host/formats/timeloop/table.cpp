#include "formats/timeloop/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "cugamma/error.hpp"

namespace cugamma::timeloop {
namespace {

/// How messages begin that tell of a table's key.
std::string prefix(const yaml_place& at) { return at.path().empty() ? "" : at.path() + ": "; }

}  // namespace

std::string plain_key(std::string_view key) {
  std::string plain(key);
  std::ranges::replace(plain, '-', '_');
  return plain;
}

table::table(const yaml_place& at, std::string_view content) : at_(at) {
  if (!at.node().IsMap()) at.refuse(content);
  for (const auto& item : at.node()) {
    if (!item.first.IsScalar()) at.fail(item.first.Mark(), "a key of several parts", "a word");
    const std::string key = plain_key(item.first.Scalar());
    entry e{key, item.first.Scalar(), item.first.Mark(), at.below(item.second, key)};
    const auto same = std::ranges::find(entries_, key, &entry::key);
    if (same == entries_.end()) {
      entries_.push_back(e);
    } else if (same->value.text() != e.value.text()) {
      at.fail(e.mark,
              fmt::format("key \"{}\" again with another value", key),
              fmt::format("the value of line {}", same->mark.line + 1));
    }
  }
}

std::optional<yaml_place> table::find(std::initializer_list<std::string_view> keys) {
  std::optional<yaml_place> found;
  for (const std::string_view key : keys) {
    if (std::ranges::find(asked_, key) == asked_.end()) asked_.emplace_back(key);
    const auto e = std::ranges::find(entries_, key, &entry::key);
    if (e == entries_.end()) continue;
    e->is_used = true;
    if (!found) found = e->value;
  }
  return found;
}

yaml_place table::need(std::string_view key) {
  if (const auto found = find(key)) return *found;
  at_.fail(at_.node().Mark(), fmt::format("{}the key {} is missing", prefix(at_), key));
}

std::optional<std::int64_t> table::whole(std::initializer_list<std::string_view> keys,
                                         std::int64_t least,
                                         std::int64_t most) {
  const auto found = find(keys);
  if (!found) return {};
  const auto number = found->as_whole_number(least, most);
  if (!number) found->refuse(fmt::format("a whole number from {} to {}", least, most));
  return number;
}

std::optional<double> table::number(std::string_view key) {
  const auto found = find(key);
  if (!found) return {};
  return number_at(*found);
}

std::optional<double> table::positive(std::string_view key) {
  const auto found = find(key);
  if (!found) return {};
  const double value = number_at(*found);
  if (value == 0) found->refuse("a number above 0");
  return value;
}

std::optional<bool> table::flag(std::string_view key) {
  const auto found = find(key);
  if (!found) return {};
  bool value = false;
  if (!found->node().IsScalar() || !YAML::convert<bool>::decode(found->node(), value)) {
    found->refuse("true, false");
  }
  return value;
}

std::optional<std::string> table::word(std::string_view key) {
  const auto found = find(key);
  if (!found) return {};
  return word_at(*found, "a word");
}

void table::refuse(std::string_view key, std::string_view reason) {
  const auto found = std::ranges::find(entries_, key, &entry::key);
  if (found == entries_.end()) return;
  at_.fail(found->mark, fmt::format("{}key \"{}\": {}", prefix(at_), key, reason));
}

std::vector<table::entry> table::unused() const {
  std::vector<entry> rest;
  for (const entry& e : entries_) {
    if (!e.is_used) rest.push_back(e);
  }
  return rest;
}

void table::refuse_unused() const {
  for (const entry& e : entries_) {
    if (e.is_used) continue;
    at_.fail(e.mark,
             fmt::format("{}unknown key \"{}\"", prefix(at_), e.key),
             fmt::format("{}", fmt::join(asked_, ", ")));
  }
}

std::string word_at(const yaml_place& at, std::string_view content) {
  if (!at.node().IsScalar() || at.node().Scalar().empty()) at.refuse(content);
  return at.node().Scalar();
}

double number_at(const yaml_place& at) {
  double value = 0;
  const bool is_number = at.node().IsScalar() && YAML::convert<double>::decode(at.node(), value);
  if (!is_number || !std::isfinite(value) || value < 0) at.refuse("a number of at least 0");
  return value;
}

std::vector<std::string> words_at(const yaml_place& at, std::string_view content) {
  std::vector<std::string> words;
  if (at.node().IsNull()) return words;
  if (!at.node().IsScalar() && !at.node().IsSequence()) at.refuse(content);
  for (const yaml_place& element : at.elements()) words.push_back(word_at(element, content));
  return words;
}

}  // namespace cugamma::timeloop
