#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cugamma/error.hpp"

namespace cugamma {

/// Appends plain values to a string of bytes, in this machine's order.
class byte_writer {
 public:
  template <typename Value>
  requires std::is_trivially_copyable_v<Value>
  void put(Value value) {
#if __has_builtin(__builtin_clear_padding)
    __builtin_clear_padding(&value);  // equal values are equal bytes
#endif
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <typename Value>
  void put_all(std::span<const Value> values) {
    put(static_cast<std::uint64_t>(values.size()));
    for (const Value& value : values) put(value);
  }
  void put_text(std::string_view text) {
    put(static_cast<std::uint64_t>(text.size()));
    bytes_.append(text);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Takes them back in the same order. Throws input_error where the bytes end too early.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Value>
  requires std::is_trivially_copyable_v<Value> Value get() {
    if constexpr (std::is_same_v<Value, bool>) {
      const auto byte = get<std::uint8_t>();
      if (byte > 1) throw input_error("a yes or no is neither");
      return byte == 1;
    } else {
      Value value;
      std::memcpy(&value, take(sizeof value).data(), sizeof value);
      return value;
    }
  }
  template <typename Value, typename List = std::vector<Value>>
  List get_all() {
    const auto count = get<std::uint64_t>();
    if (count > bytes_.size() / sizeof(Value)) throw input_error("a list ends too early");
    List values;
    values.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) values.push_back(get<Value>());
    return values;
  }
  std::string get_text() { return std::string(take(get<std::uint64_t>())); }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) throw input_error("a value ends too early");
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

}  // namespace cugamma
