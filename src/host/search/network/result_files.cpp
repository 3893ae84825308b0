#include "search/network/result_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/formats/result_page.hpp"
#include "formats/csv_reader.hpp"
#include "search/network/front_files.hpp"

namespace cugamma {
namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (!out) throw input_error(fmt::format("{}: cannot be written", path.string()));
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw input_error(fmt::format("{}: {}", path.string(), error.message()));
}

/// A name that can be a folder's, different for every layer.
std::string folder_name(const network_search_result& found, std::size_t index) {
  std::string name = found.layers[index].name;
  for (char& c : name) {
    if (c == '/' || c == '\\' || c == ' ' || c == '\0') c = '_';
  }
  bool unique = !name.empty() && name.front() != '.';
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    unique = unique && (i == index || found.layers[i].name != found.layers[index].name);
  }
  return unique ? name : fmt::format("{}-{}", index + 1, name);
}

std::string history_csv(const network_search_result& found) {
  const auto& objectives = found.request.search.objectives;
  std::string text = "layer,generation,evaluations";
  const bool has_front = found.request.search.selection == selection_rule::pareto;
  for (const objective o : objectives) text += fmt::format(",{}", name_of(o));
  text += has_front ? ",front_size,hypervolume\n" : "\n";
  for (const searched_layer& l : found.layers) {
    for (const history_entry& entry : l.log.history) {
      text += fmt::format("{},{},{}", csv_quoted(l.name), entry.generation, entry.evaluations);
      for (std::size_t i = 0; i < objectives.size(); ++i) {
        text += ',';
        if (!entry.best) continue;
        text += fmt::format("{:.17g}", figure_of_value(objectives[i], entry.best->values[i]));
      }
      if (has_front) text += fmt::format(",{},{:.17g}", entry.front_size, entry.hypervolume);
      text += '\n';
    }
  }
  return text;
}

}  // namespace

std::string best_mapping_text(const searched_layer& l) {
  return write_mapping(l.name, l.mapped, to_mapping(l.best->mapping, l.mapped));
}

void write_file(const std::string& folder, const std::string& name, const std::string& text) {
  make_folder(folder);
  write_file(std::filesystem::path(folder) / name, text);
}

void write_result(const network_search_result& found, const std::string& folder) {
  const std::filesystem::path out(folder);
  make_folder(out);
  const result_file result{found.request.model, result_json(found)};
  write_file(out / "result.json", result.text);
  write_file(out / "report.html", report_html({&result, 1}));
  write_file(out / "history.csv", history_csv(found));
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    if (!found.layers[i].best) continue;
    const auto at = found.layers.size() == 1 ? out : out / folder_name(found, i);
    make_folder(at);
    write_file(at / "best.m", best_mapping_text(found.layers[i]));
    const std::vector<candidate>& front = found.layers[i].front.members;
    if (!front.empty()) make_folder(at / "front");
    for (std::size_t m = 0; m < front.size(); ++m) {
      write_file(at / front_file(m), front_mapping_text(found.layers[i], m));
    }
  }
  if (found.request.search.selection == selection_rule::pareto) {
    write_file(out / "front.csv", front_csv(found));
  }
}

}  // namespace cugamma
