#include "cli/search/checkpoint_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"
#include "cli/search/search_request.hpp"
#include "cugamma/error.hpp"
#include "cugamma/search/checkpoint.hpp"

namespace cugamma::cli {
namespace {

/// Throws input_error if a checkpoint's model or the one that is asked for has files of its own,
/// and they are not the same.
void expect_same_options(const std::string& path,
                         std::span<const std::string> saved,
                         const std::string& asked) {
  const std::string_view found = value_among(saved, "--cost-model");
  if (found == asked || (!find_file_cost_model(found) && !find_file_cost_model(asked))) return;
  throw input_error(fmt::format("{}: holds a search with the cost model {}, found --cost-model {}",
                                path,
                                found.empty() ? default_search_model : found,
                                asked));
}

}  // namespace

void add_checkpoint_options(cxxopts::OptionAdder& add) {
  add("checkpoint",
      "folder to keep the state of the search in; a resumed search goes on in the same folder",
      cxxopts::value<std::string>(),
      "DIR");
  add("checkpoint-every",
      "seconds between checkpoints, or a time such as 5m",
      value_of(checkpoint_plan{}.every_seconds),
      "S");
  add("resume",
      "go on from a checkpoint (a folder or file), with its options; those given as well prevail",
      cxxopts::value<std::string>(),
      "DIR");
}

checkpoint_plan checkpoints_from(const cxxopts::ParseResult& given) {
  checkpoint_plan plan;
  if (given.count("resume") > 0) plan.resume = plan.folder = given["resume"].as<std::string>();
  std::error_code ignored;
  if (std::filesystem::is_regular_file(plan.folder, ignored)) {
    const auto folder = std::filesystem::path(plan.folder).parent_path();
    plan.folder = folder.empty() ? "." : folder.string();
  }
  if (given.count("checkpoint") > 0) plan.folder = given["checkpoint"].as<std::string>();
  plan.every_seconds = seconds_from(text_of(given, "checkpoint-every"), "checkpoint-every");
  plan.arguments = arguments_of(given);
  std::erase_if(plan.arguments, [](const auto& a) { return a.starts_with("--resume="); });
  return plan;
}

cxxopts::ParseResult with_resumed_options(cxxopts::Options& options,
                                          const cxxopts::ParseResult& given) {
  if (given.count("resume") == 0) return given;
  const std::string path = given["resume"].as<std::string>();
  const std::vector<std::string> saved = read_checkpoint(path).arguments;
  if (given.count("cost-model") > 0) expect_same_options(path, saved, text_of(given, "cost-model"));
  const bool has_files = given.count("file") > 0;
  std::vector<std::string> words{"search"};
  std::ranges::copy_if(saved, std::back_inserter(words), [&](const std::string& a) {
    return !a.starts_with("--checkpoint=") && !(has_files && a.starts_with("--file="));
  });
  std::ranges::copy(arguments_of(given), std::back_inserter(words));
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return parse_options(options, static_cast<int>(pointers.size()), pointers.data());
}

bool can_go_on(bool was_interrupted, const std::string& problem) {
  if (!was_interrupted || problem.empty()) return true;
  say("cugamma: the search cannot be resumed from where it was interrupted: {}\n", problem);
  return false;
}

}  // namespace cugamma::cli
