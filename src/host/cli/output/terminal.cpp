#include "cli/output/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "cli/commands.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

/// errno of the first write to stdout that failed; 0: none.
int stdout_errno = 0;

/// 0, or errno of what failed. A reader that is slow is waited for.
int write_all(int stream, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(stream, text.data(), text.size());
    if (written < 0 && errno == EAGAIN) {
      pollfd room{stream, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (written < 0 && errno != EINTR) {
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return 0;
}

}  // namespace

void prepare_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    // Opened the other way round, so that its use still fails.
    if (::fcntl(number, F_GETFD) < 0 && errno == EBADF) {
      ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

bool put_text(std::string_view text) {
  const int problem = write_all(STDOUT_FILENO, printable(text, "\n\t"));
  if (stdout_errno == 0) stdout_errno = problem;
  return stdout_errno == 0;
}

std::string stdout_problem() {
  return stdout_errno == 0 ? "" : std::generic_category().message(stdout_errno);
}

void say_text(std::string_view text) {
  static_cast<void>(write_all(STDERR_FILENO, printable(text, "\n\t")));
}

std::size_t terminal_width() {
  struct winsize size {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) size.ws_col = 80;
  return size.ws_col - std::size_t{1};
}

void show_line(std::string_view line) {
  const auto shown = fmt::format("\r\033[K{}", line.substr(0, terminal_width()));
  static_cast<void>(write_all(STDERR_FILENO, shown));
}

int finish_streams(const char* program, int code) {
  if (stdout_errno == 0) return code;
  if (stdout_errno == EPIPE) return code == exit_ok ? exit_reader_left : code;
  say("{}: standard output cannot be written: {}\n", program, stdout_problem());
  return code == exit_ok ? exit_bad_input : code;
}

}  // namespace cugamma::cli
