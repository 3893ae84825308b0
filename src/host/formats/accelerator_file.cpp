#include "cugamma/formats/accelerator_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "files/read_file.hpp"
#include "formats/tokenizer.hpp"

namespace cugamma {
namespace {

struct count_key {
  std::string_view name;
  std::int32_t accelerator::*member;
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
    count_key{"offchip_bw_cstr", &accelerator::offchip_bw, 1, true}};

struct size_key {
  std::string_view name;
  std::int64_t accelerator::*member;
};
constexpr std::array size_keys{
    size_key{"l1_size_elems", &accelerator::l1_size_elems},
    size_key{"l1_size_cstr", &accelerator::l1_size_elems},
    size_key{"L1Size", &accelerator::l1_size_elems},
    size_key{"l2_size_elems", &accelerator::l2_size_elems},
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
/// Of the NoCs below the top level, which have no figures of their own here.
constexpr std::array inner_counts{
    count_key{"col_noc_bw", &accelerator::noc_bw, 1, true},
    count_key{"col_noc_latency", &accelerator::noc_hop_latency, 0, false}};
constexpr std::array<std::string_view, 2> multicast_keys{"top_noc_multicast", "col_noc_multicast"};
constexpr std::array<std::string_view, 3> block_names{"PE", "Buffer", "NoC"};

template <typename Keys>
const typename Keys::value_type* find(const Keys& keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &Keys::value_type::name);
  return found == keys.end() ? nullptr : &*found;
}

std::string allowed_keys() {
  std::string text;
  const auto append = [&](const auto& keys) {
    for (const auto& key : keys) text += fmt::format("{}{}", text.empty() ? "" : ", ", key.name);
  };
  append(count_keys);
  append(size_keys);
  append(constant_keys);
  return text;
}

template <typename Number>
Number parse_number(const tokenizer& source, const token& word, std::string_view expected) {
  Number value{};
  const char* end = word.text.data() + word.text.size();
  const auto [stop, error] = std::from_chars(word.text.data(), end, value);
  if (error != std::errc{} || stop != end) throw source.unexpected(word, expected);
  return value;
}

class reader {
 public:
  reader(tokenizer& source, std::string_view file, const accelerator& base)
      : source_(source), file_(file), result_(base) {}

  accelerator read() {
    bool has_block = false;
    while (!source_.peek().is_end()) {
      const token name = source_.next();
      if (name.text != "Accelerator") {
        entry(name);
        continue;
      }
      if (has_block) throw source_.error(name, "found a second Accelerator, expected one");
      has_block = true;
      while (!source_.peek().is_end() && source_.peek().text != "{") source_.next();
      block();
    }
    settle_inner();
    return result_;
  }

  std::vector<std::string> warnings() && { return std::move(warnings_); }

 private:
  void block() {
    source_.expect("{");
    while (!source_.accept("}")) {
      const token name = source_.next();
      if (name.is_end()) throw source_.unexpected(name, "a key or \"}\"");
      const bool is_block = source_.peek().text == "{";
      if (is_block && std::ranges::find(block_names, name.text) != block_names.end()) {
        block();
      } else if (is_block) {
        leave_out(name);
        source_.expect("{");
        source_.skip_to_brace();
      } else {
        block_entry(name);
      }
    }
  }

  void block_entry(const token& name) {
    if (const count_key* key = find(block_counts, name.text)) {
      give(name, *key);
      // The latency is that of the whole way.
      if (key->member == &accelerator::noc_hop_latency) {
        once(name, &accelerator::noc_hops);
        result_.noc_hops = 1;
      }
    } else if (const size_key* size = find(block_sizes, name.text)) {
      give(name, *size);
    } else if (const count_key* inner = find(inner_counts, name.text)) {
      inner_.push_back({inner, name, count(*inner)});
    } else if (std::ranges::find(multicast_keys, name.text) != multicast_keys.end()) {
      multicast(name);
    } else if (is_key(name.text)) {
      entry(name);
    } else {
      leave_out(name);
      if (source_.peek().text != "}") source_.next();
    }
  }

  static bool is_key(std::string_view name) {
    return find(count_keys, name) || find(size_keys, name) || find(constant_keys, name);
  }

  void leave_out(const token& name) {
    warnings_.push_back(
        fmt::format("{}:{}: {} is not known here and is left out", file_, name.at.line, name.text));
  }

