#include "formats/accelerator/accelerator_yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <vector>

#include "files/parse_yaml.hpp"
#include "formats/accelerator/accelerator_keys.hpp"

namespace cugamma {
namespace {

text_position position_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

bool begins_comment(std::string_view text, std::size_t at, std::string_view sign) {
  const bool is_apart = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t' ||
                        text[at - 1] == '\n' || text[at - 1] == '\r';
  return is_apart && text.substr(at).starts_with(sign);
}

/// Places stay what they are: comments become blanks.
std::string without_comments(std::string_view text, std::string_view sign) {
  std::string out(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!begins_comment(text, i, sign)) continue;
    for (; i < text.size() && text[i] != '\n'; ++i) {
      if (text[i] != '\r') out[i] = ' ';
    }
  }
  return out;
}

/// What a table says, key by key; what is in a table of its own has the table's name before it.
void give_all(const YAML::Node& table,
              const std::string& prefix,
              std::string_view file,
              accelerator_keys& keys) {
  for (const auto& entry : table) {
    const text_position at = position_of(entry.first.Mark());
    if (!entry.first.IsScalar()) throw error_at(file, at, "found no name, expected a key");
    const placed_text name{prefix + entry.first.Scalar(), at};
    if (name.text == "about") continue;
    if (entry.second.IsMap()) {
      give_all(entry.second, name.text + "_", file, keys);
      continue;
    }
    keys.expect_key(name);
    const text_position value_at = entry.second.IsNull() ? at : position_of(entry.second.Mark());
    if (entry.second.IsSequence()) {
      throw error_at(file, value_at, fmt::format("{}: found a list, expected a number", name.text));
    }
    keys.give(name, {entry.second.IsNull() ? "" : entry.second.Scalar(), value_at});
  }
}

/// The table of a file; no other document is in it.
YAML::Node table_of(std::string_view text, std::string_view file) {
  const yaml_place document = parse_yaml(without_comments(text, "//"), std::string(file));
  if (!document.node().IsMap()) {
    throw error_at(file,
                   position_of(document.node().Mark()),
                   "found no keys, expected lines such as num_pes: 168");
  }
  return document.node();
}

}  // namespace

accelerator parse_accelerator_yaml(std::string_view text,
                                   std::string_view file,
                                   const accelerator& base) {
  accelerator_keys keys(file, base);
  give_all(table_of(text, file), "", file, keys);
  std::vector<std::string> none;
  return keys.result(none);
}

std::string about_in_yaml(std::string_view text, std::string_view file) {
  const YAML::Node about = table_of(text, file)["about"];
  return about && about.IsScalar() ? about.Scalar() : std::string();
}

std::string without_hash_comments(std::string_view text) { return without_comments(text, "#"); }

}  // namespace cugamma
