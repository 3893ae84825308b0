#include "cli/several/several_searches.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "cli/accelerator_options.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/said_of.hpp"
#include "cli/output/terminal.hpp"
#include "cli/processes.hpp"
#include "cli/search/missing_layers.hpp"
#include "cli/search/model_choice.hpp"
#include "cli/search/search_options.hpp"
#include "cli/search/search_request.hpp"
#include "cli/several/common_front.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/result_page.hpp"
#include "cugamma/search/network_search.hpp"
#include "files/json_text.hpp"
#include "files/whole_file.hpp"
#include "formats/csv_reader.hpp"
#include "formats/page/tables/sweep_page.hpp"
#include "formats/report_json.hpp"
#include "search/network/result_files.hpp"

namespace cugamma::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_searches = 1000;
constexpr std::array<std::string_view, 3> table_formats{"table", "json", "csv"};

/// A search of several, and what it came to.
struct outcome {
  variant what;
  network_search_result found;
  std::string json;      ///< the text of its result.json
  std::string obstacle;  ///< why it could not be searched; empty: it was

  bool has_all() const { return obstacle.empty() && found.all_found(); }
};

/// The command line of one of the searches.
search_request request_for(const cxxopts::ParseResult& given, const variant& v) {
  std::vector<std::string> words{"search"};
  for (const std::string& argument : arguments_of(given)) {
    const std::string name = argument.substr(2, argument.find('=') - 2);
    const bool is_varied = std::ranges::any_of(v, [&](const auto& o) { return o.first == name; });
    if (!is_varied && name != "out") words.push_back(argument);
  }
  for (const auto& [option, value] : v) words.push_back(fmt::format("--{}={}", option, value));
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  cxxopts::Options options = make_search_options();
  search_request request =
      read_search_request(options.parse(static_cast<int>(pointers.size()), pointers.data()),
                          table_formats);
  request.network.command = "cugamma";
  for (const std::string& word : words) request.network.command += " " + word;
  return request;
}

void refuse_others(const cxxopts::ParseResult& given, const std::vector<varied_option>& varied) {
  for (const char* option : {"checkpoint", "checkpoint-every", "resume", "prove", "verbose"}) {
    if (given.count(option) == 0) continue;
    throw input_error(fmt::format("--{}: is for one search, found several", option));
  }
  const bool has_models = std::ranges::any_of(varied, [](const varied_option& o) {
    return o.name == "model" && o.values.size() > 1;
  });
  if (given.count("pareto") == 0 || !has_models) return;
  throw input_error("--pareto: found several networks, which have no front in common");
}

/// What a search comes to; NaN where a layer has no mapping.
double figure_of(const outcome& o, objective what) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  return o.has_all() ? figure(what, o.found.network()) : none;
}

/// The figures of a row: the first objective, then those that everyone asks for.
std::vector<objective> columns_of(const std::vector<outcome>& all) {
  std::vector<objective> columns{all[0].found.request.search.objectives[0]};
  for (const objective o : {objective::latency, objective::energy, objective::edp}) {
    if (o != columns[0]) columns.push_back(o);
  }
  return columns;
}

std::string header_of(objective o) {
  return fmt::format("{}, {}", cugamma::name_of(o), unit_of(o));
}

std::string as_table(const std::vector<outcome>& all) {
  const std::vector<objective> columns = columns_of(all);
  std::size_t width = 6;
  for (const outcome& o : all) width = std::max(width, name_of(o.what).size());
  std::string text = fmt::format("{:<{}}", "search", width);
  for (const objective o : columns) text += fmt::format("{:>18}", header_of(o));
  text += fmt::format("{:>12}\n", "to best");
  const bool is_more = is_maximised(columns[0]);
  const auto key = [&](const outcome& o) {
    return is_more ? -figure_of(o, columns[0]) : figure_of(o, columns[0]);
  };
  // Figures of one network are not compared with those of another.
  std::map<std::string, double> best;
  for (const outcome& o : all) {
    const auto [known, is_new] = best.emplace(o.found.request.model, key(o));
    if (!is_new) known->second = std::fmin(known->second, key(o));
  }
  for (const outcome& o : all) {
    text += fmt::format("{:<{}}", name_of(o.what), width);
    if (!o.has_all()) {
      text += o.obstacle.empty() ? "  a layer has no feasible mapping\n" : "  cannot be searched\n";
      continue;
    }
    for (const objective c : columns) text += fmt::format("{:>18.8g}", figure_of(o, c));
    const double least = best.at(o.found.request.model);
    text += fmt::format("{:>10.3g} x\n", is_more ? least / key(o) : key(o) / least);
  }
  return text;
}

