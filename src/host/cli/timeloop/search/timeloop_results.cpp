#include "cli/timeloop/search/timeloop_results.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cugamma/formats/timeloop_output.hpp"
#include "files/json_text.hpp"
#include "formats/timeloop/output/figures_json.hpp"

namespace cugamma::cli {
namespace {

using json = nlohmann::ordered_json;

double edp(const timeloop::figures& f) { return f.energy_pj * static_cast<double>(f.cycles); }

std::string rejected_text(const timeloop::search_result& s) {
  std::vector<std::string> parts;
  for (std::size_t i = 1; i < s.rejected.size(); ++i) {
    if (s.rejected[i] == 0) continue;
    parts.push_back(
        fmt::format("{} {}", s.rejected[i], name_of(static_cast<timeloop::rejection>(i))));
  }
  if (s.over_limit > 0) parts.push_back(fmt::format("{} beyond a limit", s.over_limit));
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string one_line(const timeloop::search_job& job, const timeloop_found& f) {
  const std::string name = job.count > 1 ? fmt::format("{} x {}", job.name, job.count) : job.name;
  if (!f.loops) return fmt::format("{:<28} no valid mapping\n", name);
  return fmt::format("{:<28} {:>14} {:>14.7g} {:>14.7g} {:>8.2f}\n",
                     name,
                     f.figures.cycles,
                     f.figures.energy_pj,
                     edp(f.figures),
                     f.figures.utilization * 100);
}

std::string details(const timeloop_request& r,
                    const timeloop::search_job& job,
                    const timeloop_found& f) {
  if (!f.loops) return "";
  std::string text = '\n' + timeloop::nest_text(r.machine, job.work, *f.loops, f.figures);
  text +=
      fmt::format("\nevaluations   {} valid mappings, {} proposals, {:.3g} s\nrejected      {}\n",
                  f.search.evaluations,
                  f.search.proposals,
                  f.search.seconds,
                  rejected_text(f.search));
  return text;
}

std::string front_table(const timeloop_request& r, const timeloop_found& f) {
  if (f.search.front.empty()) return "";
  std::string text = fmt::format("\nfront of {} mappings\n", f.search.front.size());
  for (const timeloop::objective& o : r.options.objectives) {
    text += fmt::format("{:>16}", name_of(o));
  }
  text += '\n';
  for (const timeloop::candidate& c : f.search.front) {
    for (std::size_t i = 0; i < r.options.objectives.size(); ++i) {
      text += fmt::format("{:>16.8g}", c.values[i]);
    }
    text += '\n';
  }
  return text;
}

/// Sums over the layers of a network; nothing if one has no mapping.
struct network_sums {
  std::int64_t cycles = 0;
  double energy_pj = 0;
};
std::optional<network_sums> sums_of(const timeloop_request& r,
                                    const std::vector<timeloop_found>& found) {
  network_sums sums;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i].loops) return std::nullopt;
    sums.cycles += found[i].figures.cycles * r.jobs[i].count;
    sums.energy_pj += found[i].figures.energy_pj * static_cast<double>(r.jobs[i].count);
  }
  return sums;
}

json objectives_json(const timeloop_request& r) {
  json names = json::array();
  for (const timeloop::objective& o : r.options.objectives) names.push_back(name_of(o));
  return names;
}

json history_json(const timeloop::search_result& s, std::size_t objectives) {
  json rows = json::array();
  for (const timeloop::improvement& i : s.history) {
    json values = json::array();
    for (std::size_t o = 0; o < objectives; ++o) values.push_back(i.found.values[o]);
    rows.push_back({{"evaluations", i.evaluations}, {"seconds", i.seconds}, {"values", values}});
  }
  return rows;
}

json rejected_json(const timeloop::search_result& s) {
  json counts = json::object();
  for (std::size_t i = 1; i < s.rejected.size(); ++i) {
    if (s.rejected[i] > 0) {
      counts[std::string(name_of(static_cast<timeloop::rejection>(i)))] = s.rejected[i];
    }
  }
  return counts;
}

json front_json(const timeloop_request& r,
                const timeloop::search_job& job,
                const timeloop_found& f) {
  json members = json::array();
  const auto shape = timeloop::make_genome_shape(r.machine, job.work);
  for (const timeloop::candidate& c : f.search.front) {
    json values = json::array();
    for (std::size_t o = 0; o < r.options.objectives.size(); ++o) values.push_back(c.values[o]);
    members.push_back(
        {{"values", values},
         {"mapping",
          timeloop::mapping_yaml(r.machine, job.work, timeloop::decode(c.mapping, shape))}});
  }
  return members;
}

