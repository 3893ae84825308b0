#include "formats/timeloop/storage.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cugamma::timeloop {
namespace {

/// Attributes that Timeloop or Accelergy know, without effect on a dense model's figures.
constexpr std::string_view attributes_without_effect[] = {
    "technology",
    "num_ports",
    "n_ports",
    "num_banks",
    "n_banks",
    "latency",
    "cycle_time",
    "cycle_seconds",
    "global_cycle_seconds",
    "metadata_block_size",
    "metadata_datawidth",
    "metadata_word_bits",
    "metadata_storage_width",
    "metadata_width",
    "metadata_storage_depth",
    "metadata_depth",
    "decompression_supported",
    "compression_supported",
    "concordant_compressed_tile_traversal",
};

/// Attributes of features that the model does not have.
constexpr std::string_view not_modelled[] = {
    "network_read",
    "network_fill",
    "network_drain",
    "network_update",
    "network_operand",
    "network_result",
    "power_gated_at",
    "energy_per_ingress",
};

/// The table that holds a component's attributes: without the key, the component itself.
table attributes_of(const component& c) {
  table outer(c.at, "a table of name, class, attributes");
  outer.find("name");
  outer.find("class");
  const auto inner = outer.find("attributes");
  if (!inner) return outer;
  return {*inner, "a table of attributes"};
}

void refuse_not_modelled(table& t) {
  for (const std::string_view key : not_modelled) t.refuse(key, "is not modelled");
  for (const char* key : {"allow_overbooking", "tile_partition_supported"}) {
    if (t.flag(key).value_or(false)) t.refuse(key, "is not modelled");
  }
  if (const auto type = t.find("network_type")) {
    const std::string word = word_at(*type, "1:1, 1:N");
    if (word == "M:N") t.refuse("network_type", "M:N is not modelled");
    if (word != "1:1" && word != "1:N") type->refuse("1:1, 1:N");
  }
}

void warn_of_others(table& t, const component& c, std::vector<std::string>& warnings) {
  for (const std::string_view key : attributes_without_effect) t.find(key);
  for (const table::entry& e : t.unused()) {
    warnings.push_back(fmt::format("{}:{}: attribute {} of {} has no effect",
                                   c.at.file(),
                                   e.mark.line + 1,
                                   e.key,
                                   c.name));
  }
}

/// Instances and their columns and rows, for levels and arithmetic alike.
template <typename Level>
void read_mesh(table& t, const component& c, Level& level) {
  level.instances = t.whole({"instances"}, 1).value_or(c.instances);
  const auto x = t.whole({"meshX"}, 1);
  const auto y = t.whole({"meshY"}, 1);
  level.mesh_x = x ? *x : y ? level.instances / *y : level.instances;
  level.mesh_y = y ? *y : level.instances / level.mesh_x;
  if (level.mesh_x * level.mesh_y == level.instances) return;
  const auto at = t.find({"meshX", "meshY"});
  at->refuse(fmt::format("meshX and meshY that multiply to the {} instances of {}",
                         level.instances,
                         c.name));
}

/// Words of a vector access, and instances that share one.
void read_width(table& t, storage_level& level) {
  const auto block = t.whole({"block_size", "n_words"}, 1);
  const auto cluster = t.whole({"cluster_size"}, 1);
  level.block_size = block.value_or(1);
  level.cluster_size = cluster.value_or(1);
  const auto at = t.find({"width", "memory_width", "data_storage_width"});
  if (!at) return;
  const auto width = t.whole({"width", "memory_width", "data_storage_width"}, 1);
  const std::int64_t block_bits = level.word_bits * level.block_size;
  if (*width % block_bits != 0) {
    at->refuse(fmt::format("a multiple of word_bits * block_size = {}", block_bits));
  }
  if (block && cluster) {
    if (block_bits * *cluster != *width) {
      at->refuse(fmt::format("word_bits * block_size * cluster_size = {}", block_bits * *cluster));
    }
  } else if (cluster) {
    level.block_size = *width / *cluster / level.word_bits;
    if (level.block_size == 0) at->refuse("at least word_bits * cluster_size");
  } else if (block) {
    level.cluster_size = *width / block_bits;
  } else {
    level.block_size = *width / level.word_bits;
  }
}

void read_size(table& t, storage_level& level) {
  const std::initializer_list<std::string_view> depth_keys{"depth",
                                                           "memory_depth",
                                                           "data_storage_depth"};
  constexpr std::int64_t most = 4294967295;  // "without limit", as some write it
  const auto entries = t.whole({"entries"}, 0, most);
  const auto depth = t.whole(depth_keys, 0, most);
  const auto kilobytes = t.whole({"sizeKB"}, 0, most);
  if (entries.has_value() + depth.has_value() + kilobytes.has_value() > 1) {
    (kilobytes ? t.find("sizeKB") : t.find(depth_keys))->refuse("one of entries, depth, sizeKB");
  }
  if (entries) level.size_words = *entries;
  if (depth) level.size_words = *depth * level.block_size;
  if (kilobytes) level.size_words = *kilobytes * 1024 * 8 / level.word_bits;
}

void read_bandwidth(table& t, const problem* layer, storage_level& level) {
  if (const auto both = t.positive("bandwidth")) {
    level.read_bandwidth = *both / 2;
    level.write_bandwidth = *both / 2;
  }
  if (const auto read = t.positive("read_bandwidth")) level.read_bandwidth = read;
  if (const auto write = t.positive("write_bandwidth")) level.write_bandwidth = write;
  level.shared_bandwidth = t.positive("shared_bandwidth");

  const auto scales = t.find("per_dataspace_bandwidth_consumption_scale");
  if (!scales) return;
  if (layer == nullptr) scales->refuse("no tensors' names without a problem");
  table by_tensor(*scales, "a table of tensors and numbers");
  level.bandwidth_scales.assign(layer->tensors.size(), 1);
  for (std::size_t i = 0; i < layer->tensors.size(); ++i) {
    const std::string key = plain_key(layer->tensors[i].name);
    if (const auto scale = by_tensor.number(key)) level.bandwidth_scales[i] = *scale;
  }
  by_tensor.refuse_unused();
}

/// Timeloop's built-in energy of a vector access, for DRAM and for SRAM.
double built_in_pj(const storage_level& l) {
  const auto word_bits = static_cast<double>(l.word_bits);
  const auto block = static_cast<double>(l.block_size);
  if (l.is_dram) return 200.0 * (word_bits * block) / 16;
  if (l.size_words.value_or(0) == 0) return 0;
  const std::int64_t rows = *l.size_words / l.block_size + (*l.size_words % l.block_size > 0);
  const auto cluster = static_cast<double>(l.cluster_size);
  const double width = word_bits * block * cluster;
  const double kilobytes = width * static_cast<double>(rows) / (8 * 1024);
  constexpr double slope = (6.0 - 1.0) / (100.0 - 0.5);
  const double relative = slope * (kilobytes - 0.5) + 1.0;
  return relative * width / 16 / cluster;
}

void read_network(table& t, storage_level& level) {
  level.network_latency_cycles =
      static_cast<double>(t.whole({"network_fill_latency"}, 0).value_or(0) +
                          t.whole({"network_drain_latency"}, 0).value_or(0));
  level.network_word_bits = t.whole({"network_word_bits"}, 1).value_or(level.word_bits);
  level.router_pj = t.number("router_energy").value_or(0);
  level.wire_pj = t.number("wire_energy").value_or(0);
  level.tile_width_um = t.number("tile_width");
  level.energy_per_hop_pj = t.number("energy_per_hop");
}

void read_buffering(table& t, storage_level& level) {
  level.multiple_buffering = t.positive("multiple_buffering").value_or(1);
  level.min_utilization = t.number("min_utilization").value_or(0);
  if (level.min_utilization > 0 && !level.size_words) {
    t.find("min_utilization")->refuse("0 at a level without a size");
  }
}

}  // namespace

