#include "files/parse_yaml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

/// Takes note of where documents begin.
class document_starts : public YAML::EventHandler {
 public:
  const std::vector<YAML::Mark>& all() const { return all_; }

  void OnDocumentStart(const YAML::Mark& mark) override { all_.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&,
                const std::string&,
                YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&,
                       const std::string&,
                       YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&,
                  const std::string&,
                  YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  std::vector<YAML::Mark> all_;
};

/// YAML::LoadAll would do, but goes on for ever where a document begins with a comma.
void refuse_second_document(const std::string& text, const std::string& file) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  document_starts starts;
  if (!parser.HandleNextDocument(starts) || !parser.HandleNextDocument(starts)) return;
  throw input_error(fmt::format("{}:{}:1: found a second document, expected one",
                                file,
                                starts.all().back().line + 1));
}

}  // namespace

yaml_place yaml_place::below(const YAML::Node& value, std::string_view key) const {
  return {value, file_, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key)};
}

yaml_place yaml_place::element(std::size_t i) const {
  return {node_[i], file_, fmt::format("{}[{}]", path_, i)};
}

std::vector<yaml_place> yaml_place::elements() const {
  if (node_.IsScalar()) return {*this};
  if (node_.IsMap()) refuse("a list");
  std::vector<yaml_place> all;
  for (std::size_t i = 0; i < node_.size(); ++i) all.push_back(element(i));
  return all;
}

std::string yaml_place::text() const {
  YAML::Emitter out;
  out << YAML::Flow << node_;
  std::string line;
  for (const char* c = out.c_str(); *c != '\0'; ++c) {
    const bool is_space = *c == ' ' || *c == '\n';
    if (!is_space || line.empty() || line.back() != ' ') line += is_space ? ' ' : *c;
  }
  return line;
}

void yaml_place::refuse(std::string_view expected) const {
  constexpr std::size_t most = 200;
  std::string found = node_.IsScalar() ? "\"" + node_.Scalar() + "\"" : text();
  if (found.size() > most) found = found.substr(0, most) + " ...";
  fail(node_.Mark(), fmt::format("{}: found {}", path_, found), expected);
}

void yaml_place::fail(const YAML::Mark& mark,
                      std::string_view what,
                      std::string_view expected) const {
  fail(mark, fmt::format("{}, expected {}", what, expected));
}

void yaml_place::fail(const YAML::Mark& mark, std::string_view what) const {
  throw input_error(fmt::format("{}:{}:{}: {}", *file_, mark.line + 1, mark.column + 1, what));
}

void yaml_place::expect_keys(const std::vector<std::string>& known) const {
  if (!node_.IsMap()) refuse(fmt::format("a table of {}", fmt::join(known, ", ")));
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    const std::string key = entry.first.Scalar();
    if (!seen.insert(key).second) {
      fail(entry.first.Mark(), fmt::format("key \"{}\" again", key), "each key once");
    }
    if (std::ranges::find(known, key) != known.end()) continue;
    fail(entry.first.Mark(),
         fmt::format("unknown key \"{}\"", key),
         fmt::format("{}", fmt::join(known, ", ")));
  }
}

std::optional<std::int64_t> yaml_place::as_whole_number(std::int64_t least,
                                                        std::int64_t most) const {
  std::int64_t number = 0;
  if (!node_.IsScalar() || !YAML::convert<std::int64_t>::decode(node_, number)) return {};
  if (number < least || number > most) return {};
  return number;
}

std::string yaml_place::as_one_of(const std::vector<std::string>& words) const {
  const bool known = node_.IsScalar() && std::ranges::find(words, node_.Scalar()) != words.end();
  if (!known) refuse(fmt::format("{}", fmt::join(words, ", ")));
  return node_.Scalar();
}

yaml_place parse_yaml(const std::string& text, const std::string& file) {
  try {
    const YAML::Node document = YAML::Load(text);
    refuse_second_document(text, file);
    return {document, std::make_shared<const std::string>(file), ""};
  } catch (const YAML::DeepRecursion& e) {
    throw input_error(fmt::format("{}:{}:{}: lists or maps more than {} deep in each other",
                                  file,
                                  e.mark.line + 1,
                                  e.mark.column + 1,
                                  e.depth()));
  } catch (const YAML::Exception& e) {
    if (e.mark.is_null()) throw input_error(fmt::format("{}: {}", file, e.msg));
    throw input_error(fmt::format("{}:{}:{}: {}", file, e.mark.line + 1, e.mark.column + 1, e.msg));
  }
}

}  // namespace cugamma
