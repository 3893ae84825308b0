#include "cugamma/search/timeloop_search.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <tbb/parallel_for.h>

#include <atomic>
#include <chrono>
#include <future>
#include <limits>
#include <optional>

#include "bindings.hpp"
#include "search/timeloop/job_checkpoints.hpp"
#include "search/timeloop/jobs.hpp"
#include "timeloop.hpp"

namespace cugamma::python {
namespace {

using namespace nb::literals;

/// What a user asks of a search; without a value as the files or the command line have it.
struct timeloop_wishes {
  std::string objectives;  ///< empty: the files'
  std::string pareto;      ///< empty: no front
  std::string limits;
  std::optional<std::int64_t> evaluations;
  std::optional<double> seconds;
  std::uint64_t seed = 1;
  std::int64_t population = 64;
  int islands = 1;
  std::int64_t migration_interval = 20;
  bool explores_bypass = false;
  std::string back_end;
  checkpoint_plan checkpoints;
};

timeloop::search_options options_of(const timeloop_wishes& w, const timeloop::file_contents& c) {
  const timeloop::architecture& a = *c.machine;
  timeloop::search_options o;
  o.population = w.population;
  o.islands = w.islands;
  o.migration_interval = w.migration_interval;
  o.seed = w.seed;
  o.explores_bypass = w.explores_bypass;
  if (c.mapper) timeloop::set_from(*c.mapper, a, o);
  o.is_front = !w.pareto.empty();
  if (o.is_front) o.objectives = timeloop::parse_objectives(w.pareto, a);
  if (!w.objectives.empty()) o.objectives = timeloop::parse_objectives(w.objectives, a);
  if (!w.limits.empty()) o.limits = timeloop::parse_limits(w.limits, a);
  if (w.seconds) {
    o.seconds = *w.seconds;
    o.evaluations = std::numeric_limits<std::int64_t>::max() / 2;
  }
  if (w.evaluations) o.evaluations = *w.evaluations;
  return o;
}

/// Searches a job, from where a checkpoint has it.
timeloop::search_result search_job(const timeloop::architecture& a,
                                   const timeloop::search_job& job,
                                   const timeloop::search_options& options,
                                   const std::string& back_end) {
  return search_mappings(a,
                         job.work,
                         job.space,
                         options,
                         timeloop::make_back_end(back_end, a, job.work));
}

/// Warns if the last checkpoint could not be written.
void warn_of(const timeloop::job_checkpoints& checkpoints) {
  if (!checkpoints.problem().empty()) warn({checkpoints.problem()});
}

/// Searches all jobs, as many at once as there are cores, while other threads of Python run. Ctrl-C
/// ends the searches and is raised once the last checkpoint is written.
std::vector<timeloop::search_result> search_all(const timeloop::job_list& jobs,
                                                timeloop::search_options options,
                                                const std::string& back_end,
                                                timeloop::job_checkpoints& checkpoints) {
  std::vector<timeloop::search_result> found(jobs.list.size());
  std::atomic<bool> is_stopped = false;
  options.interrupted = [&is_stopped] { return is_stopped.load(); };
  std::future<void> done = std::async(std::launch::async, [&] {
    tbb::parallel_for(std::size_t{0}, jobs.list.size(), [&](std::size_t i) {
      const auto own = checkpoints.with_checkpoints(options, i);
      try {
        found[i] = search_job(*jobs.contents.machine, jobs.list[i], own, back_end);
      } catch (const input_error& error) {
        throw checkpoints.named(error, i);
      }
    });
    checkpoints.finish();
  });
  const auto is_done = [&done] {
    const nb::gil_scoped_release others_may_run;
    return done.wait_for(std::chrono::milliseconds(20)) == std::future_status::ready;
  };
  bool was_raised = false;
  while (!is_done()) {
    // Python hands its main thread alone the signals, and this may be that thread.
    if (was_raised || PyErr_CheckSignals() == 0) continue;
    was_raised = true;
    is_stopped = true;
  }
  if (was_raised) {
    nb::python_error raised;
    warn_of(checkpoints);
    throw raised;
  }
  done.get();
  warn_of(checkpoints);
  return found;
}

nb::list values_of(const timeloop::candidate& c, std::size_t objectives) {
  nb::list values;
  for (std::size_t i = 0; i < objectives; ++i) values.append(c.values[i]);
  return values;
}

nb::dict rejected_dict(const timeloop::search_result& s) {
  nb::dict counts;
  for (std::size_t i = 1; i < s.rejected.size(); ++i) {
    if (s.rejected[i] == 0) continue;
    const std::string name(name_of(static_cast<timeloop::rejection>(i)));
    counts[nb::str(name.c_str())] = s.rejected[i];
  }
  return counts;
}

/// What was found for a job.
nb::dict job_dict(const timeloop::architecture& a,
                  const timeloop::search_job& job,
                  const timeloop::search_result& s,
                  std::size_t objectives) {
  const auto shape = timeloop::make_genome_shape(a, job.work);
  const auto evaluation = [&](const timeloop::candidate& c) {
    timeloop::given_mapping m;
    m.file = job.name;
    m.loops = timeloop::decode(c.mapping, shape);
    timeloop::confirmed_figures(a, job.work, m.loops, c.figures);
    return evaluated(a, job.work, m);
  };
  nb::dict out;
  out["name"] = job.name;
  out["layers"] = job.layers;
  out["count"] = job.count;
  out["best"] = s.best ? nb::object(evaluation(*s.best)) : nb::none();
  out["values"] = s.best ? nb::object(values_of(*s.best, objectives)) : nb::none();
  nb::list front;
  for (const timeloop::candidate& c : s.front) {
    front.append(nb::make_tuple(values_of(c, objectives), evaluation(c)));
  }
  out["front"] = front;
  nb::list history;
  for (const timeloop::improvement& i : s.history) {
    history.append(nb::make_tuple(i.evaluations, i.seconds, values_of(i.found, objectives)));
  }
  out["history"] = history;
  out["evaluations"] = s.evaluations;
  out["proposals"] = s.proposals;
  out["rejected"] = rejected_dict(s);
  out["over_limit"] = s.over_limit;
  out["seconds"] = s.seconds;
  return out;
}

/// The names of the objectives, and what was found for each different layer.
nb::tuple search(const named_texts& texts,
                 const std::vector<network_layer>& layers,
                 const timeloop_wishes& wishes) {
  const timeloop::job_list jobs = timeloop::jobs_of(
      layers,
      [&texts](const timeloop::problem* layer) { return contents_of(texts, layer); });
  warn(jobs.contents.warnings);
  const timeloop::search_options options = options_of(wishes, jobs.contents);
  const std::string back_end =
      wishes.back_end == "auto" ? timeloop::fastest_back_end(options.population) : wishes.back_end;
  timeloop::job_checkpoints checkpoints(wishes.checkpoints, jobs.list);
  const auto found = search_all(jobs, options, back_end, checkpoints);
  nb::list names;
  for (const timeloop::objective& o : options.objectives) names.append(name_of(o));
  nb::list all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    all.append(job_dict(*jobs.contents.machine, jobs.list[i], found[i], options.objectives.size()));
  }
  return nb::make_tuple(names, all, back_end);
}

}  // namespace

