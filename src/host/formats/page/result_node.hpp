#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cugamma::report {

/// A value of result.json together with its path, such as "layers[0].best.metrics.num_macs", so
/// that whatever is shown names where it came from. A missing value is a node too.
class result_node {
 public:
  explicit result_node(const nlohmann::json& root, std::string path = "");

  result_node operator[](std::string_view key) const;
  result_node at(std::size_t i) const;
  std::vector<result_node> elements() const;
  /// Keys of an object, in the order of the file's parser.
  std::vector<std::string> keys() const;

  /// False for a missing value and for null.
  bool present() const;
  bool is_number() const;
  /// The number; NaN where there is none. "inf", "-inf" and "nan" are read as such.
  double number() const;
  /// The number, or another where there is none.
  double number_or(double other) const;
  /// A string as it is, anything else as JSON.
  std::string text() const;

  const std::string& path() const { return path_; }
  const nlohmann::json& json() const { return *value_; }

 private:
  const nlohmann::json* value_;
  std::string path_;
};

}  // namespace cugamma::report
