#include "cugamma/search/warm_start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "cugamma/error.hpp"
#include "cugamma/mapping/to_genome.hpp"
#include "files/parse_json.hpp"
#include "files/read_file.hpp"
#include "mapping/operators/breeding.hpp"

namespace cugamma {
namespace {

genome adapted(genome g, std::int32_t num_pes, const search_space& space) {
  random_stream random(1, 0, 0);
  g.layer_index = space.layer_index;
  g.accelerator_index = space.accelerator_index;
  const std::int32_t pes = num_pes > 0 ? num_pes : space.pes_max;
  set_own_pes(g, space.search_pes ? std::clamp(pes, space.pes_min, space.pes_max) : 0);
  if (level_count(g) > space.levels_max) set_level_count(g, space.levels_max);
  while (level_count(g) < space.levels_min) add_level(g, space, random);
  repair(g, space, random);
  return g;
}

/// 0: of the same shape; 1: of the same name; 2: of another layer.
int distance(const named_mapping& m, const std::string& name, const search_space& space) {
  if (unit_stride(m.l) == unit_stride(space.target)) return 0;
  return m.name == name ? 1 : 2;
}

}  // namespace

std::vector<named_mapping> known_mappings_of(std::string_view text, const std::string& name) {
  const nlohmann::json result = parse_json(text, name);
  if (!result.is_object() || !result.contains("layers") || !result["layers"].is_array()) {
    throw input_error(fmt::format("{}: expected the result.json of a search", name));
  }
  std::vector<named_mapping> all;
  for (const auto& l : result["layers"]) {
    const nlohmann::json best = l.is_object() ? l.value("best", nlohmann::json()) : nullptr;
    const bool has_mapping = best.is_object() && best.contains("mapping");
    if (!has_mapping || !best["mapping"].is_string()) continue;
    mapping_file file = parse_mapping_file(best["mapping"].get<std::string>(), name);
    for (named_mapping& m : file.layers) {
      if (l.contains("name") && l["name"].is_string()) m.name = l["name"].get<std::string>();
      const auto pes = best.find("num_pes");
      if (pes != best.end() && pes->is_number_integer()) {
        const auto most = std::int64_t{std::numeric_limits<std::int32_t>::max()};
        m.num_pes = static_cast<std::int32_t>(std::clamp<std::int64_t>(*pes, 0, most));
      }
      all.push_back(std::move(m));
    }
  }
  return all;
}

std::vector<named_mapping> read_known_mappings(const std::string& path) {
  const bool is_result = std::filesystem::path(path).extension() == ".json";
  std::vector<named_mapping> all =
      is_result ? known_mappings_of(read_file(path), path) : read_mapping_file(path).layers;
  std::erase_if(all, [](const named_mapping& m) { return !m.m; });
  std::ranges::for_each(all, fit_tiles);
  if (all.empty()) throw input_error(fmt::format("{}: holds no mapping to start from", path));
  std::string reason;
  const bool is_usable = std::ranges::any_of(all, [&](const named_mapping& m) {
    return to_genome(m.l, *m.m, &reason).has_value();
  });
  if (!is_usable) {
    throw input_error(fmt::format("{}: a search cannot start from its mappings: {}", path, reason));
  }
  return all;
}

std::vector<genome> warm_start(const std::vector<named_mapping>& known,
                               const std::string& name,
                               const search_space& space,
                               std::int64_t most) {
  std::array<std::vector<genome>, 3> found;
  for (const named_mapping& m : known) {
    if (!m.m) continue;
    const auto g = to_genome(m.l, *m.m);
    if (g)
      found[static_cast<std::size_t>(distance(m, name, space))].push_back(
          adapted(*g, m.num_pes, space));
  }
  std::vector<genome> all = std::move(found[0]);
  all.insert(all.end(), found[1].begin(), found[1].end());
  if (all.empty()) all = std::move(found[2]);
  if (std::ssize(all) > most) all.resize(static_cast<std::size_t>(most));
  return all;
}

}  // namespace cugamma
