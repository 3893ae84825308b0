#include "formats/accelerator/accelerator_yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include <vector>

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

accelerator read_documents(const std::vector<YAML::Node>& documents,
                           std::string_view file,
                           const accelerator& base) {
  accelerator_keys keys(file, base);
  if (documents.size() > 1) {
    throw error_at(file,
                   position_of(documents[1].Mark()),
                   "found a second document, expected one accelerator");
  }
  for (const YAML::Node& document : documents) {
    if (document.IsNull()) continue;
    if (!document.IsMap()) {
      throw error_at(file,
                     position_of(document.Mark()),
                     "found no keys, expected lines such as num_pes: 168");
    }
    give_all(document, "", file, keys);
  }
  std::vector<std::string> none;
  return keys.result(none);
}

/// What `use` makes of the documents of a file.
template <typename Use>
auto with_documents(std::string_view text, std::string_view file, Use use) {
  try {
    return use(YAML::LoadAll(without_comments(text, "//")));
  } catch (const YAML::DeepRecursion& e) {
    throw error_at(file,
                   position_of(e.mark),
                   fmt::format("lists or maps more than {} deep in each other", e.depth()));
  } catch (const YAML::Exception& e) {
    if (e.mark.is_null()) throw input_error(fmt::format("{}: {}", file, e.msg));
    throw error_at(file, position_of(e.mark), e.msg);
  }
}

}  // namespace

accelerator parse_accelerator_yaml(std::string_view text,
                                   std::string_view file,
                                   const accelerator& base) {
  return with_documents(text, file, [&](const std::vector<YAML::Node>& documents) {
    return read_documents(documents, file, base);
  });
}

std::string about_in_yaml(std::string_view text, std::string_view file) {
  return with_documents(text, file, [](const std::vector<YAML::Node>& documents) {
    const bool is_said = !documents.empty() && documents[0].IsMap() && documents[0]["about"] &&
                         documents[0]["about"].IsScalar();
    return is_said ? documents[0]["about"].Scalar() : std::string();
  });
}

std::string without_hash_comments(std::string_view text) { return without_comments(text, "#"); }

}  // namespace cugamma
