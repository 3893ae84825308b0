#include "cli/several/common_front.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "formats/csv_reader.hpp"

namespace cugamma::cli {
namespace {

std::vector<objective_values> values_of(const network_search_result& found) {
  std::vector<objective_values> values;
  if (found.layers.size() > 1) {
    for (const network_choice& choice : found.front) values.push_back(choice.values);
    return values;
  }
  for (const candidate& c : found.layers[0].front.members) values.push_back(c.rank.values);
  return values;
}

std::string figures_text(const objective_values& values, std::span<const objective> objectives) {
  std::string text;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    text += fmt::format("{}{} {:.8g}",
                        i == 0 ? "" : ", ",
                        cugamma::name_of(objectives[i]),
                        figure_of_value(objectives[i], values[i]));
  }
  return text;
}

}  // namespace

std::vector<common_member> common_front(std::span<const network_search_result* const> found) {
  std::vector<common_member> all;
  std::vector<objective_values> points;
  for (std::size_t search = 0; search < found.size(); ++search) {
    std::size_t member = 0;
    for (const objective_values& values : values_of(*found[search])) {
      all.push_back({search, member++, values});
      points.push_back(values);
    }
  }
  std::vector<common_member> front;
  for (const std::uint32_t i : undominated(points)) front.push_back(all[i]);
  return front;
}

std::string common_front_csv(const std::vector<common_member>& front,
                             const std::vector<variant>& searches,
                             std::span<const objective> objectives) {
  std::string text;
  for (const auto& [option, value] : searches[0]) text += option + ",";
  text += "member";
  for (const objective o : objectives) text += fmt::format(",{}", cugamma::name_of(o));
  text += '\n';
  for (const common_member& m : front) {
    for (const auto& [option, value] : searches[m.search]) text += csv_quoted(value) + ",";
    text += fmt::format("{}", m.member + 1);
    for (std::size_t i = 0; i < objectives.size(); ++i) {
      text += fmt::format(",{:.17g}", figure_of_value(objectives[i], m.values[i]));
    }
    text += '\n';
  }
  return text;
}

std::string common_front_text(const std::vector<common_member>& front,
                              const std::vector<variant>& searches,
                              std::span<const objective> objectives) {
  if (front.empty()) return "";
  std::string text = fmt::format("front of all searches: {} members\n", front.size());
  for (std::size_t by = 0; by < objectives.size(); ++by) {
    const auto end =
        std::ranges::min_element(front, {}, [&](const common_member& m) { return m.values[by]; });
    const char* extreme = is_maximised(objectives[by]) ? "most" : "least";
    text += fmt::format("  {} {}: {}; {}\n",
                        extreme,
                        cugamma::name_of(objectives[by]),
                        figures_text(end->values, objectives),
                        name_of(searches[end->search]));
  }
  return text;
}

}  // namespace cugamma::cli
