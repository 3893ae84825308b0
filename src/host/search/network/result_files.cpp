#include "search/network/result_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/formats/result_page.hpp"
#include "files/parse_json.hpp"
#include "files/read_file.hpp"
#include "files/whole_file.hpp"
#include "formats/csv_reader.hpp"
#include "search/network/front_files.hpp"
#include "search/network/history.hpp"
#include "search/network/layer_folders.hpp"

namespace cugamma {
namespace {

namespace fs = std::filesystem;

std::string history_csv(const network_search_result& found) {
  const auto& objectives = found.request.search.objectives;
  std::string text = "layer,generation,evaluations";
  const bool has_front = found.request.search.selection == selection_rule::pareto;
  for (const objective o : objectives) text += fmt::format(",{}", name_of(o));
  text += has_front ? ",front_size,hypervolume\n" : "\n";
  for (const searched_layer& l : found.layers) {
    for (const history_entry& entry : improvements(l.log, has_front)) {
      text += fmt::format("{},{},{}", csv_quoted(l.name), entry.generation, entry.evaluations);
      for (std::size_t i = 0; i < objectives.size(); ++i) {
        text += fmt::format(",{:.17g}", figure_of_value(objectives[i], entry.best->values[i]));
      }
      if (has_front) text += fmt::format(",{},{:.17g}", entry.front_size, entry.hypervolume);
      text += '\n';
    }
  }
  return text;
}

/// Where the mappings of the result are that a folder holds: a folder a layer, of a lone layer the
/// folder itself (""); nothing where it holds none that can be read.
std::vector<std::string> layer_places(const fs::path& folder) {
  std::vector<std::string> places;
  try {
    const std::string name = (folder / "result.json").string();
    const auto result = parse_json(read_file(name), name);
    for (const auto& layer : result.at("layers")) {
      const std::string place = layer.value("folder", "");
      if (place.find('/') == std::string::npos && !place.starts_with('.')) places.push_back(place);
    }
  } catch (const std::exception&) {
    return {};
  }
  return places;
}

/// Writes all that it can of a result.
class result_writer {
 public:
  result_writer(const network_search_result& found, fs::path folder, const std::string& text)
      : found_(found), folder_(std::move(folder)), json_(text) {}

  /// What is worth most first: a disk may have room for a part of it.
  void write_all() {
    attempt([&] { make_folder(folder_); });
    const std::vector<std::string> earlier = layer_places(folder_);
    const result_file result{found_.request.model, json_};
    write(folder_ / "result.json", [&] { return result.text; });
    std::vector<std::string> places = layer_folders(found_.request);
    if (places.size() == 1) places[0] = "";
    for (std::size_t i = 0; i < found_.layers.size(); ++i) {
      if (found_.layers[i].best) write_layer(found_.layers[i], places[i]);
    }
    const bool is_front = found_.request.search.selection == selection_rule::pareto;
    write(folder_ / "front.csv", [&] { return is_front ? front_csv(found_) : ""; });
    write(folder_ / "network_front.csv",
          [&] { return found_.front.empty() ? "" : network_front_csv(found_); });
    write(folder_ / "history.csv", [&] { return history_csv(found_); });
    write(folder_ / "report.html", [&] { return report_html({&result, 1}); });
    // What could not be replaced stays as it was.
    if (problems_.empty()) remove_earlier(earlier, places);
    synchronise_folder(folder_);
  }

  /// Throws input_error if something could not be written.
  void finish() const {
    if (problems_.empty()) return;
    constexpr std::size_t named = 3;
    std::string text = fmt::format(
        "{}",
        fmt::join(problems_.begin(),
                  problems_.begin() + static_cast<int>(std::min(problems_.size(), named)),
                  "; "));
    if (problems_.size() > named) text += fmt::format("; {} more", problems_.size() - named);
    throw input_error(text);
  }

 private:
  void write_layer(const searched_layer& l, const std::string& place) {
    const fs::path at = folder_ / place;
    if (!place.empty()) attempt([&] { make_folder(at, true); });
    write(at / "best.m", [&] { return best_mapping_text(l); });
    attempt([&] { write_front_mappings(at, l); });
  }

  /// Removes what an earlier run wrote of layers that have no mapping or no front now, or that were
  /// not searched.
  void remove_earlier(const std::vector<std::string>& earlier,
                      const std::vector<std::string>& places) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      const searched_layer& l = found_.layers[i];
      remove_mappings(places[i], l.best.has_value(), l.front.members.size());
    }
    for (const std::string& place : earlier) {
      if (std::ranges::find(places, place) == places.end()) remove_mappings(place, false, 0);
    }
  }

  /// Removes the mappings of a layer but its best, if that is new, and the first of its front; then
  /// its folder, unless it holds more. Links are not followed.
  void remove_mappings(const std::string& place, bool has_best, std::size_t front_size) {
    const fs::path at = folder_ / place;
    std::error_code none;
    if (!place.empty() && !fs::is_directory(fs::symlink_status(at, none))) return;
    if (!has_best) write(at / "best.m", [] { return ""; });
    attempt([&] { remove_front_mappings(at, front_size); });
    if (!has_best && !place.empty()) ::rmdir(at.c_str());
  }

  template <typename Text>
  void write(const fs::path& path, Text text) {
    attempt([&] { write_or_remove(path, text()); });
  }

  template <typename Action>
  void attempt(Action action) {
    try {
      action();
    } catch (const std::exception& error) {
      problems_.emplace_back(error.what());
    }
  }

  const network_search_result& found_;
  fs::path folder_;
  const std::string& json_;
  std::vector<std::string> problems_;
};

}  // namespace

std::string best_mapping_text(const searched_layer& l) {
  return write_mapping(l.name, l.mapped, to_mapping(l.best->mapping, l.mapped));
}

std::vector<fs::path> result_paths(const network_search_request& request, const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const char* name : {"result.json", "report.html", "history.csv"}) {
    paths.push_back(folder / name);
  }
  if (request.search.selection == selection_rule::pareto) paths.push_back(folder / "front.csv");
  const std::vector<std::string> folders = layer_folders(request);
  if (request.search.selection == selection_rule::pareto && folders.size() > 1) {
    paths.push_back(folder / "network_front.csv");
  }
  for (const std::string& name : folders) {
    paths.push_back(folders.size() == 1 ? folder / "best.m" : folder / name / "best.m");
  }
  return paths;
}

void write_result(const network_search_result& found, const std::string& folder) {
  write_result(found, folder, result_json(found));
}

void write_result(const network_search_result& found,
                  const std::string& folder,
                  const std::string& text) {
  result_writer writer(found, folder, text);
  writer.write_all();
  writer.finish();
}

}  // namespace cugamma
