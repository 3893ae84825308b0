#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>

namespace cugamma::cli {

/// Begins a program: a pipe that is closed or a file that grows too large makes a write fail and
/// does not end the program; nothing else is opened under the number of a stream that is closed.
void prepare_streams();

/// Prints on stdout, with control characters as escapes; false if stdout cannot be written.
bool put_text(std::string_view text);

template <typename... T>
bool put(fmt::format_string<T...> format, T&&... values) {
  return put_text(fmt::format(format, std::forward<T>(values)...));
}

/// Why stdout could not take all that was printed; empty: it could, so far.
std::string stdout_problem();

/// Prints on stderr, with control characters as escapes, as far as stderr can be written.
void say_text(std::string_view text);

template <typename... T>
void say(fmt::format_string<T...> format, T&&... values) {
  say_text(fmt::format(format, std::forward<T>(values)...));
}

/// Shows a line that changes on stderr, a terminal, cut to its width; an empty one removes it.
void show_line(std::string_view line);

/// Characters that a line of the terminal on stderr can show without the next line.
std::size_t terminal_width();

/// Ends a program, with a message if stdout could not be written, unless its reader left before the
/// end, as `head` does; the exit status.
int finish_streams(const char* program, int code);

}  // namespace cugamma::cli
