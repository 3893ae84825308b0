#pragma once

#include <yaml-cpp/yaml.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cugamma {

/// A place in a YAML file: knows how messages call it.
class yaml_place {
 public:
  yaml_place(YAML::Node node, std::shared_ptr<const std::string> file, std::string path)
      : node_(std::move(node)), file_(std::move(file)), path_(std::move(path)) {}

  const YAML::Node& node() const { return node_; }
  const std::string& path() const { return path_; }
  const std::string& file() const { return *file_; }
  int line() const { return node_.Mark().line + 1; }

  bool has(const std::string& key) const { return static_cast<bool>(node_[key]); }
  yaml_place child(const std::string& key) const { return below(node_[key], key); }
  /// The place of a value that belongs to this table under a key.
  yaml_place below(const YAML::Node& value, std::string_view key) const;
  yaml_place element(std::size_t i) const;
  /// The elements of a list; a scalar stands for a list of one. Refuses a table.
  std::vector<yaml_place> elements() const;

  /// What stands here, in one line.
  std::string text() const;

  /// Throws input_error "file:line:column: path: found X, expected Y".
  [[noreturn]] void refuse(std::string_view expected) const;

  /// Throws input_error "file:line:column: what, expected Y" with another mark of this file.
  [[noreturn]] void fail(const YAML::Mark& mark,
                         std::string_view what,
                         std::string_view expected) const;
  /// Throws input_error "file:line:column: what".
  [[noreturn]] void fail(const YAML::Mark& mark, std::string_view what) const;

  /// Refuses what is no table, keys that are not in the list, and keys that come again.
  void expect_keys(const std::vector<std::string>& known) const;

  /// A whole number in a range; none: something else stands here.
  std::optional<std::int64_t> as_whole_number(std::int64_t least, std::int64_t most) const;
  std::string as_one_of(const std::vector<std::string>& words) const;

 private:
  YAML::Node node_;
  std::shared_ptr<const std::string> file_;
  std::string path_;
};

/// The one document of a text; `file` is its name for messages. Throws input_error
/// "file:line:column: what" for what is no YAML.
yaml_place parse_yaml(const std::string& text, const std::string& file);

}  // namespace cugamma
