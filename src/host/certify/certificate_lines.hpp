#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cugamma/mapping/search_space.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

/// What the lines of all certificates are made of (docs/certify.md).
namespace cugamma {

/// A number, null where it is not finite.
nlohmann::ordered_json finite(double value);

nlohmann::ordered_json layer_json(const layer& l);

/// What the mappings are that a certificate speaks of.
nlohmann::ordered_json space_json(const search_space& space);

/// constants: those that the certificate depends on.
nlohmann::ordered_json accelerator_with_constants(
    const accelerator& a,
    std::initializer_list<std::string_view> constants);

/// The lines of a certificate, each with the checksum of all that is before it in the file.
class sealed_lines {
 public:
  /// line: a JSON object without an end of line.
  void add(std::string line);
  void add(const nlohmann::ordered_json& line);
  const std::string& text() const { return text_; }

 private:
  std::uint32_t crc_ = 0;
  std::string text_;
};

}  // namespace cugamma
