#include "search/network/front_files.hpp"

#include <fmt/format.h>

#include <array>

#include "cugamma/formats/mapping_file.hpp"
#include "formats/csv_reader.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;

/// A figure of a front's member beside its objectives.
struct front_column {
  const char* name;
  double (*of)(const scored_mapping&);
  bool is_whole;
};
constexpr std::array<front_column, 6> front_columns{{
    {"runtime_cycles", [](const scored_mapping& m) { return m.latency(); }, true},
    {"energy_nj", [](const scored_mapping& m) { return m.energy(); }, false},
    {"", [](const scored_mapping& m) { return m.maestro_energy(); }, false},  // the second energy
    {"l1_size_elems",
     [](const scored_mapping& m) { return static_cast<double>(m.c.l1_size_elems); },
     true},
    {"l2_size_elems", [](const scored_mapping& m) { return m.l2_size(); }, true},
    {"num_pes", [](const scored_mapping& m) { return static_cast<double>(m.pes()); }, true},
}};

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

json member_json(const searched_layer& l, std::size_t member, const network_search_request& r) {
  const candidate& c = l.front.members[member];
  const scored_mapping m{c.figures, r.machine, pes_of(c.mapping, r.machine)};
  json result{{"objectives", figures_of(c.rank.values, r.search)},
              {"mapping_file", front_file(member)}};
  for (const front_column& column : front_columns) {
    const double value = column.of(m);
    result[name_of(column, r)] =
        column.is_whole ? json(static_cast<std::int64_t>(value)) : json(value);
  }
  return result;
}

std::string member_row(const searched_layer& l,
                       std::size_t member,
                       const network_search_request& r) {
  const candidate& c = l.front.members[member];
  const scored_mapping m{c.figures, r.machine, pes_of(c.mapping, r.machine)};
  std::string row = fmt::format("{},{}", csv_quoted(l.name), front_file(member));
  for (const double figure : figures_of(c.rank.values, r.search)) {
    row += fmt::format(",{:.17g}", figure);
  }
  for (const front_column& column : front_columns) row += fmt::format(",{:.17g}", column.of(m));
  return row + '\n';
}

}  // namespace

std::string front_file(std::size_t member) { return fmt::format("front/{:04}.m", member + 1); }

std::string front_mapping_text(const searched_layer& l, std::size_t member) {
  return write_mapping(l.name, l.mapped, to_mapping(l.front.members[member].mapping, l.mapped));
}

std::string front_csv(const network_search_result& result) {
  const network_search_request& r = result.request;
  std::string text = "layer,mapping";
  for (const objective o : r.search.objectives) text += fmt::format(",{}", name_of(o));
  for (const front_column& column : front_columns) text += fmt::format(",{}", name_of(column, r));
  text += '\n';
  for (const searched_layer& l : result.layers) {
    for (std::size_t i = 0; i < l.front.members.size(); ++i) text += member_row(l, i, r);
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

}  // namespace cugamma
