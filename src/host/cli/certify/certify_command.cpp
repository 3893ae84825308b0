#include <filesystem>
#include <initializer_list>
#include <limits>
#include <string>

#include "cli/certify/certify_writer.hpp"
#include "cli/certify/proof_options.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/search/model_choice.hpp"
#include "cli/search/search_options.hpp"
#include "cli/search/search_request.hpp"
#include "cli/warnings.hpp"
#include "cugamma/certify/certify.hpp"
#include "cugamma/certify/machines.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

/// Options of a search that a proof has no use for.
void refuse_unused(const cxxopts::ParseResult& given) {
  for (const char* name : {"checkpoint", "checkpoint-every", "resume", "pareto"}) {
    if (given.count(name) > 0) {
      throw input_error(fmt::format("certify: --{} is for cugamma search", name));
    }
  }
}

/// The search that a proof begins with: it ends at its evaluations, for the time limit is the
/// proof's.
network_search_request first_search(const cxxopts::ParseResult& given,
                                    const search_request& asked) {
  network_search_request request = asked.network;
  if (given.count("objective") + given.count("fitness1") > 0 &&
      request.search.objectives.size() > 1) {
    throw input_error(fmt::format("certify: found {} objectives, expected one",
                                  request.search.objectives.size()));
  }
  request.search.objectives.resize(1);
  request.stop.seconds = std::numeric_limits<double>::infinity();
  if (given.count("evaluations") == 0 && given.count("generations") == 0) {
    request.stop.evaluations = default_evaluations;
  }
  request.stop.interrupted = &interrupt_guard::was_interrupted;
  return request;
}

void claim_places(folder_lock& lock,
                  const search_request& asked,
                  std::initializer_list<const char*> files) {
  expect_stdout(asked.out);
  if (asked.out.empty()) return;
  claim_folder(lock, "out", asked.out);
  for (const char* name : files) {
    try_output(std::filesystem::path(asked.out) / name, asked.inputs);
  }
}

/// The best accelerator, in place of the best mappings on one.
int run_machine(const network_search_request& request,
                const search_request& asked,
                const certify_options& how) {
  expect_certifiable_machine(request);
  folder_lock lock;
  claim_places(lock, asked, {"machine.json", "certificate.jsonl"});
  const interrupt_guard guard;
  const certified_machine found = prove_machine(request, how, asked.log_level);
  const std::string json = machine_json(found, request);
  const bool has_files =
      asked.out.empty() || is_written([&] { write_machine(found, request, asked.out); });
  const bool is_printed =
      put_text(asked.format == "json" ? json : machine_as_table(found, request));
  if (!has_files || (!is_printed && asked.out.empty())) rescue(json);
  return has_files ? exit_code_of(found) : exit_bad_input;
}

}  // namespace

int run_certify(int argc, char** argv) {
  cxxopts::Options options = make_search_options();
  add_gap_option(options);
  const cxxopts::ParseResult given = parse_search_arguments(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(own_help(
        options,
        "certify",
        "Proves the optimum of each layer's map space, or how far the best mapping "
        "is from it at most (docs/certify.md). A search finds the mapping to start from; "
        "--time-limit is for the proofs of all layers together; --out DIR gets certify.json, "
        "certificate.jsonl and best.m. With --objective budget-area --limit latency=CYCLES it "
        "proves the smallest accelerator that keeps the limit, with --num-pes search --area-budget "
        "MM2 --objective latency the fastest. With --cost-model timeloop it takes Timeloop's files "
        "(docs/certify-timeloop.md). Exit status: 0 proven to the gap that was asked, 1 "
        "bad input, 3 it is proved that a layer has no feasible mapping, 4 not proven.",
        "Proof",
        "  cugamma certify --model vgg16 --layer conv1_1 --accelerator gamma --objective EDP\n"
        "  cugamma certify --model resnet50 --layer all --accelerator gamma --gap 0.01\n"
        "  cugamma certify --model vgg16 --layer 2 --accelerator gamma --out proof\n"));
    return exit_ok;
  }
  refuse_unused(given);
  const search_request asked = read_search_request(given);
  print_warnings(asked.warnings);
  const network_search_request request = first_search(given, asked);
  const certify_options how = certify_options_from(given);
  if (asks_for_machine(request)) return run_machine(request, asked, how);
  expect_certifiable(request);
  folder_lock lock;
  claim_places(lock, asked, {"certify.json", "certificate.jsonl", "best.m"});
  const interrupt_guard guard;
  const network_search_result found = search_network(request);
  const auto layers = prove_optima(found, how, asked.log_level);
  const std::string json = certify_json(layers, *request.search.model);
  const bool has_files =
      asked.out.empty() || is_written([&] { write_certificates(request, layers, asked.out); });
  const bool is_printed =
      put_text(asked.format == "json" ? json : proofs_as_table(layers, request));
  if (!has_files || (!is_printed && asked.out.empty())) rescue(json);
  return has_files ? exit_code_of(layers) : exit_bad_input;
}

}  // namespace cugamma::cli
