#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <thread>
#include <utility>

#include "cugamma/error.hpp"
#include "processes/process_group.hpp"

namespace cugamma {
namespace {

using clock = std::chrono::steady_clock;

// Tags above the channels of run_peers; every MPI has tags up to 32767.
constexpr int error_tag = 32767;
constexpr int gather_tag = 32766;
constexpr int most_channels = 32766;
// Counts in MPI are of type int.
constexpr std::size_t most_bytes = std::size_t{1} << 30;
// Launchers kill a second after they told a process to end.
constexpr auto grace = std::chrono::milliseconds(400);
constexpr auto patience_of_the_failed = std::chrono::seconds(30);

void check(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw backend_error(fmt::format("{}: {}", call, std::string_view(text.data(), length)));
}

class mpi_processes final : public process_group {
 public:
  mpi_processes() {
    int provided = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "MPI_Comm_rank");
    check(MPI_Comm_size(MPI_COMM_WORLD, &size_), "MPI_Comm_size");
  }
  ~mpi_processes() override { MPI_Finalize(); }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void sum(std::span<std::int64_t> numbers) override {
    MPI_Request request{};
    check(MPI_Iallreduce(MPI_IN_PLACE,
                         numbers.data(),
                         static_cast<int>(numbers.size()),
                         MPI_INT64_T,
                         MPI_SUM,
                         MPI_COMM_WORLD,
                         &request),
          "MPI_Iallreduce");
    wait([&] { return is_done(request); });
  }

  void send(int to, int channel, std::string message) override {
    if (channel >= most_channels) {
      throw backend_error(fmt::format("MPI: {} islands, at most {}", channel, most_channels));
    }
    sent_.remove_if([](message_under_way& m) { return is_done(m.request); });
    sent_.push_back({std::move(message), {}});
    start(sent_.back(), to, channel);
  }

  std::string receive(int from, int channel) override {
    MPI_Status status{};
    wait([&] {
      int there = 0;
      check(MPI_Iprobe(from, channel, MPI_COMM_WORLD, &there, &status), "MPI_Iprobe");
      return there != 0;
    });
    int size = 0;
    check(MPI_Get_count(&status, MPI_BYTE, &size), "MPI_Get_count");
    std::string message(static_cast<std::size_t>(size), '\0');
    check(
        MPI_Recv(message.data(), size, MPI_BYTE, from, channel, MPI_COMM_WORLD, MPI_STATUS_IGNORE),
        "MPI_Recv");
    return message;
  }

  std::vector<std::string> gather(std::string_view text) override {
    std::vector<std::string> all;
    if (rank_ != 0) {
      give(text);
      return all;
    }
    all.emplace_back(text);
    for (int from = 1; from < size_; ++from) all.push_back(take(from));
    return all;
  }

  void expect_end(std::function<bool()> told_to_end, std::string last_words) override {
    told_to_end_ = std::move(told_to_end);
    last_words_ = std::move(last_words);
  }

  bool hand_over(std::string_view message) override {
    if (rank_ == 0) return false;
    message_under_way error{fmt::format("process {}: {}", rank_, message), {}};
    start(error, 0, error_tag);
    const auto end = clock::now() + patience_of_the_failed;
    while (clock::now() < end) {  // process 0 ends this one
      is_done(error.request);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    end_all(1);
    return true;
  }

  void end_all(int code) override { MPI_Abort(MPI_COMM_WORLD, code); }

 private:
  struct message_under_way {
    std::string bytes;
    MPI_Request request;
  };

  static bool is_done(MPI_Request& request) {
    int done = 0;
    check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
    return done != 0;
  }

  static void start(message_under_way& m, int to, int tag) {
    check(MPI_Isend(m.bytes.data(),
                    static_cast<int>(m.bytes.size()),
                    MPI_BYTE,
                    to,
                    tag,
                    MPI_COMM_WORLD,
                    &m.request),
          "MPI_Isend");
  }

  /// Sends a text of any size to process 0.
  void give(std::string_view text) {
    message_under_way part{std::to_string(text.size()), {}};
    start(part, 0, gather_tag);
    wait([&] { return is_done(part.request); });
    for (; !text.empty(); text.remove_prefix(part.bytes.size())) {
      part.bytes = text.substr(0, most_bytes);
      start(part, 0, gather_tag);
      wait([&] { return is_done(part.request); });
    }
  }

  std::string take(int from) {
    const std::size_t size = std::stoull(receive(from, gather_tag));
    std::string text;
    text.reserve(size);
    while (text.size() < size) text += receive(from, gather_tag);
    return text;
  }

  /// Asks again and again, less often as time goes by, so that others have the cores.
  template <typename IsOver>
  void wait(const IsOver& is_over) {
    clock::time_point told = clock::time_point::max();
    for (int asked = 0; !is_over(); ++asked) {
      if (rank_ == 0) throw_errors_of_others();
      if (told_to_end_ && told_to_end_()) told = std::min(told, clock::now());
      if (clock::now() - grace > told) throw backend_error(lost_text());
      if (asked < 200) continue;
      if (asked < 2000) {
        std::this_thread::yield();
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(100));
      }
    }
  }

  void throw_errors_of_others() {
    int there = 0;
    MPI_Status status{};
    check(MPI_Iprobe(MPI_ANY_SOURCE, error_tag, MPI_COMM_WORLD, &there, &status), "MPI_Iprobe");
    if (there != 0) throw backend_error(receive(status.MPI_SOURCE, error_tag));
  }

  std::string lost_text() const {
    return fmt::format(
        "the search ends before its time: one of its {} processes is gone, or they were told to "
        "end; {}",
        size_,
        last_words_);
  }

  int rank_ = 0;
  int size_ = 1;
  std::list<message_under_way> sent_;
  std::function<bool()> told_to_end_;
  std::string last_words_;
};

}  // namespace
}  // namespace cugamma

extern "C" __attribute__((visibility("default"))) cugamma::process_group* cugamma_join_processes() {
  return new cugamma::mpi_processes;
}
