#include "search/network/front_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <system_error>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "files/whole_file.hpp"
#include "formats/csv_reader.hpp"
#include "search/network/layer_folders.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// A figure of a front's member beside its objectives.
struct front_column {
  const char* name;
  bool is_whole;
};
constexpr std::array<front_column, 6> front_columns{{{"runtime_cycles", true},
                                                     {"energy_nj", false},
                                                     {"", false},  // the second energy
                                                     {"l1_size_elems", true},
                                                     {"l2_size_elems", true},
                                                     {"num_pes", true}}};

/// The figures of these columns, of a mapping or of a network.
template <typename Figures>
std::array<double, front_columns.size()> columns_of(const Figures& m) {
  return {m.latency(),
          m.energy(),
          m.maestro_energy(),
          m.l1_size(),
          m.l2_size(),
          static_cast<double>(m.pes())};
}

std::string name_of(const front_column& column, const network_search_request& r) {
  return std::string(*column.name != '\0' ? column.name : r.search.model->second_energy);
}

std::vector<double> figures_of(const objective_values& values, const search_options& options) {
  std::vector<double> figures;
  for (std::size_t i = 0; i < options.objectives.size(); ++i) {
    figures.push_back(figure_of_value(options.objectives[i], values[i]));
  }
  return figures;
}

template <typename Figures>
void add_columns(json& member, const Figures& figures, const network_search_request& r) {
  const auto values = columns_of(figures);
  for (std::size_t i = 0; i < values.size(); ++i) {
    member[name_of(front_columns[i], r)] =
        front_columns[i].is_whole ? json(static_cast<std::int64_t>(values[i])) : json(values[i]);
  }
}

/// ",figure,figure..." of the objectives, then of the columns.
template <typename Figures>
std::string figure_cells(const objective_values& objectives,
                         const Figures& figures,
                         const search_options& options) {
  std::string cells;
  for (const double figure : figures_of(objectives, options)) {
    cells += fmt::format(",{:.17g}", figure);
  }
  for (const double figure : columns_of(figures)) cells += fmt::format(",{:.17g}", figure);
  return cells;
}

/// The names of these cells.
std::string figure_names(const network_search_request& r) {
  std::string names;
  for (const objective o : r.search.objectives) names += fmt::format(",{}", cugamma::name_of(o));
  for (const front_column& column : front_columns) names += fmt::format(",{}", name_of(column, r));
  return names;
}

scored_mapping scored(const candidate& c, const accelerator& machine) {
  return {c.figures, machine, pes_of(c.mapping, machine)};
}

json member_json(const searched_layer& l, std::size_t member, const network_search_request& r) {
  const candidate& c = l.front.members[member];
  json result{{"objectives", figures_of(c.rank.values, r.search)},
              {"mapping_file", front_file(member)}};
  add_columns(result, scored(c, r.machine), r);
  return result;
}

json choice_json(const network_choice& choice, const network_search_result& result) {
  const network_search_request& r = result.request;
  json members = json::array();
  for (const std::uint32_t member : choice.members) members.push_back(member + 1);
  json entry{{"objectives", figures_of(choice.values, r.search)}, {"members", std::move(members)}};
  add_columns(entry, figures_of(choice, result.layers, r.machine), r);
  return entry;
}

constexpr const char* front_folder = "front";

std::string mapping_name(std::size_t member) { return fmt::format("{:04}.m", member + 1); }

/// The number of a member, from 1, whose mapping a file of that name is; 0 if it is none.
std::size_t number_of(const std::string& name) {
  std::size_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || number == 0 || mapping_name(number - 1) != name) return 0;
  return number;
}

}  // namespace

std::string front_file(std::size_t member) {
  return fmt::format("{}/{}", front_folder, mapping_name(member));
}

void write_front_mappings(const fs::path& folder, const searched_layer& l) {
  if (l.front.members.empty()) return;
  make_folder(folder / front_folder, true);
  std::vector<named_text> files;
  for (const candidate& c : l.front.members) {
    files.push_back({mapping_name(files.size()),
                     write_mapping(l.name, l.mapped, to_mapping(c.mapping, l.mapped))});
  }
  write_all_whole(folder / front_folder, files);
}

void remove_front_mappings(const fs::path& folder, std::size_t kept) {
  const fs::path at = folder / front_folder;
  std::error_code none;
  if (!fs::is_directory(fs::symlink_status(at, none))) return;
  for (const auto& file : fs::directory_iterator(at, none)) {
    if (number_of(file.path().filename().string()) > kept) write_or_remove(file.path(), "");
  }
  if (kept == 0) ::rmdir(at.c_str());  // unless it holds more
}

std::string front_csv(const network_search_result& result) {
  const network_search_request& r = result.request;
  std::string text = "layer,mapping" + figure_names(r) + '\n';
  for (const searched_layer& l : result.layers) {
    for (std::size_t i = 0; i < l.front.members.size(); ++i) {
      const candidate& c = l.front.members[i];
      text += fmt::format("{},{}{}\n",
                          csv_quoted(l.name),
                          front_file(i),
                          figure_cells(c.rank.values, scored(c, r.machine), r.search));
    }
  }
  return text;
}

std::string network_front_csv(const network_search_result& result) {
  const network_search_request& r = result.request;
  const std::vector<std::string> folders = layer_folders(r);
  std::string text = "choice" + figure_names(r);
  for (const searched_layer& l : result.layers) text += fmt::format(",{}", csv_quoted(l.name));
  text += '\n';
  for (std::size_t i = 0; i < result.front.size(); ++i) {
    const network_choice& choice = result.front[i];
    text += fmt::format(
        "{}{}",
        i + 1,
        figure_cells(choice.values, figures_of(choice, result.layers, r.machine), r.search));
    for (std::size_t l = 0; l < folders.size(); ++l) {
      const std::string file = folders[l] + "/" + front_file(choice.members[l]);
      text += fmt::format(",{}", csv_quoted(file));
    }
    text += '\n';
  }
  return text;
}

void add_front(json& layer, const searched_layer& l, const network_search_request& r) {
  if (r.search.selection != selection_rule::pareto) return;
  layer["front"] = json::array();
  for (std::size_t i = 0; i < l.front.members.size(); ++i) {
    layer["front"].push_back(member_json(l, i, r));
  }
  layer["hypervolume"] = l.front.hypervolume;
  layer["reference"] = nullptr;
  if (l.front.reference) layer["reference"] = figures_of(*l.front.reference, r.search);
}

void add_network_front(json& result, const network_search_result& found) {
  if (found.front.empty()) return;
  result["front"] = json::array();
  for (const network_choice& choice : found.front) {
    result["front"].push_back(choice_json(choice, found));
  }
}

}  // namespace cugamma
