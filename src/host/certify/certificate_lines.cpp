#include "certify/certificate_lines.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "cugamma/formats/accelerator_file.hpp"
#include "formats/accelerator/accelerator_json.hpp"
#include "problem/dimension_names.hpp"

namespace cugamma {
namespace {

using json = nlohmann::ordered_json;

std::string letters(dimension_mask mask) {
  std::string text;
  for (int d = 0; d < gene_dimension_count; ++d) {
    if (contains(mask, d)) text += "KCYXRS"[d];
  }
  return text;
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

/// The CRC-32 of a text (IEEE 802.3, as zlib's), which goes on from that of another text before it.
std::uint32_t crc32(std::string_view text, std::uint32_t before) {
  std::uint32_t crc = ~before;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

}  // namespace

json finite(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

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

json space_json(const search_space& space) {
  json levels = json::array();
  for (int level = 0; level < space.levels_max; ++level) {
    levels.push_back(level_json(space.levels[static_cast<std::size_t>(level)]));
  }
  return {{"levels", std::move(levels)}, {"factors_only", space.factors_only}};
}

json accelerator_with_constants(const accelerator& a,
                                std::initializer_list<std::string_view> names) {
  json described = accelerator_numbers(a);
  json& constants = described["constants"];
  for (const std::string_view name : names) {
    for (const constant_key& key : constant_keys) {
      if (key.name == name) constants[std::string(name)] = a.constants.*key.member;
    }
  }
  return described;
}

void sealed_lines::add(std::string line) {
  line.erase(line.rfind('}'));
  crc_ = crc32(line, crc_);
  text_ += fmt::format("{},\"crc\":\"{:08x}\"}}\n", line, crc_);
}

void sealed_lines::add(const json& line) {
  add(line.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace cugamma