  void multicast(const token& name) {
    const token value = source_.next();
    if (value.text == "True" || value.text == "true" || value.text == "1") return;
    if (value.text != "False" && value.text != "false" && value.text != "0") {
      throw source_.unexpected(value, "True or False");
    }
    warnings_.push_back(fmt::format("{}:{}: {}: {} is left out, every NoC multicasts",
                                    file_,
                                    name.at.line,
                                    name.text,
                                    value.text));
  }

  /// The NoCs of all levels have the top one's figures.
  void settle_inner() {
    for (const inner_figure& i : inner_) {
      std::int32_t& top = result_.*i.key->member;
      if (!named_.contains(&top)) {
        top = i.value;
        if (i.key->member == &accelerator::noc_hop_latency) result_.noc_hops = 1;
      }
      if (top == i.value) continue;
      warnings_.push_back(fmt::format("{}:{}: {}: {} is left out, the NoCs of all levels have {}",
                                      file_,
                                      i.name.at.line,
                                      i.name.text,
                                      i.value,
                                      top));
    }
  }

  void entry(const token& name) {
    if (const count_key* key = find(count_keys, name.text)) {
      give(name, *key);
      if (name.text == "NoC_NumHops") result_.noc_hop_latency = 1;
    } else if (const size_key* size = find(size_keys, name.text)) {
      give(name, *size);
    } else if (const constant_key* constant = find(constant_keys, name.text)) {
      once(name, constant->member);
      result_.constants.*constant->member = real();
    } else {
      throw source_.unexpected(name, "one of " + allowed_keys());
    }
  }

  void give(const token& name, const count_key& key) {
    once(name, key.member);
    result_.*key.member = count(key);
  }

  void give(const token& name, const size_key& key) {
    once(name, key.member);
    result_.*key.member = elems();
  }

  template <typename Member>
  void once(const token& name, Member member) {
    const void* place;
    if constexpr (std::is_same_v<Member, double cost_constants::*>) {
      place = &(result_.constants.*member);
    } else {
      place = &(result_.*member);
    }
    if (!named_.insert(place).second) {
      throw source_.error(name, fmt::format("{} is given a second time", name.text));
    }
  }

  std::int32_t count(const count_key& key) {
    const token word = source_.next();
    const std::string expected = fmt::format("a whole number from {}{}",
                                             key.least,
                                             key.may_be_unlimited ? ", or -1 for unlimited" : "");
    const auto value = parse_number<std::int32_t>(source_, word, expected);
    if (value == -1 && key.may_be_unlimited) return unlimited_bandwidth;
    if (value < key.least) throw source_.unexpected(word, expected);
    return value;
  }

  std::int64_t elems() {
    constexpr std::string_view expected = "a whole number of elements, or -1 for unlimited";
    const token word = source_.next();
    const auto value = parse_number<std::int64_t>(source_, word, expected);
    if (value < unlimited) throw source_.unexpected(word, expected);
    return value;
  }

  double real() {
    const token word = source_.next();
    const auto value = parse_number<double>(source_, word, "a number");
    if (!std::isfinite(value)) throw source_.unexpected(word, "a finite number");
    return value;
  }

  struct inner_figure {
    const count_key* key;
    token name;
    std::int32_t value;
  };

  tokenizer& source_;
  std::string_view file_;
  accelerator result_;
  std::set<const void*> named_;
  std::vector<inner_figure> inner_;
  std::vector<std::string> warnings_;
};

}  // namespace

accelerator parse_accelerator_file(std::string_view text,
                                   std::string_view file,
                                   const accelerator& base,
                                   std::vector<std::string>* warnings) {
  tokenizer source(text, file);
  reader all(source, file, base);
  const accelerator result = all.read();
  if (warnings != nullptr)
    std::ranges::move(std::move(all).warnings(), std::back_inserter(*warnings));
  return result;
}

accelerator read_accelerator_file(const std::string& path,
                                  const accelerator& base,
                                  std::vector<std::string>* warnings) {
  const std::string text = read_file(path);
  if (tokenizer(text, path).peek().is_end()) {
    throw input_error(
        fmt::format("{}: says nothing of an accelerator, expected keys and values: {}",
                    path,
                    allowed_keys()));
  }
  return parse_accelerator_file(text, path, base, warnings);
}

}  // namespace cugamma
