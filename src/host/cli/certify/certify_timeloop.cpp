#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/certify/certify_writer.hpp"
#include "cli/certify/proof_options.hpp"
#include "cli/certify/timeloop_proofs.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/search/search_options.hpp"
#include "cli/timeloop/drop_in.hpp"
#include "cli/timeloop/search/timeloop_request.hpp"
#include "cli/timeloop/search/timeloop_results.hpp"
#include "cli/timeloop/timeloop_commands.hpp"
#include "cli/warnings.hpp"
#include "cugamma/certify/timeloop_proof.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/timeloop_output.hpp"
#include "files/json_text.hpp"
#include "files/whole_file.hpp"
#include "formats/report_json.hpp"
#include "formats/timeloop/output/figures_json.hpp"
#include "search/threads/thread_limit.hpp"

namespace cugamma::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* space_text =
    "space: perfect factors, all loop orders; every level keeps every tensor that constraints let "
    "it keep (no bypass is searched)\n";

/// Options of a search that a proof has no use for.
void refuse_unused(const cxxopts::ParseResult& given) {
  for (const char* name :
       {"pareto", "report-dir", "verbose", "checkpoint", "checkpoint-every", "resume"}) {
    if (given.count(name) == 0) continue;
    throw input_error(
        fmt::format("certify --cost-model timeloop: --{} is for cugamma search", name));
  }
}

timeloop_request read_request(const cxxopts::ParseResult& given) {
  refuse_unused(given);
  timeloop_request r = read_timeloop_request(given, result_formats, false);
  const bool are_named = given.count("objective") + given.count("fitness1") > 0;
  if (are_named && r.options.objectives.size() > 1) {
    throw input_error(
        fmt::format("certify: found {} objectives, expected one", r.options.objectives.size()));
  }
  r.options.objectives.resize(1);
  expect_provable(r);
  return r;
}

std::string proofs_json(const timeloop_request& r, const std::vector<proved_job>& proved) {
  json entries = json::array();
  for (std::size_t i = 0; i < proved.size(); ++i) {
    const timeloop::problem& work = r.jobs[i].work;
    const auto& [bounds, loops, figures] = proved[i];
    const auto optimum = bounds.optimum();
    for (const std::string& name : r.jobs[i].layers) {
      entries.push_back(
          {{"layer", name},
           {"objective", name_of(r.options.objectives.front())},
           {"optimum", optimum ? json(*optimum) : json(nullptr)},
           {"lower_bound", json_number(bounds.lower)},
           {"upper_bound", json_number(bounds.upper)},
           {"gap", json_number(bounds.gap())},
           {"proven", bounds.is_proven},
           {"seconds", bounds.seconds},
           {"subtrees", bounds.subtrees},
           {"opened", bounds.opened},
           {"mapping",
            loops ? json(timeloop::mapping_yaml(r.machine, work, *loops)) : json(nullptr)},
           {"metrics", loops ? timeloop::figures_json(r.machine, work, figures) : json(nullptr)}});
    }
  }
  return json_text(json{{"layers", std::move(entries)}});
}

std::string job_text(const timeloop_request& r,
                     const timeloop::search_job& job,
                     const proved_job& proved) {
  const timeloop::proved_optimum& bounds = proved.bounds;
  const auto optimum = bounds.optimum();
  const std::string_view unit = unit_of(r.options.objectives.front());
  std::string text =
      fmt::format("layer {}: {} {}\n",
                  job.count > 1 ? fmt::format("{} x {}", job.name, job.count) : job.name,
                  name_of(r.options.objectives.front()),
                  optimum ? fmt::format("the optimum is {:.10g} {}", *optimum, unit)
                  : bounds.lower == bounds.upper ? "no mapping fits: proved"
                                                 : bounds_text(bounds.lower, bounds.upper, unit));
  if (proved.loops) {
    const timeloop::figures& f = proved.figures;
    text += '\n' + timeloop::nest_text(r.machine, job.work, *proved.loops, f);
    text +=
        fmt::format("\n  cycles        {}\n  energy        {:.10g} pJ\n", f.cycles, f.energy_pj);
  }
  return text + fmt::format("  proof         {} of {} subtrees opened in {:.3g} s\n\n",
                            bounds.opened,
                            bounds.subtrees,
                            bounds.seconds);
}