read_level read_storage(const component& c,
                        const problem* layer,
                        std::vector<std::string>& warnings) {
  table t = attributes_of(c);
  refuse_not_modelled(t);
  read_level result;
  storage_level& level = result.level;
  level.name = c.name;
  level.is_dram = c.class_name.find("DRAM") != std::string::npos;
  if (const auto technology = t.find("technology")) {
    level.is_dram = level.is_dram || technology->node().Scalar() == "DRAM";
  }
  read_mesh(t, c, level);
  level.word_bits = t.whole({"word_bits", "word_width", "datawidth"}, 1).value_or(16);
  read_width(t, level);
  if (level.is_dram && level.cluster_size != 1) {
    t.at().fail(
        t.at().node().Mark(),
        fmt::format("{}: the width makes a cluster_size of {}", t.at().path(), level.cluster_size),
        "1 for a DRAM");
  }
  read_size(t, level);
  read_bandwidth(t, layer, level);
  read_buffering(t, level);
  read_network(t, level);
  level.supports_reduction = t.flag("reduction_supported").value_or(!level.is_dram);
  level.address_generation_pj = t.number("addr_gen_energy").value_or(0);
  const auto own_energy = t.number("vector_access_energy");
  result.has_own_energy = own_energy.has_value();
  level.read_pj = level.fill_pj = level.update_pj = own_energy.value_or(built_in_pj(level));
  level.area_um2 = t.number("cluster_area").value_or(0) / static_cast<double>(level.cluster_size);
  warn_of_others(t, c, warnings);
  return result;
}

arithmetic_units read_arithmetic(const component& c, std::vector<std::string>& warnings) {
  table t = attributes_of(c);
  refuse_not_modelled(t);
  arithmetic_units units;
  units.name = c.name;
  read_mesh(t, c, units);
  units.word_bits = t.whole({"word_bits", "datawidth"}, 1).value_or(16);
  const double words = static_cast<double>(units.word_bits) / 16;
  units.mac_pj = t.number("energy").value_or(words * words);
  units.area_um2 = t.number("area").value_or(0);
  warn_of_others(t, c, warnings);
  return units;
}

}  // namespace cugamma::timeloop
