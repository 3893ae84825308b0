#include "search/timeloop/job_checkpoints.hpp"

#include <fmt/format.h>

#include <utility>

namespace cugamma::timeloop {

job_checkpoints::job_checkpoints(const checkpoint_plan& plan, std::span<const search_job> jobs)
    : plan_(plan),
      jobs_(jobs),
      writer_(plan),
      states_(jobs.size()),
      due_(jobs.size(), clock::now()) {
  if (plan.resume.empty()) return;
  states_ = read_checkpoint(plan.resume).searches;
  if (states_.size() == jobs.size()) return;
  throw input_error(fmt::format("{}: holds the searches of {} problems, the options ask for {}",
                                plan.resume,
                                states_.size(),
                                jobs.size()));
}

search_options job_checkpoints::with_checkpoints(const search_options& options, std::size_t job) {
  search_options own = options;
  if (plan_.folder.empty()) return own;
  own.state = states_[job];
  own.wants_state = [this, job] { return clock::now() >= due_[job]; };
  own.keep_state = [this, job](std::string state) { keep(job, std::move(state)); };
  return own;
}

input_error job_checkpoints::named(const input_error& error, std::size_t job) const {
  if (plan_.resume.empty()) return error;
  return input_error(fmt::format("{}: {}: {}", plan_.resume, jobs_[job].name, error.what()));
}

void job_checkpoints::finish() {
  if (!plan_.folder.empty()) write();
}

void job_checkpoints::keep(std::size_t job, std::string state) {
  const std::scoped_lock one_at_a_time(mutex_);
  states_[job] = std::move(state);
  due_[job] = clock::now() + pause_of(plan_.every_seconds);
  if (writer_.is_due()) write();
}

void job_checkpoints::write() {
  checkpoint state{plan_.arguments, {}, states_};
  state.run.logs.resize(states_.size());
  writer_.write(state);
}

}  // namespace cugamma::timeloop
