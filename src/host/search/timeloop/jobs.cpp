#include "search/timeloop/jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "cugamma/error.hpp"
#include "cugamma/models/timeloop/explain.hpp"
#include "cugamma/models/timeloop/layer_problem.hpp"

namespace cugamma::timeloop {
namespace {

/// The files' own problem.
search_job job_of(const file_contents& contents) {
  const std::string name = contents.layer->name.empty() ? "problem" : contents.layer->name;
  return {name, *contents.layer, *contents.space, 1, {name}};
}

void check_parts(const file_contents& contents) {
  if (!contents.machine) throw input_error("found no key architecture in the files");
  if (contents.layer) return;
  throw input_error(
      "found no key problem in the files, expected one, or --model NAME (model=NAME in Python)");
}

}  // namespace

job_list jobs_of(std::span<const network_layer> layers, const file_reader& read) {
  std::optional<problem> first;
  if (!layers.empty()) first = problem_of(layers.front().l, "");
  job_list jobs{read(first ? &*first : nullptr), {}};
  check_parts(jobs.contents);
  if (layers.empty()) jobs.list.push_back(job_of(jobs.contents));
  for (const network_layer& l : layers) {
    const problem work = problem_of(l.l, "");
    const auto same = std::ranges::find(jobs.list, work, &search_job::work);
    if (same != jobs.list.end()) {
      same->count += l.count;
      same->layers.push_back(l.name);
      continue;
    }
    jobs.list.push_back({l.name, work, *read(&work).space, l.count, {l.name}});
  }
  return jobs;
}

figures confirmed_figures(const architecture& a,
                          const problem& p,
                          const mapping& loops,
                          const cost& found) {
  figures f = explain(a, p, loops);
  if (f.cycles == found.cycles && f.energy_pj == found.energy_pj) return f;
  throw std::logic_error(
      fmt::format("{}: the reference says {} cycles and {} pJ, the search {} and {}",
                  p.name,
                  f.cycles,
                  f.energy_pj,
                  found.cycles,
                  found.energy_pj));
}

}  // namespace cugamma::timeloop
