#include "formats/accelerator/accelerator_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "cugamma/formats/accelerator_file.hpp"
#include "files/did_you_mean.hpp"

namespace cugamma {
namespace {

using count_member = std::int32_t accelerator::*;
using size_member = std::int64_t accelerator::*;

struct count_key {
  std::string_view name;
  count_member member;
  std::int32_t least;
  bool may_be_unlimited;
};
constexpr std::array count_keys{
    count_key{"num_pes", &accelerator::num_pes, 1, false},
    count_key{"NumPEs", &accelerator::num_pes, 1, false},
    count_key{"simd_lanes", &accelerator::simd_lanes, 1, false},
    count_key{"noc_bw", &accelerator::noc_bw, 1, true},
    count_key{"noc_bw_cstr", &accelerator::noc_bw, 1, true},
    count_key{"NoC_BW", &accelerator::noc_bw, 1, true},
    count_key{"noc_hops", &accelerator::noc_hops, 0, false},
    count_key{"NoC_NumHops", &accelerator::noc_hops, 0, false},
    count_key{"noc_hop_latency", &accelerator::noc_hop_latency, 0, false},
    count_key{"offchip_bw", &accelerator::offchip_bw, 1, true},
    count_key{"offchip_bw_cstr", &accelerator::offchip_bw, 1, true},
    count_key{"dram_bw", &accelerator::offchip_bw, 1, true}};

struct size_key {
  std::string_view name;
  size_member member;
};
constexpr std::array size_keys{
    size_key{"l1_size_elems", &accelerator::l1_size_elems},
    size_key{"l1_size", &accelerator::l1_size_elems},
    size_key{"l1_size_cstr", &accelerator::l1_size_elems},
    size_key{"L1Size", &accelerator::l1_size_elems},
    size_key{"l2_size_elems", &accelerator::l2_size_elems},
    size_key{"l2_size", &accelerator::l2_size_elems},
    size_key{"l2_size_cstr", &accelerator::l2_size_elems},
    size_key{"L2Size", &accelerator::l2_size_elems},
    size_key{"cluster_buffer_elems", &accelerator::cluster_buffer_elems}};

/// Keys of an Accelerator block: of XRBench's hardware files, and of the PE, Buffer and NoC blocks
/// that MAESTRO's mapping files describe in their comments. Sizes are bytes, of one element each.
constexpr std::array block_counts{
    count_key{"top_noc_bw", &accelerator::noc_bw, 1, true},
    count_key{"Bandwidth", &accelerator::noc_bw, 1, true},
    count_key{"top_noc_latency", &accelerator::noc_hop_latency, 0, false},
    count_key{"AvgLatency", &accelerator::noc_hop_latency, 0, false},
    count_key{"OffchipBandwidth", &accelerator::offchip_bw, 1, true},
    count_key{"VectorWidth", &accelerator::simd_lanes, 1, false}};
constexpr std::array block_sizes{size_key{"global_shared_memory", &accelerator::l2_size_elems},
                                 size_key{"GlobalL2", &accelerator::l2_size_elems},
                                 size_key{"PE_local_memory", &accelerator::l1_size_elems},
                                 size_key{"LocalL1", &accelerator::l1_size_elems}};
constexpr std::array inner_counts{
    count_key{"col_noc_bw", &accelerator::noc_bw, 1, true},
    count_key{"col_noc_latency", &accelerator::noc_hop_latency, 0, false}};

/// A size with a unit, so many bytes each.
struct byte_key {
  std::string_view name;
  size_member member;
  double bytes;
};
constexpr std::array byte_keys{
    byte_key{"l1_bytes", &accelerator::l1_size_elems, 1},
    byte_key{"l1_kib", &accelerator::l1_size_elems, 1024},
    byte_key{"cluster_buffer_bytes", &accelerator::cluster_buffer_elems, 1},
    byte_key{"cluster_buffer_kib", &accelerator::cluster_buffer_elems, 1024},
    byte_key{"l2_bytes", &accelerator::l2_size_elems, 1},
    byte_key{"l2_kib", &accelerator::l2_size_elems, 1024},
    byte_key{"l2_mib", &accelerator::l2_size_elems, 1024 * 1024}};

/// A bandwidth with a unit, so many bits each, in a second or in a cycle.
struct rate_key {
  std::string_view name;
  count_member member;
  double bits;
  bool is_per_second;
};
constexpr std::array rate_keys{
    rate_key{"noc_gb_per_s", &accelerator::noc_bw, 8e9, true},
    rate_key{"noc_bytes_per_cycle", &accelerator::noc_bw, 8, false},
    rate_key{"noc_bits_per_cycle", &accelerator::noc_bw, 1, false},
    rate_key{"offchip_gb_per_s", &accelerator::offchip_bw, 8e9, true},
    rate_key{"offchip_bytes_per_cycle", &accelerator::offchip_bw, 8, false},
    rate_key{"offchip_bits_per_cycle", &accelerator::offchip_bw, 1, false},
    rate_key{"dram_gb_per_s", &accelerator::offchip_bw, 8e9, true},
    rate_key{"dram_bytes_per_cycle", &accelerator::offchip_bw, 8, false},
    rate_key{"dram_bits_per_cycle", &accelerator::offchip_bw, 1, false}};

/// An energy in pJ of an access of one element.
struct energy_key {
  std::string_view name;
  double cost_constants::*member;
};
constexpr energy_key mac_energy{"mac_energy_pj", &cost_constants::mac_energy_nj};
constexpr std::array energy_keys{
    energy_key{"l1_energy_pj", &cost_constants::l1_energy_macs},
    energy_key{"l2_energy_pj", &cost_constants::l2_energy_macs},
    energy_key{"cluster_energy_pj", &cost_constants::cluster_energy_macs},
    energy_key{"dram_energy_pj", &cost_constants::dram_energy_macs}};

constexpr std::string_view word_bits_key = "word_bits", frequency_key = "frequency_mhz";

template <typename Keys>
const typename Keys::value_type* find(const Keys& keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &Keys::value_type::name);
  return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> all_keys() {
  std::vector<std::string> names;
  const auto append = [&](const auto& keys) {
    for (const auto& key : keys) names.emplace_back(key.name);
  };
  append(count_keys);
  append(size_keys);
  append(byte_keys);
  append(rate_keys);
  append(energy_keys);
  append(constant_keys);
  for (const std::string_view name : {mac_energy.name, word_bits_key, frequency_key}) {
    names.emplace_back(name);
  }
  return names;
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<double> finite_number_in(std::string_view text) {
  const auto value = number_in<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace

bool accelerator_keys::is_key(std::string_view name) {
  return find(count_keys, name) || find(size_keys, name) || find(byte_keys, name) ||
         find(rate_keys, name) || find(energy_keys, name) || find(constant_keys, name) ||
         name == mac_energy.name || name == word_bits_key || name == frequency_key;
}

bool accelerator_keys::is_block_key(std::string_view name) {
  return find(block_counts, name) || find(block_sizes, name);
}

bool accelerator_keys::is_inner_key(std::string_view name) { return find(inner_counts, name); }

bool accelerator_keys::is_bandwidth(std::string_view name) {
  const auto is_noc = [](const count_key* key) {
    return key != nullptr && key->member == &accelerator::noc_bw;
  };
  return is_noc(find(count_keys, name)) || is_noc(find(block_counts, name));
}

void accelerator_keys::refuse(const placed_text& found, std::string_view expected) const {
  const std::string what =
      found.text.empty() ? "found nothing" : fmt::format("found \"{}\"", found.text);
  throw error_at(file_, found.at, fmt::format("{}, expected {}", what, expected));
}

void accelerator_keys::once(const placed_text& name, const void* place) {
  if (named_.insert(place).second) return;
  throw error_at(file_, name.at, fmt::format("{} is given a second time", name.text));
}

template <typename Key>
void accelerator_keys::give_count(const Key& key,
                                  const placed_text& name,
                                  const placed_text& value) {
  once(name, &(result_.*key.member));
  const auto number = number_in<std::int32_t>(value.text);
  const bool is_unlimited = key.may_be_unlimited && number == -1;
  if (!number || (*number < key.least && !is_unlimited)) {
    refuse(value,
           fmt::format("a whole number from {}{}",
                       key.least,
                       key.may_be_unlimited ? ", or -1 for unlimited" : ""));
  }
  result_.*key.member = is_unlimited ? unlimited_bandwidth : *number;
}

template <typename Key>
void accelerator_keys::give_size(const Key& key,
                                 const placed_text& name,
                                 const placed_text& value) {
  once(name, &(result_.*key.member));
  const auto number = number_in<std::int64_t>(value.text);
  if (!number || *number < unlimited) {
    refuse(value, "a whole number of elements, or -1 for unlimited");
  }
  result_.*key.member = *number;
}

/// Figures with units, which are known once all keys are.
bool accelerator_keys::give_measured(const placed_text& name, const placed_text& value) {
  const auto keep = [&](std::vector<open_figure>& kept, const auto& key, const void* place) {
    once(name, place);
    const auto number = finite_number_in(value.text);
    if (!number || *number < 0) refuse(value, "a number from 0");
    kept.push_back({name, &key, *number});
    return true;
  };
  if (const byte_key* key = find(byte_keys, name.text)) {
    return keep(sizes_, *key, &(result_.*key->member));
  }
  if (const rate_key* key = find(rate_keys, name.text)) {
    return keep(bandwidths_, *key, &(result_.*key->member));
  }
  if (const energy_key* key = find(energy_keys, name.text)) {
    return keep(energies_, *key, &(result_.constants.*key->member));
  }
  return false;
}

/// What holds for the whole file.
void accelerator_keys::give_of_file(const placed_text& name, const placed_text& value) {
  const auto number = finite_number_in(value.text);
  if (name.text == mac_energy.name) {
    once(name, &result_.constants.mac_energy_nj);
    if (!number || *number <= 0) refuse(value, "a number above 0");
    result_.constants.mac_energy_nj = *number / 1000;
  } else if (name.text == word_bits_key) {
    constexpr double most = 64;
    once(name, &word_bits_);
    const bool is_whole = number && *number == std::floor(*number);
    if (!is_whole || *number < 1 || *number > most) refuse(value, "a whole number from 1 to 64");
    word_bits_ = *number;
  } else {
    once(name, &frequency_mhz_);
    if (!number || *number <= 0) refuse(value, "a number above 0");
    frequency_mhz_ = *number;
  }
}

void accelerator_keys::expect_key(const placed_text& name) const {
  if (is_key(name.text)) return;
  throw error_at(
      file_,
      name.at,
      fmt::format("found \"{}\"{}",
                  name.text,
                  did_you_mean(name.text,
                               all_keys(),
                               ", expected a key such as num_pes, l1_bytes, l2_kib, noc_bw "
                               "(docs/accelerators.md lists them)")));
}

void accelerator_keys::give(const placed_text& name, const placed_text& value) {
  if (const count_key* key = find(count_keys, name.text)) {
    give_count(*key, name, value);
    if (name.text == "NoC_NumHops") result_.noc_hop_latency = 1;
  } else if (const size_key* size = find(size_keys, name.text)) {
    give_size(*size, name, value);
  } else if (const constant_key* constant = find(constant_keys, name.text)) {
    once(name, &(result_.constants.*constant->member));
    const auto number = number_in<double>(value.text);
    if (!number) refuse(value, "a number");
    if (!std::isfinite(*number)) refuse(value, "a finite number");
    result_.constants.*constant->member = *number;
  } else if (!give_measured(name, value)) {
    give_of_file(name, value);
  }
}

void accelerator_keys::give_in_block(const placed_text& name, const placed_text& value) {
  if (const count_key* key = find(block_counts, name.text)) {
    give_count(*key, name, value);
    // The latency is that of the whole way.
    if (key->member == &accelerator::noc_hop_latency) {
      once(name, &result_.noc_hops);
      result_.noc_hops = 1;
    }
  } else if (const size_key* size = find(block_sizes, name.text)) {
    give_size(*size, name, value);
  } else {
    give(name, value);
  }
}

void accelerator_keys::give_inner(const placed_text& name, const placed_text& value) {
  const count_key& key = *find(inner_counts, name.text);
  accelerator_keys alone(file_, result_);
  alone.give_count(key, name, value);
  inner_.push_back({name, key.member, alone.result_.*key.member});
}

/// Constants of a byte hold for a word.
void accelerator_keys::settle_words() {
  if (word_bits_ == 0) return;
  const double bytes = word_bits_ / 8;
  result_.constants.sram_area_um2_per_byte *= bytes;
  result_.constants.sram_power_mw_per_byte *= bytes;
  result_.constants.budget_buffer_area_um2_per_byte *= bytes;
}

void accelerator_keys::settle_sizes() {
  const double word_bits = word_bits_ == 0 ? 8 : word_bits_;
  for (const open_figure& f : sizes_) {
    const byte_key& key = *static_cast<const byte_key*>(f.key);
    const double elems = std::floor(f.value * key.bytes * 8 / word_bits);
    constexpr double most = 9e18;
    if (elems < 1 || elems > most) {
      throw error_at(
          file_,
          f.name.at,
          fmt::format("{}: found room for {:.0f} elements of {} bits, expected 1 or more",
                      f.name.text,
                      elems,
                      word_bits));
    }
    result_.*key.member = static_cast<std::int64_t>(elems);
  }
}

void accelerator_keys::settle_bandwidths() {
  const double word_bits = word_bits_ == 0 ? 8 : word_bits_;
  for (const open_figure& f : bandwidths_) {
    const rate_key& key = *static_cast<const rate_key*>(f.key);
    if (key.is_per_second && frequency_mhz_ == 0) {
      throw error_at(file_,
                     f.name.at,
                     fmt::format("{}: needs {}, which says how many cycles a second has",
                                 f.name.text,
                                 frequency_key));
    }
    const double cycles = key.is_per_second ? frequency_mhz_ * 1e6 : 1;
    // A figure such as 25.6 GB/s at 800 MHz is whole but for its last bit.
    const double elems = std::floor(f.value * key.bits / cycles / word_bits + 1e-9);
    if (elems < 1 || elems > unlimited_bandwidth) {
      throw error_at(file_,
                     f.name.at,
                     fmt::format("{}: found {:.3g} elements of {} bits a cycle, expected 1 to {}",
                                 f.name.text,
                                 f.value * key.bits / cycles / word_bits,
                                 word_bits,
                                 unlimited_bandwidth));
    }
    result_.*key.member = static_cast<std::int32_t>(elems);
  }
}

void accelerator_keys::settle_energies() {
  const double mac_pj = result_.constants.mac_energy_nj * 1000;
  for (const open_figure& f : energies_) {
    const energy_key& key = *static_cast<const energy_key*>(f.key);
    if (!(mac_pj > 0)) {
      throw error_at(file_,
                     f.name.at,
                     fmt::format("{}: needs the energy of a MAC (mac_energy_pj) above 0, found {}",
                                 f.name.text,
                                 mac_pj));
    }
    result_.constants.*key.member = f.value / mac_pj;
  }
}

/// The NoCs of all levels have the top one's figures.
void accelerator_keys::settle_inner(std::vector<std::string>& warnings) {
  for (const inner_figure& i : inner_) {
    std::int32_t& top = result_.*i.member;
    if (!named_.contains(&top)) {
      top = i.value;
      if (i.member == &accelerator::noc_hop_latency) result_.noc_hops = 1;
    }
    if (top == i.value) continue;
    warnings.push_back(fmt::format("{}:{}: {}: {} is left out, the NoCs of all levels have {}",
                                   file_,
                                   i.name.at.line,
                                   i.name.text,
                                   i.value,
                                   top));
  }
}

accelerator accelerator_keys::result(std::vector<std::string>& warnings) {
  settle_words();
  settle_sizes();
  settle_bandwidths();
  settle_energies();
  settle_inner(warnings);
  return result_;
}

}  // namespace cugamma
