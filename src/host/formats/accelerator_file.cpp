#include "cugamma/formats/accelerator_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

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
constexpr std::array size_keys{size_key{"l1_size_elems", &accelerator::l1_size_elems},
                               size_key{"l1_size_cstr", &accelerator::l1_size_elems},
                               size_key{"L1Size", &accelerator::l1_size_elems},
                               size_key{"l2_size_elems", &accelerator::l2_size_elems},
                               size_key{"l2_size_cstr", &accelerator::l2_size_elems},
                               size_key{"L2Size", &accelerator::l2_size_elems}};

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
  reader(tokenizer& source, const accelerator& base) : source_(source), result_(base) {}

  accelerator read() {
    while (!source_.peek().is_end()) entry(source_.next());
    return result_;
  }

 private:
  void entry(const token& name) {
    if (const count_key* key = find(count_keys, name.text)) {
      once(name, key->member);
      result_.*key->member = count(*key);
      if (name.text == "NoC_NumHops") result_.noc_hop_latency = 1;
    } else if (const size_key* size = find(size_keys, name.text)) {
      once(name, size->member);
      result_.*size->member = elems();
    } else if (const constant_key* constant = find(constant_keys, name.text)) {
      once(name, constant->member);
      result_.constants.*constant->member = real();
    } else {
      throw source_.unexpected(name, "one of " + allowed_keys());
    }
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

  tokenizer& source_;
  accelerator result_;
  std::set<const void*> named_;
};

}  // namespace

accelerator parse_accelerator_file(std::string_view text,
                                   std::string_view file,
                                   const accelerator& base) {
  tokenizer source(text, file);
  return reader(source, base).read();
}

accelerator read_accelerator_file(const std::string& path, const accelerator& base) {
  const std::string text = read_text(path);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw input_error(
        fmt::format("{}: is empty, expected keys and values: {}", path, allowed_keys()));
  }
  return parse_accelerator_file(text, path, base);
}

}  // namespace cugamma
