#include "search/checkpoint_writer.hpp"

#include <algorithm>
#include <exception>

#include "search/threads/stopwatch.hpp"

namespace cugamma {

std::chrono::steady_clock::duration pause_of(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(std::min(seconds, century_s)));
}

bool checkpoint_writer::is_due() const {
  return !plan_.folder.empty() && std::chrono::steady_clock::now() >= due_;
}

void checkpoint_writer::write(const checkpoint& state) {
  std::string problem;
  try {
    write_checkpoint(plan_.folder, state);
  } catch (const std::exception& error) {  // also of memory that does not suffice for it
    problem = error.what();
  }
  const bool is_news = problem != problem_;
  problem_ = problem;
  if (is_news && !problem.empty() && plan_.warn) plan_.warn(problem);
  due_ = std::chrono::steady_clock::now() + pause_of(plan_.every_seconds);
}

}  // namespace cugamma
