#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cugamma/error.hpp"

namespace cugamma {

/// A place in a source text; line and column count from 1, columns in bytes.
struct text_position {
  int line = 1;
  int column = 1;
};

/// A word, "{" or "}"; an empty text is the end of the source.
struct token {
  std::string_view text;
  text_position at;
  bool is_end() const { return text.empty(); }
};

/// "file:line:column: message".
input_error error_at(std::string_view file, text_position at, std::string_view message);

/// Cuts the text of a MAESTRO file into words and braces. The separators (white space and
/// , - > ( ) : ;) are interchangeable and are dropped, and so is a comment from // to the end of
/// its line. A minus sign before a digit belongs to the number unless it follows a word. The text
/// must outlive the tokens.
class tokenizer {
 public:
  tokenizer(std::string_view text, std::string_view file);

  const token& peek() const { return current_; }
  /// Returns the current token and moves on.
  token next();
  /// Moves on if the current token reads so.
  bool accept(std::string_view text);
  /// Moves on or throws "found X, expected TEXT".
  void expect(std::string_view text);
  /// Moves behind the closing brace of a block whose opening brace has been read. Throws
  /// input_error where there is none.
  void skip_to_brace();

  /// The error "found X, expected Y" at a token.
  input_error unexpected(const token& found, std::string_view expected) const;
  input_error error(const token& at, std::string_view message) const;

 private:
  char look(std::size_t ahead = 0) const;
  void advance();
  bool at_comment() const;
  bool at_negative_number() const;
  /// At the minus sign of the exponent of a number that began at `begin`.
  bool at_exponent(std::size_t begin) const;
  bool at_word_end(std::size_t begin) const;
  void skip_separators();
  token scan();

  std::string_view text_;
  std::string_view file_;
  std::size_t position_ = 0;
  text_position at_;
  token current_;
};

/// A whole number from 0 to 2147483647 written in decimal. Throws "found X, expected ..."
/// otherwise.
std::int32_t parse_count(const tokenizer& source, const token& word, std::string_view expected);

}  // namespace cugamma
