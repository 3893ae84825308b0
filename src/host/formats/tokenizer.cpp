#include "formats/tokenizer.hpp"

#include <fmt/core.h>

#include <cctype>
#include <charconv>

namespace cugamma {
namespace {

constexpr std::string_view separators = " \t\r\n\v\f,->():;";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_separator(char c) { return c == '\0' || separators.find(c) != std::string_view::npos; }
bool is_brace(char c) { return c == '{' || c == '}'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

input_error error_at(std::string_view file, text_position at, std::string_view message) {
  return input_error(fmt::format("{}:{}:{}: {}", file, at.line, at.column, message));
}

tokenizer::tokenizer(std::string_view text, std::string_view file) : text_(text), file_(file) {
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  current_ = scan();
}

token tokenizer::next() {
  const token taken = current_;
  current_ = scan();
  return taken;
}

bool tokenizer::accept(std::string_view text) {
  if (current_.text != text) return false;
  next();
  return true;
}

void tokenizer::expect(std::string_view text) {
  if (!accept(text)) throw unexpected(current_, fmt::format("\"{}\"", text));
}

void tokenizer::skip_to_brace() {
  for (int depth = 1; depth > 0;) {
    const token t = next();
    if (t.is_end()) throw unexpected(t, "\"}\"");
    if (t.text == "{") ++depth;
    if (t.text == "}") --depth;
  }
}

input_error tokenizer::unexpected(const token& found, std::string_view expected) const {
  if (found.is_end()) {
    return error(found, fmt::format("found the end of the file, expected {}", expected));
  }
  return error(found, fmt::format("found \"{}\", expected {}", found.text, expected));
}

input_error tokenizer::error(const token& at, std::string_view message) const {
  return error_at(file_, at.at, message);
}

char tokenizer::look(std::size_t ahead) const {
  return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
}

void tokenizer::advance() {
  if (text_[position_++] == '\n') {
    at_ = {at_.line + 1, 1};
  } else {
    ++at_.column;
  }
}

bool tokenizer::at_comment() const { return look() == '/' && look(1) == '/'; }

bool tokenizer::at_negative_number() const {
  const bool follows_word =
      position_ > 0 && !is_separator(text_[position_ - 1]) && !is_brace(text_[position_ - 1]);
  return look() == '-' && is_digit(look(1)) && !follows_word;
}

bool tokenizer::at_exponent(std::size_t begin) const {
  const bool number = is_digit(text_[begin]) || text_[begin] == '-' || text_[begin] == '.';
  return look() == '-' && is_digit(look(1)) && number && (text_[position_ - 1] | 0x20) == 'e';
}

bool tokenizer::at_word_end(std::size_t begin) const {
  return position_ == text_.size() || (is_separator(look()) && !at_exponent(begin)) ||
         is_brace(look()) || at_comment();
}

void tokenizer::skip_separators() {
  while (position_ < text_.size()) {
    if (at_comment()) {
      while (position_ < text_.size() && look() != '\n') advance();
    } else if (is_separator(look()) && !at_negative_number()) {
      advance();
    } else {
      return;
    }
  }
}

token tokenizer::scan() {
  skip_separators();
  const std::size_t begin = position_;
  const text_position at = at_;
  if (is_brace(look())) {
    advance();
  } else if (position_ < text_.size()) {
    do {
      advance();
    } while (!at_word_end(begin));
  }
  return {text_.substr(begin, position_ - begin), at};
}

std::int32_t parse_count(const tokenizer& source, const token& word, std::string_view expected) {
  std::int32_t value = 0;
  const char* end = word.text.data() + word.text.size();
  const auto [stop, error] = std::from_chars(word.text.data(), end, value);
  if (error == std::errc::result_out_of_range && stop == end) {
    throw source.error(word, fmt::format("{} is too large, at most 2147483647", word.text));
  }
  if (error != std::errc{} || stop != end || value < 0) throw source.unexpected(word, expected);
  return value;
}

}  // namespace cugamma
