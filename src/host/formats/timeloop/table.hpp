#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files/parse_yaml.hpp"

namespace cugamma::timeloop {

/// The largest whole number of Timeloop's files.
inline constexpr std::int64_t largest_number = 2147483647;

/// A key of Timeloop's files: `-` and `_` are the same.
std::string plain_key(std::string_view key);

/// A table of one of Timeloop's files. Remembers which keys were asked for.
class table {
 public:
  /// `content` says what the table should hold, for the message if there is none. A key may come
  /// twice only with the same value.
  table(const yaml_place& at, std::string_view content);

  const yaml_place& at() const { return at_; }

  /// The value of the first of the keys that is there; all of them count as asked for.
  std::optional<yaml_place> find(std::initializer_list<std::string_view> keys);
  std::optional<yaml_place> find(std::string_view key) { return find({key}); }
  yaml_place need(std::string_view key);

  std::optional<std::int64_t> whole(std::initializer_list<std::string_view> keys,
                                    std::int64_t least,
                                    std::int64_t most = largest_number);
  std::optional<double> number(std::string_view key);  ///< finite, 0 or more
  std::optional<double> positive(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::optional<std::string> word(std::string_view key);

  /// Refuses a key that is there, with the reason.
  void refuse(std::string_view key, std::string_view reason);

  /// Keys that nothing asked for.
  struct entry {
    std::string key;      ///< as plain_key
    std::string written;  ///< as in the file
    YAML::Mark mark;
    yaml_place value;
    bool is_used = false;
  };
  std::vector<entry> unused() const;
  void refuse_unused() const;

 private:
  yaml_place at_;
  std::vector<entry> entries_;
  std::vector<std::string> asked_;
};

/// The text of a scalar; refuses anything else.
std::string word_at(const yaml_place& at, std::string_view content);

/// A finite number of at least 0; refuses anything else.
double number_at(const yaml_place& at);

/// Lists in which a single element may stand for a list of one; refuses anything else.
std::vector<std::string> words_at(const yaml_place& at, std::string_view content);

}  // namespace cugamma::timeloop
