#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

/// Runs the programs as a user does. Their paths are in CUGAMMA_PROGRAM, CUGAMMA_MAESTRO_PROGRAM
/// and CUGAMMA_TIMELOOP_MODEL_PROGRAM.
namespace cugamma {

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder of its own for a test, removed at its end.
class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cugamma_test_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

struct program_result {
  int exit_code = -1;  ///< 128 + signal if a signal ended it
  std::string out;
  std::string err;

  std::string output() const { return out + err; }
};

/// A program that runs in a folder, with the models and constraints of the source tree. The shell
/// reads its arguments.
class started_program {
 public:
  started_program(const scratch_folder& folder,
                  const std::string& program,
                  const std::string& arguments)
      : folder_(folder) {
    const std::string command = "cd '" + folder.path().string() +
                                "' && export CUGAMMA_MODELS_DIR='" CUGAMMA_SOURCE_DIR
                                "/models' CUGAMMA_CONSTRAINTS_DIR='" CUGAMMA_SOURCE_DIR
                                "/constraints' && exec '" +
                                program + "' " + arguments + " >.stdout 2>.stderr </dev/null";
    process_ = fork();
    if (process_ < 0) throw std::runtime_error("no process for " + program);
    if (process_ > 0) return;
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }

  bool has_ended() {
    if (!ended_ && waitpid(process_, &status_, WNOHANG) == process_) ended_ = true;
    return ended_;
  }

  void send(int signal) const { kill(process_, signal); }

  /// What it printed, at its end.
  program_result wait() {
    if (!ended_) waitpid(process_, &status_, 0);
    ended_ = true;
    const int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    return {code, text_of(folder_ / ".stdout"), text_of(folder_ / ".stderr")};
  }

 private:
  const scratch_folder& folder_;
  pid_t process_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

/// Runs a program to its end.
inline program_result run_program(const scratch_folder& folder,
                                  const std::string& program,
                                  const std::string& arguments) {
  return started_program(folder, program, arguments).wait();
}

#ifdef CUGAMMA_PROGRAM
/// Runs lines of a shell in a folder; $C is `cugamma`.
inline program_result run_script(const scratch_folder& folder, const std::string& lines) {
  folder.write(".script", "C='" CUGAMMA_PROGRAM "'\n" + lines + "\n");
  return run_program(folder, "/bin/sh", ".script");
}

/// Runs `cugamma` to its end in a folder that is removed behind it.
inline program_result run_cugamma(const std::string& arguments) {
  const scratch_folder folder;
  return run_program(folder, CUGAMMA_PROGRAM, arguments);
}
#endif

}  // namespace cugamma