std::string as_csv(const std::vector<outcome>& all) {
  const std::vector<objective> columns = columns_of(all);
  std::string text;
  for (const auto& [option, value] : all[0].what) text += option + ",";
  for (const objective c : columns)
    text += fmt::format("{}{}", c == columns[0] ? "" : ",", cugamma::name_of(c));
  text += '\n';
  for (const outcome& o : all) {
    for (const auto& [option, value] : o.what) text += csv_quoted(value) + ",";
    for (const objective c : columns) {
      text += c == columns[0] ? "" : ",";
      if (o.has_all()) text += fmt::format("{:.17g}", figure_of(o, c));
    }
    text += '\n';
  }
  return text;
}

/// All searches, and what they come to together.
struct several_results {
  std::vector<outcome> all;
  std::optional<common_front> front;  ///< of searches for fronts
  bool has_files = true;              ///< what was to be written is
  bool is_complete = true;
};

/// The figures of all searches; with_results: and each search's whole result.
std::string as_json(const several_results& r, bool with_results) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const outcome& o : r.all) {
    nlohmann::ordered_json row{{"options", nlohmann::ordered_json::object()}};
    for (const auto& [option, value] : o.what) row["options"][option] = value;
    for (const objective c : columns_of(r.all)) {
      row["figures"][std::string(cugamma::name_of(c))] = json_number(figure_of(o, c));
    }
    if (!o.obstacle.empty()) row["obstacle"] = o.obstacle;
    if (with_results && o.obstacle.empty()) row["result"] = nlohmann::ordered_json::parse(o.json);
    rows.push_back(std::move(row));
  }
  nlohmann::ordered_json told{{"searches", rows}};
  if (r.front) told["front"] = common_front_json(*r.front);
  return json_text(told);
}

/// The page that plots the first figure over the last option that has numbers.
std::string plot_of(const std::vector<outcome>& all) {
  sweep plotted;
  const std::vector<objective> columns = columns_of(all);
  for (const objective c : columns) plotted.figures.push_back(header_of(c));
  for (const auto& [option, value] : all[0].what) plotted.options.push_back(option);
  for (const outcome& o : all) {
    sweep_row row;
    for (const auto& [option, value] : o.what) row.values.push_back(value);
    for (const objective c : columns) row.figures.push_back(figure_of(o, c));
    plotted.rows.push_back(std::move(row));
  }
  return sweep_html(plotted);
}

/// The tables and pages of all searches, whose own results are written already.
void write_summary(const several_results& r, const fs::path& out) {
  std::vector<result_file> results;
  for (const outcome& o : r.all) {
    if (o.obstacle.empty()) results.push_back({name_of(o.what), o.json});
  }
  write_whole(out / "summary.csv", as_csv(r.all));
  write_or_remove(out / "front.csv", r.front ? common_front_csv(*r.front) : "");
  write_whole(out / "sweep.html", plot_of(r.all));
  write_whole(out / "report.html", report_html(results));
}

/// Takes the places of the results before the searches begin.
void claim_places(folder_lock& lock, const std::string& out, const std::vector<variant>& variants) {
  expect_stdout(out);
  std::set<std::string> folders;
  for (const variant& v : variants) {
    if (!folders.insert(folder_of(v)).second) {
      throw input_error(fmt::format("--out: two of the searches would write to {}", folder_of(v)));
    }
  }
  if (out.empty()) return;
  claim_folder(lock, "out", out);
  for (const char* name : {"summary.csv", "front.csv", "sweep.html", "report.html"})
    try_output(fs::path(out) / name, {});
}

/// The front of all searches, if they are for fronts.
std::optional<common_front> front_of(const std::vector<outcome>& all) {
  if (all.empty() || all[0].found.request.search.selection != selection_rule::pareto) return {};
  std::vector<variant> searches;
  std::vector<const network_search_result*> found;
  for (const outcome& o : all) {
    searches.push_back(o.what);
    found.push_back(&o.found);
  }
  return make_common_front(std::move(searches), found);
}

/// One of the searches, or why its accelerator, network and constraint do not go together.
outcome searched(const variant& v, const network_search_request& request) {
  try {
    network_search_result found = search_network(request);
    std::string json = result_json(found);
    return {v, std::move(found), std::move(json), ""};
  } catch (const input_error& error) {
    outcome none{v, {}, "", error.what()};
    none.found.request = request;
    return none;
  }
}