json job_json(const timeloop_request& r, const timeloop::search_job& job, const timeloop_found& f) {
  json sizes = json::object();
  for (const timeloop::dimension& d : job.work.dimensions) sizes[std::string(1, d.name)] = d.size;
  json layer{{"layer", job.name}, {"layers", job.layers}, {"count", job.count}, {"sizes", sizes}};
  layer["metrics"] =
      f.loops ? timeloop::figures_json(r.machine, job.work, f.figures) : json(nullptr);
  layer["mapping"] =
      f.loops ? json(timeloop::mapping_yaml(r.machine, job.work, *f.loops)) : json(nullptr);
  layer["nest"] =
      f.loops ? json(timeloop::nest_text(r.machine, job.work, *f.loops, f.figures)) : json(nullptr);
  layer["evaluations"] = f.search.evaluations;
  layer["proposals"] = f.search.proposals;
  layer["rejected"] = rejected_json(f.search);
  layer["over_limit"] = f.search.over_limit;
  layer["seconds"] = f.search.seconds;
  layer["history"] = history_json(f.search, r.options.objectives.size());
  if (r.options.is_front) layer["front"] = front_json(r, job, f);
  return layer;
}

}  // namespace

timeloop_found found_of(const timeloop_request& r,
                        const timeloop::search_job& job,
                        timeloop::search_result search) {
  timeloop_found found{std::move(search), std::nullopt, {}};
  if (!found.search.best) return found;
  const auto shape = timeloop::make_genome_shape(r.machine, job.work);
  found.loops = timeloop::decode(found.search.best->mapping, shape);
  found.figures =
      timeloop::confirmed_figures(r.machine, job.work, *found.loops, found.search.best->figures);
  return found;
}

std::string timeloop_result_table(const timeloop_request& r,
                                  const std::vector<timeloop_found>& found) {
  std::string text = fmt::format(
      "cost model timeloop, architecture {}, {}\n\n{:<28} {:>14} {:>14} "
      "{:>14} {:>8}\n",
      r.machine.name,
      r.options.is_front ? "a front" : "best " + name_of(r.options.objectives[0]),
      "layer",
      "cycles",
      "energy pJ",
      "EDP pJ cycles",
      "use %");
  for (std::size_t i = 0; i < found.size(); ++i) text += one_line(r.jobs[i], found[i]);
  if (r.is_network && found.size() > 1) {
    if (const auto sums = sums_of(r, found)) {
      text += fmt::format("{:<28} {:>14} {:>14.7g} {:>14.7g}\n",
                          "network",
                          sums->cycles,
                          sums->energy_pj,
                          sums->energy_pj * static_cast<double>(sums->cycles));
    }
  }
  if (found.size() == 1 || r.is_verbose) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found.size() > 1) text += fmt::format("\n{}\n", r.jobs[i].name);
      text += details(r, r.jobs[i], found[i]) + front_table(r, found[i]);
    }
  }
  return text;
}

std::string timeloop_result_json(const timeloop_request& r,
                                 const std::vector<timeloop_found>& found) {
  json all{{"schema_version", 1},
           {"cost_model", "timeloop"},
           {"architecture", r.machine.name},
           {"files", r.files},
           {"objectives", objectives_json(r)},
           {"seed", r.options.seed},
           {"population", r.options.population},
           {"islands", r.options.islands},
           {"back_end", r.back_end},
           {"explores_bypass", r.options.explores_bypass},
           {"interrupted", std::ranges::any_of(found, [](const timeloop_found& f) {
              return f.search.was_interrupted;
            })}};
  json layers = json::array();
  for (std::size_t i = 0; i < found.size(); ++i) {
    layers.push_back(job_json(r, r.jobs[i], found[i]));
  }
  all["layers"] = std::move(layers);
  if (const auto sums = sums_of(r, found)) {
    all["network"] = {{"cycles", sums->cycles}, {"energy_pj", sums->energy_pj}};
  } else {
    all["network"] = nullptr;
  }
  return json_text(all);
}

}  // namespace cugamma::cli
