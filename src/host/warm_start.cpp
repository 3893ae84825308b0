#include "cugamma/warm_start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cugamma/breeding.hpp"
#include "cugamma/error.hpp"
#include "cugamma/to_genome.hpp"

namespace cugamma {
namespace {

std::vector<named_mapping> read_result(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const auto result = nlohmann::json::parse(in, nullptr, false);
  if (!result.is_object() || !result.contains("layers") || !result["layers"].is_array()) {
    throw input_error(fmt::format("{}: expected the result.json of a search", path));
  }
  std::vector<named_mapping> all;
  for (const auto& l : result["layers"]) {
    const auto best = l.find("best");
    if (best == l.end() || !best->is_object() || !best->contains("mapping")) continue;
    mapping_file file = parse_mapping_file((*best)["mapping"].get<std::string>(), path);
    for (named_mapping& m : file.layers) {
      m.name = l.value("name", m.name);
      all.push_back(std::move(m));
    }
  }
  return all;
}

genome adapted(genome g, const search_space& space) {
  random_stream random(1, 0, 0);
  g.layer_index = space.layer_index;
  g.accelerator_index = space.accelerator_index;
  set_own_pes(g, space.search_pes ? space.pes_max : 0);
  if (level_count(g) > space.levels_max) set_level_count(g, space.levels_max);
  while (level_count(g) < space.levels_min) add_level(g, space, random);
  repair(g, space, random);
  return g;
}

}  // namespace

std::vector<named_mapping> read_known_mappings(const std::string& path) {
  const bool is_result = std::filesystem::path(path).extension() == ".json";
  std::vector<named_mapping> all = is_result ? read_result(path) : read_mapping_file(path).layers;
  std::erase_if(all, [](const named_mapping& m) { return !m.m; });
  if (all.empty()) throw input_error(fmt::format("{}: holds no mapping to start from", path));
  return all;
}

std::vector<genome> warm_start(const std::vector<named_mapping>& known,
                               const std::string& name,
                               const search_space& space,
                               std::int64_t most) {
  const bool named = std::ranges::find(known, name, &named_mapping::name) != known.end();
  std::vector<genome> all;
  for (const named_mapping& m : known) {
    if ((named && m.name != name) || std::ssize(all) >= most) continue;
    const auto g = to_genome(unit_stride(m.l), *m.m);
    if (g) all.push_back(adapted(*g, space));
  }
  return all;
}

}  // namespace cugamma
