#include "cugamma/formats/timeloop_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "cugamma/error.hpp"
#include "files/read_file.hpp"
#include "formats/timeloop/sections.hpp"
#include "formats/timeloop/table.hpp"

namespace cugamma::timeloop {
namespace {

/// The parts of Timeloop's files, each with the other names of its key.
struct section_names {
  std::string_view key;
  std::string_view other = "";
};
constexpr section_names sections[] = {
    {"architecture", "arch"},
    {"problem"},
    {"mapping"},
    {"ERT"},
    {"ART"},
    {"architecture_constraints", "arch_constraints"},
    {"mapspace_constraints", "mapspace"},
    {"mapper"},
    {"model"},
};

/// Keys that other files of Timeloop's and Accelergy's users have.
struct foreign_key {
  std::string_view key;
  std::string_view reason;
};
constexpr foreign_key foreign_keys[] = {
    {"sparse_optimizations", "sparse optimizations are not modelled"},
    {"layout", "layouts are not modelled"},
    {"variables", "the front-end's form of version 0.4 is not read"},
    {"globals", "the front-end's form of version 0.4 is not read"},
};

/// Accelergy's inputs, which its ERT and ART stand for.
constexpr std::string_view accelergy_keys[] = {"components", "compound_components"};

/// Where the parts of all files stand, by key.
class section_places {
 public:
  void add_file(const file_text& file) {
    const yaml_place root = parse_yaml(file.text, file.name);
    if (!root.node().IsMap()) {
      throw input_error(fmt::format("{}:1:1: found no table, expected keys such as {}",
                                    file.name,
                                    fmt::join(keys(), ", ")));
    }
    table top(root, "");
    for (const foreign_key& foreign : foreign_keys) top.refuse(foreign.key, foreign.reason);
    for (const section_names& names : sections) {
      const auto own = top.find(names.key);
      if (own) add(names.key, *own);
      if (names.other.empty()) continue;
      if (const auto other = top.find(names.other)) add(names.key, *other);
    }
    for (const std::string_view key : accelergy_keys) {
      if (const auto own = top.find(key)) accelergy_.push_back(*own);
    }
    top.refuse_unused();
  }

  /// Without an ERT nobody knows what the components take.
  void refuse_components() const {
    if (accelergy_.empty() || find("ERT")) return;
    const yaml_place& at = accelergy_.front();
    at.fail(at.node().Mark(),
            at.path() + ": Accelergy's components are not read",
            "the ERT and ART that it makes of them");
  }

  const std::vector<yaml_place>& mappings() const { return mappings_; }

  std::optional<yaml_place> find(std::string_view key) const {
    const auto found = places_.find(key);
    if (found == places_.end()) return {};
    return found->second;
  }

 private:
  static std::vector<std::string_view> keys() {
    std::vector<std::string_view> all;
    for (const section_names& names : sections) all.push_back(names.key);
    return all;
  }

  void add(std::string_view key, const yaml_place& at) {
    if (key == "mapping") mappings_.push_back(at);
    const auto [before, is_new] = places_.emplace(key, at);
    if (is_new || key == "mapping") return;
    at.fail(at.node().Mark(),
            fmt::format("key \"{}\" again", key),
            fmt::format("it once, as in {}:{}", before->second.file(), before->second.line()));
  }

  std::map<std::string, yaml_place, std::less<>> places_;
  std::vector<yaml_place> mappings_;
  std::vector<yaml_place> accelergy_;
};

/// Dimensions of a network's layers, each of which may lack some.
std::string absent_dimensions(const problem& p) {
  std::string absent;
  for (const char letter : std::string_view("RSPQCKNG")) {
    if (std::ranges::find(p.dimensions, letter, &dimension::name) == p.dimensions.end()) {
      absent += letter;
    }
  }
  return absent;
}

constraints read_machine_space(const section_places& places,
                               const architecture& a,
                               const problem& p,
                               std::string_view absent,
                               std::vector<std::string>& warnings) {
  constraints c = no_constraints(a, p);
  const yaml_place tree = *places.find("architecture");
  const auto own = places.find("architecture_constraints");
  if (tree.has("constraints")) {
    const yaml_place inner = tree.child("constraints");
    if (own) {
      own->fail(own->node().Mark(),
                "constraints of the architecture again",
                fmt::format("them once, as in {}:{}", inner.file(), inner.line()));
    }
    add_constraints(inner, a, p, absent, c, warnings);
  }
  if (own) add_constraints(*own, a, p, absent, c, warnings);
  return c;
}

/// Settings of timeloop-model.
void read_model(const yaml_place& at, file_contents& contents) {
  table t(at, "a table of verbose, auto_bypass_on_failure, out_prefix");
  t.flag("verbose");
  if (t.flag("auto_bypass_on_failure").value_or(false)) {
    t.refuse("auto_bypass_on_failure", "is not modelled");
  }
  if (const auto prefix = t.word("out_prefix")) contents.out_prefix = *prefix;
  t.refuse_unused();
}

/// A part that needs an architecture and a problem.
void refuse_alone(const section_places& places, const file_contents& contents) {
  for (const char* key :
       {"mapping", "architecture_constraints", "mapspace_constraints", "mapper"}) {
    const auto at = places.find(key);
    if (!at || (contents.machine && contents.layer)) continue;
    at->fail(at->node().Mark(),
             fmt::format("{} without {}", key, contents.machine ? "a problem" : "an architecture"),
             "both in the files given");
  }
}

file_contents read_sections(const section_places& places, const problem* layer) {
  file_contents contents;
  places.refuse_components();
  if (const auto at = places.find("problem")) contents.layer = read_problem(*at);
  if (!contents.layer && layer != nullptr) contents.layer = *layer;
  const problem* const p = contents.layer ? &*contents.layer : nullptr;
  if (const auto at = places.find("architecture")) {
    contents.machine =
        read_architecture({*at, places.find("ERT"), places.find("ART")}, p, contents.warnings);
  }
  if (const auto at = places.find("model")) read_model(*at, contents);
  refuse_alone(places, contents);
  if (!contents.machine || p == nullptr) return contents;
  const architecture& a = *contents.machine;
  const std::string absent = places.find("problem") ? "" : absent_dimensions(*p);
  contents.machine_space = read_machine_space(places, a, *p, absent, contents.warnings);
  contents.space = contents.machine_space;
  if (const auto at = places.find("mapspace_constraints")) {
    add_constraints(*at, a, *p, absent, *contents.space, contents.warnings);
  }
  for (const yaml_place& at : places.mappings()) {
    contents.mappings.push_back(read_mapping(at, a, *p));
  }
  if (const auto at = places.find("mapper")) {
    contents.mapper = read_mapper(*at, a, contents.out_prefix, contents.warnings);
  }
  return contents;
}

}  // namespace

bool has_architecture(const file_text& file) {
  try {
    const yaml_place root = parse_yaml(file.text, file.name);
    return root.node().IsMap() && table(root, "").find({"architecture", "arch"});
  } catch (const input_error&) {
    return false;
  }
}

file_contents parse_files(std::span<const file_text> files, const problem* layer) {
  section_places places;
  for (const file_text& file : files) places.add_file(file);
  return read_sections(places, layer);
}

file_contents read_files(std::span<const std::string> paths, const problem* layer) {
  std::vector<file_text> files;
  for (const std::string& path : paths) files.push_back({path, read_file(path)});
  return parse_files(files, layer);
}

}  // namespace cugamma::timeloop