void bind_timeloop_search(nb::module_& module) {
  nb::class_<timeloop_wishes>(module, "TimeloopWishes", "What is asked of a search.")
      .def(nb::init<>())
      .def_rw("objectives", &timeloop_wishes::objectives)
      .def_rw("pareto", &timeloop_wishes::pareto)
      .def_rw("limits", &timeloop_wishes::limits)
      .def_rw("evaluations", &timeloop_wishes::evaluations)
      .def_rw("seconds", &timeloop_wishes::seconds)
      .def_rw("seed", &timeloop_wishes::seed)
      .def_rw("population", &timeloop_wishes::population)
      .def_rw("islands", &timeloop_wishes::islands)
      .def_rw("migration_interval", &timeloop_wishes::migration_interval)
      .def_rw("explores_bypass", &timeloop_wishes::explores_bypass)
      .def_rw("back_end", &timeloop_wishes::back_end)
      .def(
          "save_in",
          [](timeloop_wishes& w, const std::string& folder, const std::string& resume) {
            w.checkpoints.folder = folder;
            w.checkpoints.resume = resume;
          },
          "folder"_a,
          "resume"_a)
      .def("save_every",
           [](timeloop_wishes& w, double seconds) { w.checkpoints.every_seconds = seconds; });
  module.def("_timeloop_search",
             &search,
             "texts"_a,
             "layers"_a,
             "wishes"_a,
             "Searches mappings for layers, or for the files' problem. Raises InputError.");
}

}  // namespace cugamma::python
