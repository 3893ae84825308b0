#include <fmt/format.h>

#include <filesystem>

#include "cli/timeloop/drop_in.hpp"
#include "cli/timeloop/search/timeloop_results.hpp"
#include "cugamma/formats/result_page.hpp"
#include "cugamma/formats/timeloop_output.hpp"
#include "files/read_file.hpp"
#include "files/whole_file.hpp"

namespace cugamma::cli {
namespace {

std::string history_csv(const std::vector<timeloop_found>& found) {
  std::string text = "layer,evaluations,seconds,cycles,energy_pj\n";
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const timeloop::improvement& step : found[i].search.history) {
      text += fmt::format("{},{},{:.6f},{},{}\n",
                          i + 1,
                          step.evaluations,
                          step.seconds,
                          step.found.figures.cycles,
                          step.found.figures.energy_pj);
    }
  }
  return text;
}

std::string front_csv(const timeloop_request& r, const std::vector<timeloop_found>& found) {
  std::string text = "layer";
  for (const timeloop::objective& o : r.options.objectives) text += "," + name_of(o);
  text += '\n';
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const timeloop::candidate& c : found[i].search.front) {
      text += fmt::to_string(i + 1);
      for (std::size_t o = 0; o < r.options.objectives.size(); ++o) {
        text += fmt::format(",{}", c.values[o]);
      }
      text += '\n';
    }
  }
  return text;
}

}  // namespace

std::string folder_of(const timeloop_request& r, std::size_t job) {
  if (r.jobs.size() == 1) return "";
  std::string name = fmt::format("{}-", job + 1);
  for (const char c : r.jobs[job].name) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
    name += is_plain ? c : '_';
  }
  return name.substr(0, 100);
}

void write_timeloop_results(const timeloop_request& r,
                            const std::vector<timeloop_found>& found,
                            const std::string& json) {
  const std::filesystem::path folder = r.out;
  make_folder(folder);
  write_whole(folder / "result.json", json);
  const std::vector<result_file> shown{{"result.json", json}};
  write_whole(folder / "report.html", report_html(shown));
  write_whole(folder / "history.csv", history_csv(found));
  write_or_remove(folder / "front.csv", r.options.is_front ? front_csv(r, found) : "");
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i].loops) continue;
    const std::filesystem::path own = folder / folder_of(r, i);
    make_folder(own);
    write_results(own.string(),
                  "timeloop-mapper",
                  r.machine,
                  r.jobs[i].work,
                  *found[i].loops,
                  found[i].figures);
  }
}

void write_gamma_timeloop_report(const timeloop_request& r, const timeloop_found& found) {
  const std::filesystem::path folder = r.report_folder;
  make_folder(folder);
  const timeloop::search_job& job = r.jobs.front();
  const timeloop::figures& f = found.figures;
  for (const std::string& file : r.files) {
    write_whole(folder / std::filesystem::path(file).filename(), read_file(file));
  }
  write_whole(folder / "map.yaml", timeloop::mapping_yaml(r.machine, job.work, *found.loops));
  write_whole(folder / "Gamma-Timeloop.txt", timeloop::statistics_text(r.machine, job.work, f));
  const double energy_uj = f.energy_pj * 1e-6;
  const double per_mac = f.energy_pj / static_cast<double>(f.macs);
  write_whole(folder / "Gamma-Timeloop.csv",
              fmt::format("EDP (uJ cycles),Cycles,Energy (uJ),Utilization,pJ/Algorithm-Compute,"
                          "pJ/Actual-Compute,Area (mm2)\n{},{},{},{},{},{},{}\n",
                          energy_uj * static_cast<double>(f.cycles),
                          f.cycles,
                          energy_uj,
                          f.utilization,
                          per_mac,
                          per_mac,
                          f.area_um2 * 1e-6));
}

}  // namespace cugamma::cli
