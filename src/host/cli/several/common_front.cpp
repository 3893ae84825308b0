#include "cli/several/common_front.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/search/front_text.hpp"
#include "formats/csv_reader.hpp"

namespace cugamma::cli {
namespace {

std::vector<objective_values> values_of(const network_search_result& found) {
  std::vector<objective_values> values;
  if (found.layers.size() != 1) {
    for (const network_choice& choice : found.front) values.push_back(choice.values);
    return values;
  }
  for (const candidate& c : found.layers[0].front.members) values.push_back(c.rank.values);
  return values;
}

}  // namespace

common_front make_common_front(std::vector<variant> searches,
                               std::span<const network_search_result* const> found) {
  std::vector<common_member> all;
  std::vector<objective_values> points;
  for (std::size_t search = 0; search < found.size(); ++search) {
    std::size_t member = 0;
    for (const objective_values& values : values_of(*found[search])) {
      all.push_back({search, member++, values});
      points.push_back(values);
    }
  }
  common_front front{{}, std::move(searches), found[0]->request.search.objectives};
  for (const std::uint32_t i : undominated(points)) front.members.push_back(all[i]);
  return front;
}

std::string common_front_csv(const common_front& front) {
  std::string text;
  for (const auto& [option, value] : front.searches[0]) text += option + ",";
  text += "member";
  for (const objective o : front.objectives) text += fmt::format(",{}", cugamma::name_of(o));
  text += '\n';
  for (const common_member& m : front.members) {
    for (const auto& [option, value] : front.searches[m.search]) text += csv_quoted(value) + ",";
    text += fmt::format("{}", m.member + 1);
    for (std::size_t i = 0; i < front.objectives.size(); ++i) {
      text += fmt::format(",{:.17g}", figure_of_value(front.objectives[i], m.values[i]));
    }
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json common_front_json(const common_front& front) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const common_member& m : front.members) {
    nlohmann::ordered_json row{{"search", m.search + 1}, {"member", m.member + 1}};
    for (std::size_t i = 0; i < front.objectives.size(); ++i) {
      row["objectives"].push_back(figure_of_value(front.objectives[i], m.values[i]));
    }
    all.push_back(std::move(row));
  }
  return all;
}

std::string common_front_text(const common_front& front) {
  if (front.members.empty()) return "";
  std::string text = fmt::format("front of all searches: {} members\n", front.members.size());
  for (std::size_t by = 0; by < front.objectives.size(); ++by) {
    const auto end = std::ranges::min_element(front.members, {}, [&](const common_member& m) {
      return m.values[by];
    });
    text += fmt::format("  {}: {}; {}\n",
                        extreme_of(front.objectives[by]),
                        objectives_text(end->values, front.objectives),
                        name_of(front.searches[end->search]));
  }
  return text;
}

}  // namespace cugamma::cli