std::string proofs_text(const timeloop_request& r, const std::vector<proved_job>& proved) {
  std::string text = fmt::format("cost model timeloop, architecture {}\n\n", r.machine.name);
  double lower = 0, upper = 0;
  for (std::size_t i = 0; i < proved.size(); ++i) {
    text += job_text(r, r.jobs[i], proved[i]);
    lower += proved[i].bounds.lower * static_cast<double>(r.jobs[i].count);
    upper += proved[i].bounds.upper * static_cast<double>(r.jobs[i].count);
  }
  const timeloop::objective& goal = r.options.objectives.front();
  if (proved.size() > 1 && goal.what != timeloop::figure::edp) {
    text +=
        fmt::format("network: {} {}\n", name_of(goal), bounds_text(lower, upper, unit_of(goal)));
  }
  return text + space_text;
}

void write_certificate(const std::filesystem::path& folder, const proved_job& proved) {
  const std::filesystem::path file = folder / "certificate.jsonl";
  write_or_remove(file, proved.bounds.certificate);
  if (proved.bounds.certificate.empty()) {
    say("cugamma: {}: not written: the proof opened more subtrees than a certificate holds\n",
        file.string());
  }
}

/// text: of certify.json
void write_proofs(const timeloop_request& r,
                  const std::vector<proved_job>& proved,
                  const std::string& text) {
  const std::filesystem::path top = r.out;
  make_folder(top);
  write_whole(top / "certify.json", text);
  for (std::size_t i = 0; i < proved.size(); ++i) {
    const std::filesystem::path own = top / folder_of(r, i);
    make_folder(own);
    write_certificate(own, proved[i]);
    if (!proved[i].loops) continue;
    write_results(own.string(),
                  "timeloop-mapper",
                  r.machine,
                  r.jobs[i].work,
                  *proved[i].loops,
                  proved[i].figures);
  }
}

}  // namespace

int run_timeloop_certify(int argc, char** argv) {
  cxxopts::Options options = make_timeloop_search_options();
  add_gap_option(options);
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(own_help(
        options,
        "certify --cost-model timeloop",
        "Proves the optimum of a problem's mappings by Timeloop's model, or how far "
        "the best mapping is from it at most (docs/certify-timeloop.md). A search "
        "finds the mapping to start from; --time-limit is for the proofs of all "
        "problems together; --out DIR gets certify.json, certificate.jsonl and "
        "the files of timeloop-mapper. Exit status: 0 proven to the gap that was asked, 1 bad "
        "input, 3 it is proved that no mapping fits, 4 not proven.",
        "Proof",
        "  cugamma certify --cost-model timeloop arch.yaml problem.yaml\n"
        "  cugamma certify --cost-model timeloop arch.yaml --model resnet50 "
        "--objective energy --gap 0.01\n"));
    return exit_ok;
  }
  timeloop_request r = read_request(given);
  const certify_options how = certify_options_from(given);
  const thread_limit limit(r.threads);
  const interrupt_guard guard;
  r.options.interrupted = &interrupt_guard::was_interrupted;
  expect_stdout(r.out);
  folder_lock lock;
  if (!r.out.empty()) claim_folder(lock, "out", r.out);
  print_warnings(r.warnings);
  const std::vector<proved_job> proved = prove_jobs(r, how);
  const std::string text = proofs_json(r, proved);
  const bool has_files = r.out.empty() || is_written([&] { write_proofs(r, proved, text); });
  const bool is_printed = put_text(r.format == "json" ? text : proofs_text(r, proved));
  if (!has_files || (!is_printed && r.out.empty())) rescue(text);
  return has_files ? exit_code_of(proved) : exit_bad_input;
}

}  // namespace cugamma::cli
