#include "formats/timeloop/factors.hpp"

#include <algorithm>
#include <charconv>

#include "formats/timeloop/table.hpp"

namespace cugamma::timeloop {
namespace {

constexpr const char* expected_factors =
    "factors such as R=3 C=4: a letter, =, a whole number from 0 to 2147483647";

/// Reads a text of factors from the left.
class factor_reader {
 public:
  factor_reader(const yaml_place& at, std::string_view text) : at_(at), rest_(text) {}

  bool at_end() {
    skip(" \t\r\n,");
    return rest_.empty();
  }

  factor_text next() {
    factor_text f;
    f.name = take_letters();
    skip_space();
    f.relation = take_relation();
    skip_space();
    f.value = take_number();
    if (rest_.size() > 1 && rest_[0] == ',' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      f.remainder = take_number();
    }
    return f;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  void skip_space() { skip(" \t\r\n"); }

  std::string take_letters() {
    const auto end = std::ranges::find_if_not(rest_, is_letter);
    const std::string letters(rest_.begin(), end);
    if (letters.empty()) at_.refuse(expected_factors);
    rest_.remove_prefix(letters.size());
    return letters;
  }

  factor_relation take_relation() {
    for (const auto& [sign, relation] :
         {std::pair{"<=", factor_relation::at_most}, std::pair{">=", factor_relation::at_least}}) {
      if (!rest_.starts_with(sign)) continue;
      rest_.remove_prefix(2);
      return relation;
    }
    skip("=");
    return factor_relation::equal;
  }

  std::int64_t take_number() {
    std::int64_t number = 0;
    const char* const begin = rest_.data();
    const auto [end, error] = std::from_chars(begin, begin + rest_.size(), number);
    if (error != std::errc{} || number < 0 || number > largest_number) at_.refuse(expected_factors);
    rest_.remove_prefix(static_cast<std::size_t>(end - begin));
    return number;
  }

  const yaml_place& at_;
  std::string_view rest_;
};

}  // namespace

std::vector<factor_text> split_factors(const yaml_place& at) {
  std::vector<factor_text> factors;
  if (at.node().IsNull()) return factors;
  if (!at.node().IsScalar()) at.refuse("a text such as \"R=3 C=4\"");
  const std::string text = at.node().Scalar().substr(0, at.node().Scalar().find('#'));
  factor_reader reader(at, text);
  while (!reader.at_end()) factors.push_back(reader.next());
  return factors;
}

int dimension_of(const std::string& name, const problem& p) {
  const auto found = std::ranges::find_if(p.dimensions, [&](const dimension& d) {
    return name == std::string_view(&d.name, 1);
  });
  return found == p.dimensions.end() ? -1 : static_cast<int>(found - p.dimensions.begin());
}

}  // namespace cugamma::timeloop
