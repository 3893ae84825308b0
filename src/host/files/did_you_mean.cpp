#include "files/did_you_mean.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace cugamma {
namespace {

/// Without capitals and without what people put between words.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '-' || c == '_') continue;
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

/// The least number of letters to add, leave out, exchange, or swap with their neighbour (the
/// restricted distance of Damerau and Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool differ = a[i - 1] != b[j - 1];
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (differ ? 1 : 0)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

/// Names that begin with what was typed, if that is long enough to tell.
std::vector<std::string> begun_names(std::string_view wanted, std::span<const std::string> names) {
  constexpr std::size_t least_letters = 3;
  std::vector<std::string> out;
  if (wanted.size() < least_letters) return out;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    const std::string plain = folded(name);
    // One of several spellings is enough.
    if (plain.starts_with(wanted) && seen.insert(plain).second) out.push_back(name);
  }
  return out;
}

}  // namespace

std::vector<std::string> near_names(std::string_view typed, std::span<const std::string> names) {
  constexpr std::size_t most_letters = 64, most_names = 3;
  const std::string wanted = folded(typed);
  if (wanted.empty() || wanted.size() > most_letters) return {};
  const std::size_t allowed = std::max<std::size_t>(1, wanted.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& name : names) {
    const std::size_t steps = distance(wanted, folded(name));
    // All letters of a short name exchanged is another name.
    if (steps <= allowed && steps < wanted.size()) near.emplace_back(steps, name);
  }
  std::ranges::stable_sort(near, {}, &std::pair<std::size_t, std::string>::first);
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const auto& [steps, name] : near) {
    const bool is_near = out.size() < most_names && steps <= near.front().first + 1;
    // One of several spellings is enough.
    if (is_near && seen.insert(folded(name)).second) out.push_back(name);
  }
  if (!out.empty()) return out;
  const std::vector<std::string> begun = begun_names(wanted, names);
  return begun.size() <= most_names ? begun : out;
}

std::string did_you_mean(std::string_view typed,
                         std::span<const std::string> names,
                         std::string_view otherwise) {
  const std::vector<std::string> near = near_names(typed, names);
  if (near.empty()) return std::string(otherwise);
  return fmt::format(", did you mean {}?", fmt::join(near, " or "));
}

}  // namespace cugamma
