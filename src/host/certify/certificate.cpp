#include "certify/certificate.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "files/whole_file.hpp"
#include "formats/accelerator/accelerator_json.hpp"
#include "formats/report_json.hpp"
#include "problem/dimension_names.hpp"
#include "search/network/layer_folders.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;

/// A number, null where it is not finite.
json finite(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

std::string dump(const json& j, int indent = -1) {
  return j.dump(indent, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string letters(dimension_mask mask) {
  std::string text;
  for (int d = 0; d < gene_dimension_count; ++d) {
    if (contains(mask, d)) text += "KCYXRS"[d];
  }
  return text;
}

json layer_json(const layer& l) {
  json size = json::object();
  for (int d = 0; d < gene_dimension_count; ++d) {
    size[std::string(1, "KCYXRS"[d])] = l[static_cast<dimension>(d)];
  }
  return {{"type", type_name_of(l.type)},
          {"size", std::move(size)},
          {"stride_y", l.stride_y},
          {"stride_x", l.stride_x}};
}

json tile_json(const tile_rule& rule) {
  const auto dim = [](int d) {
    return d == no_dimension ? json(nullptr) : json(std::string(1, "KCYXRS"[d]));
  };
  return {{"low", rule.low},
          {"high", rule.high},
          {"same_as_above", dim(rule.same_as_above)},
          {"at_most_tile_of", dim(rule.at_most_tile_of)}};
}

json level_json(const level_rule& rule) {
  json tiles = json::object();
  for (int d = 0; d < gene_dimension_count; ++d) {
    const tile_rule& tile = rule.tiles[static_cast<std::size_t>(d)];
    if (tile != tile_rule{}) tiles[std::string(1, "KCYXRS"[d])] = tile_json(tile);
  }
  std::string prefix;
  for (int p = 0; p < rule.fixed_positions; ++p) {
    prefix += "KCYXRS"[index_of(rule.order_prefix[static_cast<std::size_t>(p)])];
  }
  return {{"parallel", letters(rule.parallel)},
          {"order_begins", prefix},
          {"cluster_low", rule.cluster.low},
          {"cluster_high", rule.cluster.high},
          {"tiles", std::move(tiles)}};
}

/// What the mappings are that the certificate speaks of.
json space_json(const search_space& space) {
  json levels = json::array();
  for (int level = 0; level < space.levels_max; ++level) {
    levels.push_back(level_json(space.levels[static_cast<std::size_t>(level)]));
  }
  return {{"levels", std::move(levels)}, {"factors_only", space.factors_only}};
}

json accelerator_with_constants(const accelerator& a) {
  json described = accelerator_json(a);
  json& constants = described["constants"];
  for (const char* name : {"mac_energy_nj",
                           "l1_energy_macs",
                           "l2_energy_macs",
                           "cluster_energy_macs",
                           "dram_energy_macs"}) {
    for (const constant_key& key : constant_keys) {
      if (key.name == name) constants[name] = a.constants.*key.member;
    }
  }
  return described;
}

json layer_entry(const certified_layer& c, const cost_model& model) {
  const auto optimum = c.optimum();
  return {{"layer", c.name},
          {"objective", name_of(c.goal)},
          {"optimum", optimum ? json(*optimum) : json(nullptr)},
          {"lower_bound", finite(c.lower)},
          {"upper_bound", finite(c.upper)},
          {"gap", finite(c.gap())},
          {"proven", c.is_proven},
          {"seconds", c.seconds},
          {"subtrees", c.subtrees},
          {"opened", c.opened},
          {"mapping", c.best ? json(c.mapping) : json(nullptr)},
          {"metrics", c.best ? metrics_json(model, c.figures) : json(nullptr)}};
}

/// The CRC-32 of a text (IEEE 802.3, as zlib's), which goes on from that of another text before it.
std::uint32_t crc32(std::string_view text, std::uint32_t before) {
  std::uint32_t crc = ~before;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

/// The lines of a certificate, each with the checksum of all that is before it in the file.
class sealed_lines {
 public:
  /// line: a JSON object, with or without an end of line.
  void add(std::string line) {
    line.erase(line.rfind('}'));
    crc_ = crc32(line, crc_);
    text_ += fmt::format("{},\"crc\":\"{:08x}\"}}\n", line, crc_);
  }
  const std::string& text() const { return text_; }

 private:
  std::uint32_t crc_ = 0;
  std::string text_;
};

}  // namespace

std::string certificate_text(const certify_problem& problem,
                             const certify_engine& engine,
                             const certified_layer& proved,
                             const engine_result& result) {
  const json header{{"certificate", "cugamma"},
                    {"version", 1},
                    {"cost_model", engine.model},
                    {"objective", name_of(problem.goal)},
                    {"layer", layer_json(problem.space.target)},
                    {"accelerator", accelerator_with_constants(problem.machine)},
                    {"space", space_json(problem.space)},
                    {"lower_bound", finite(proved.lower)},
                    {"upper_bound", finite(proved.upper)},
                    {"subtrees", proved.subtrees},
                    {"opened", proved.opened},
                    {"lines", result.records.size()}};
  json best = nullptr;
  if (proved.best) {
    const cost& c = proved.figures.figures;
    best = {{"value", proved.upper},
            {"runtime_cycles", c.runtime_cycles},
            {"energy_nj", c.energy_nj},
            {"l1_size_elems", c.l1_size_elems},
            {"l2_size_elems", c.l2_size_elems},
            {"mapping", proved.mapping}};
  }
  sealed_lines lines;
  lines.add(dump(header));
  lines.add(dump({{"best", std::move(best)}}));
  for (const std::string& record : result.records) lines.add(record);
  return lines.text();
}

std::string certify_json(const std::vector<certified_layer>& layers, const cost_model& model) {
  json entries = json::array();
  for (const certified_layer& c : layers) entries.push_back(layer_entry(c, model));
  return dump({{"layers", std::move(entries)}}, 2);
}

void write_certificates(const network_search_request& request,
                        const std::vector<certified_layer>& layers,
                        const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path top(folder);
  make_folder(top);
  write_whole(top / "certify.json", certify_json(layers, *request.search.model));
  const std::vector<std::string> names = layer_folders(request);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const fs::path own = layers.size() == 1 ? top : top / names[i];
    make_folder(own, layers.size() > 1);
    if (layers[i].best) write_whole(own / "best.m", layers[i].mapping);
    if (!layers[i].certificate.empty()) {
      write_whole(own / "certificate.jsonl", layers[i].certificate);
    }
  }
  synchronise_folder(top);
}

}  // namespace cugamma