/// Searches one after the other; what each finds is written as soon as it is known. Throws
/// input_error if none can be searched.
several_results search_all(const std::vector<variant>& variants,
                           std::vector<search_request>& requests,
                           const std::string& out) {
  several_results r;
  const interrupt_guard guard;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (interrupt_guard::was_interrupted()) break;
    const std::string name = name_of(variants[i]);
    requests[i].network.stop.interrupted = &interrupt_guard::was_interrupted;
    if (requests[i].log_level > 0) say("search {} of {}: {}\n", i + 1, variants.size(), name);
    r.all.push_back(searched(variants[i], requests[i].network));
    const outcome& last = r.all.back();
    if (!last.obstacle.empty()) continue;
    const auto write = [&] {
      write_result(last.found, (fs::path(out) / folder_of(last.what)).string(), last.json);
    };
    if (!out.empty()) r.has_files &= is_written(write);
  }
  r.is_complete = r.all.size() == variants.size();
  const auto is_searched = [](const outcome& o) { return o.obstacle.empty(); };
  if (!r.all.empty() && std::ranges::none_of(r.all, is_searched))
    throw input_error(fmt::format("{}: {}", name_of(r.all[0].what), r.all[0].obstacle));
  r.front = front_of(r.all);
  return r;
}

/// Why searches or layers have no mapping, each reason once with the searches that it is of.
std::string missing_text(const std::vector<outcome>& all) {
  said_of reasons;
  for (const outcome& o : all) {
    if (!o.obstacle.empty()) reasons.add(name_of(o.what), o.obstacle);
    for (const std::string& why : missing_layers(o.found).sentences("layer"))
      reasons.add(name_of(o.what), why);
  }
  return reasons.lines();
}

/// Writes and prints what was found, each as far as it can be; the exit status.
int put_out(const several_results& r, const std::string& format, const std::string& out) {
  if (r.all.empty()) return exit_rejected;  // interrupted before the first
  bool has_files = r.has_files;
  if (!out.empty()) has_files &= is_written([&] { write_summary(r, out); });
  std::string text = format == "json"  ? as_json(r, false)
                     : format == "csv" ? as_csv(r.all)
                                       : as_table(r.all);
  if (format == "table" && r.front) text += common_front_text(*r.front);
  const bool is_printed = put_text(text);
  say("{}", missing_text(r.all));
  if (!has_files || (!is_printed && out.empty())) rescue(as_json(r, true));
  if (!has_files || !is_printed) return exit_bad_input;
  const bool found = std::ranges::all_of(r.all, &outcome::has_all);
  return found && r.is_complete ? exit_ok : exit_rejected;
}

}  // namespace

int run_several(const cxxopts::ParseResult& given, const std::vector<varied_option>& varied) {
  refuse_others(given, varied);
  if (join_processes() != nullptr)
    throw input_error("several searches: found several processes, expected one");
  const std::vector<variant> variants = variants_of(varied, most_searches);
  std::vector<search_request> requests;
  for (const variant& v : variants) requests.push_back(request_for(given, v));
  const std::string out = given.count("out") > 0 ? given["out"].as<std::string>() : "";
  folder_lock lock;
  claim_places(lock, out, variants);
  print_warnings(requests[0].warnings);
  warn_of_belief(requests[0].network);
  return put_out(search_all(variants, requests, out), requests[0].format, out);
}

int run_sweep(int argc, char** argv) {
  cxxopts::Options options = make_search_options();
  const cxxopts::ParseResult given = parse_search_arguments(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(own_help(
        options,
        "sweep",
        "Searches once for each combination of the values that options list: --model, "
        "--accelerator, --constraint (A,B,C), --num-pes, --simd-lanes, --l1-size, --l2-size, "
        "--noc-bw, --noc-hops, --noc-hop-latency, --offchip-bw (64,128,256, or 64..1024, which "
        "doubles). Prints a table; --out DIR gets each search in a folder of its own, summary.csv, "
        "sweep.html with the plot, report.html with the comparison.",
        "",
        "  cugamma sweep --model resnet50 --accelerator edge --num-pes 64..1024 --out pes\n"
        "  cugamma sweep --model vgg16 --l2-size 65536,131072 --noc-bw 16..128 --objective EDP\n"
        "  cugamma sweep --model vgg16,resnet50 --accelerator edge,eyeriss --constraint "
        "dla,tpu\n"));
    return exit_ok;
  }
  const std::vector<varied_option> varied = varied_options(given, true);
  if (varied.empty()) {
    throw input_error(
        "sweep: no option lists several values, expected one such as --num-pes 64,128 or --l2-size "
        "65536..1048576");
  }
  return run_several(given, varied);
}

}  // namespace cugamma::cli
