#include "cugamma/formats/constraint_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "files/did_you_mean.hpp"
#include "files/read_file.hpp"

namespace cugamma {
namespace {

constexpr std::string_view dimension_letters = "KCYXRS";
constexpr const char* dimension_names = "K, C, Y, X, R, S";

[[noreturn]] void fail(const std::string& file,
                       const YAML::Mark& mark,
                       const std::string& what,
                       const std::string& expected) {
  throw input_error(fmt::format("{}:{}:{}: {}, expected {}",
                                file,
                                mark.line + 1,
                                mark.column + 1,
                                what,
                                expected));
}

std::string flow_text(const YAML::Node& node) {
  YAML::Emitter out;
  out << YAML::Flow << node;
  return out.c_str();
}

/// A place in a constraint file: knows how messages call it.
class place {
 public:
  place(const YAML::Node& node, const std::string& file, std::string path)
      : node_(node), file_(&file), path_(std::move(path)) {}

  const YAML::Node& node() const { return node_; }
  clause quoted() const {
    return {fmt::format("{}: {}", path_, flow_text(node_)), node_.Mark().line + 1};
  }
  place child(const std::string& key) const {
    return {node_[key], *file_, path_.empty() ? key : path_ + "." + key};
  }
  bool has(const std::string& key) const { return static_cast<bool>(node_[key]); }
  place element(std::size_t i) const { return {node_[i], *file_, fmt::format("{}[{}]", path_, i)}; }
  [[noreturn]] void refuse(const std::string& expected) const {
    const std::string found = node_.IsScalar() ? "\"" + node_.Scalar() + "\"" : flow_text(node_);
    fail(*file_, node_.Mark(), fmt::format("{}: found {}", path_, found), expected);
  }

  /// Refuses what is no table, and keys that are not in the list.
  void expect_keys(const std::vector<std::string>& known) const {
    if (!node_.IsMap()) refuse(fmt::format("a table of {}", fmt::join(known, ", ")));
    std::set<std::string> seen;
    for (const auto& entry : node_) {
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) {
        fail(*file_, entry.first.Mark(), fmt::format("key \"{}\" again", key), "each key once");
      }
      if (std::ranges::find(known, key) != known.end()) continue;
      fail(*file_,
           entry.first.Mark(),
           fmt::format("unknown key \"{}\"", key),
           fmt::format("{}", fmt::join(known, ", ")));
    }
  }

  std::vector<place> elements() const {
    if (node_.IsScalar()) return {*this};
    std::vector<place> all;
    for (std::size_t i = 0; i < node_.size(); ++i) all.push_back(element(i));
    return all;
  }

  std::optional<dimension> as_dimension() const {
    if (!node_.IsScalar() || node_.Scalar().size() != 1) return std::nullopt;
    const auto at = dimension_letters.find(node_.Scalar()[0]);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<dimension>(at);
  }

  std::optional<std::int32_t> as_number(std::int32_t most) const {
    std::int32_t number = 0;
    if (!node_.IsScalar() || !YAML::convert<std::int32_t>::decode(node_, number)) {
      return std::nullopt;
    }
    if (number < 1 || number > most) return std::nullopt;
    return number;
  }

  std::string as_one_of(const std::vector<std::string>& words) const {
    const bool known = node_.IsScalar() && std::ranges::find(words, node_.Scalar()) != words.end();
    if (!known) refuse(fmt::format("{}", fmt::join(words, ", ")));
    return node_.Scalar();
  }

 private:
  YAML::Node node_;
  const std::string* file_;
  std::string path_;
};

parallel_clause read_parallel(const place& at, bool may_be_none) {
  parallel_clause result{at.quoted(), 0};
  const std::string expected =
      fmt::format("one or more of {}{}", dimension_names, may_be_none ? ", none" : "");
  for (const place& element : at.elements()) {
    const auto d = element.as_dimension();
    if (may_be_none && element.node().IsScalar() && element.node().Scalar() == "none") {
      result.allowed |= no_second_parallel;
    } else if (d) {
      result.allowed |= mask_of(*d);
    } else {
      element.refuse(expected);
    }
  }
  if (result.allowed == 0) at.refuse(expected);
  return result;
}

order_clause read_order(const place& at) {
  order_clause result{at.quoted(), {}};
  for (const place& element : at.elements()) {
    const auto d = element.as_dimension();
    if (!d || std::ranges::find(result.prefix, *d) != result.prefix.end()) {
      element.refuse(fmt::format("each of {} at most once", dimension_names));
    }
    result.prefix.push_back(*d);
  }
  return result;
}

cluster_clause read_cluster(const place& at) {
  constexpr std::int32_t most = 65535;
  cluster_clause result{at.quoted(), {}};
  if (const auto number = at.as_number(most)) {
    result.rule = {*number, *number};
  } else if (const auto d = at.as_dimension()) {
    result.rule.at_most_tile_of = index_of(*d);
  } else {
    at.refuse(fmt::format("1 to {} or one of {}", most, dimension_names));
  }
  return result;
}

tile_rule read_range(const place& at) {
  const std::string expected =
      fmt::format("[low, high] with low from 1 and high a number or one of {}", dimension_names);
  if (at.node().size() != 2) at.refuse(expected);
  tile_rule rule;
  const auto low = at.element(0).as_number(max_tile);
  if (!low) at.refuse(expected);
  rule.low = *low;
  if (const auto high = at.element(1).as_number(max_tile)) {
    rule.high = *high;
  } else if (const auto d = at.element(1).as_dimension()) {
    rule.at_most_tile_of = index_of(*d);
  } else {
    at.refuse(expected);
  }
  if (rule.low > rule.high) at.refuse(expected);
  return rule;
}

tile_clause read_tile(const place& at) {
  tile_clause result{at.quoted(), {}, {}};
  if (at.node().IsSequence()) {
    result.rule = read_range(at);
  } else if (const auto number = at.as_number(max_tile)) {
    result.rule = {*number, *number};
  } else if (const auto d = at.as_dimension()) {
    result.rule.same_as_above = index_of(*d);
  } else {
    at.refuse(fmt::format("1 to {}, one of {}, or [low, high]", max_tile, dimension_names));
  }
  return result;
}

/// A FIFO hands over a window at a time: at most R rows and S columns.
void apply_buffer(const place& at, level_constraint& level) {
  if (at.as_one_of({"ScratchPad", "FIFO"}) != "FIFO") return;
  const auto window = [&](dimension d, dimension filter) {
    auto& tile = level.tiles[index_of(d)];
    if (!tile) tile = tile_clause{at.quoted(), {}, {}};
    if (tile->rule.same_as_above != no_dimension) return;
    tile->rule.at_most_tile_of = index_of(filter);
    tile->buffer = at.quoted();
  };
  window(dimension::Y, dimension::R);
  window(dimension::X, dimension::S);
}

dimension_mask mask(std::string_view dimensions) {
  dimension_mask all = 0;
  for (const char c : dimensions) all |= 1u << dimension_letters.find(c);
  return all;
}

/// Dimensions that a network can spread: one that broadcasts, those whose operands it hands on; one
/// that reduces, those it adds up over. The reduction decides where both speak, as in GAMMA's
/// accel_cstr.py.
void apply_networks(const place& at, level_constraint& level) {
  if (at.has("distribution_noc")) {
    const place noc = at.child("distribution_noc");
    const std::string type = noc.as_one_of({"Bus", "Tree", "Systolic"});
    if (type != "Systolic") level.network = parallel_clause{noc.quoted(), mask("KYXRS")};
  }
  if (at.has("reduction_noc")) {
    const place noc = at.child("reduction_noc");
    const std::string type =
        noc.as_one_of({"Temporal", "AdderTree", "ReduceAndForward", "Systolic"});
    if (type == "Systolic") return;
    level.network = parallel_clause{noc.quoted(), mask(type == "Temporal" ? "KYX" : "CRS")};
  }
}

level_constraint read_level(const place& at) {
  at.expect_keys({"sp",
                  "sp2",
                  "sp_sz",
                  "order",
                  "tiles",
                  "input_buffer",
                  "output_buffer",
                  "weight_buffer",
                  "distribution_noc",
                  "reduction_noc"});
  level_constraint level;
  if (at.has("sp")) level.parallel = read_parallel(at.child("sp"), false);
  if (at.has("sp2")) level.second_parallel = read_parallel(at.child("sp2"), true);
  if (at.has("sp_sz")) level.cluster = read_cluster(at.child("sp_sz"));
  if (at.has("order")) level.order = read_order(at.child("order"));
  if (at.has("tiles")) {
    const place tiles = at.child("tiles");
    tiles.expect_keys({"K", "C", "Y", "X", "R", "S"});
    for (int i = 0; i < gene_dimension_count; ++i) {
      const std::string key(1, dimension_letters[static_cast<std::size_t>(i)]);
      if (tiles.has(key)) level.tiles[i] = read_tile(tiles.child(key));
    }
  }
  for (const char* buffer : {"input_buffer", "output_buffer", "weight_buffer"}) {
    if (at.has(buffer)) apply_buffer(at.child(buffer), level);
  }
  apply_networks(at, level);
  return level;
}

std::vector<level_constraint> read_levels(const place& at) {
  const std::string expected = fmt::format("a list of 1 to {} levels", max_genome_levels);
  if (!at.node().IsSequence()) at.refuse(expected);
  std::vector<level_constraint> levels;
  for (const place& element : at.elements()) levels.push_back(read_level(element));
  if (levels.empty() || levels.size() > max_genome_levels) at.refuse(expected);
  if (levels.front().cluster) at.element(0).child("sp_sz").refuse("no sp_sz in the first level");
  return levels;
}

mapping_constraint read_document(const YAML::Node& document, const std::string& file) {
  const place root(document, file, "");
  if (!document.IsMap()) {
    throw input_error(fmt::format("{}:1:1: expected a table with the key levels", file));
  }
  root.expect_keys({"about", "layers_as", "levels", "inflexible"});
  mapping_constraint c;
  c.file = file;
  c.name = std::filesystem::path(file).stem().string();
  if (root.has("layers_as")) {
    c.as_gemm = root.child("layers_as").as_one_of({"given", "gemm"}) == "gemm";
  }
  if (!root.has("levels"))
    throw input_error(fmt::format("{}:1:1: the key levels is missing", file));
  c.levels = read_levels(root.child("levels"));
  if (!root.has("inflexible")) return c;
  const place more = root.child("inflexible");
  c.inflexible = read_levels(more);
  if (c.inflexible.size() > c.levels.size()) {
    more.refuse(fmt::format("at most the {} levels of the key levels", c.levels.size()));
  }
  return c;
}

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

std::vector<std::filesystem::path> constraint_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* folder = std::getenv("CUGAMMA_CONSTRAINTS_DIR")) folders.emplace_back(folder);
  folders.emplace_back(CUGAMMA_SOURCE_CONSTRAINTS_DIR);
  folders.emplace_back(CUGAMMA_INSTALLED_CONSTRAINTS_DIR);
  return folders;
}

/// The dataflows of MAESTRO's paper (MICRO 2019, table 3), by the names that it gives them.
struct paper_name {
  std::string_view name;
  std::string_view file;
};
constexpr std::array paper_names{paper_name{"C-P", "cp_nlr"},
                                 paper_name{"X-P", "xp_ws"},
                                 paper_name{"YX-P", "shidiannao"},
                                 paper_name{"YR-P", "eye"},
                                 paper_name{"KC-P", "kcp_ws"}};

}  // namespace

mapping_constraint parse_constraint(const std::string& text, const std::string& file) {
  if (is_mapping_text(text)) {
    throw input_error(
        fmt::format("{}:1:1: found a MAESTRO file, expected a constraint in YAML "
                    "(docs/constraints.md); evaluate --style maps a network by a Dataflow",
                    file));
  }
  try {
    const YAML::Node document = YAML::Load(text);
    refuse_second_document(text, file);
    return read_document(document, file);
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

mapping_constraint read_constraint(const std::string& path) {
  return parse_constraint(read_file(path), path);
}

std::string find_constraint(std::string_view name) {
  namespace fs = std::filesystem;
  if (is_given_input(std::string(name))) return std::string(name);
  const auto in_paper = std::ranges::find(paper_names, name, &paper_name::name);
  if (in_paper != paper_names.end()) return find_constraint(in_paper->file);
  for (const fs::path& folder : constraint_folders()) {
    const fs::path file = folder / fmt::format("{}.yaml", name);
    if (is_given_file(file)) return file.string();
  }
  const std::vector<std::string> names = constraint_names();
  throw input_error(fmt::format(
      "unknown constraint \"{}\"{}",
      name,
      did_you_mean(name,
                   names,
                   fmt::format(", expected a file or one of: {}", fmt::join(names, ", ")))));
}

std::vector<std::string> constraint_names() {
  std::set<std::string> names;
  for (const std::filesystem::path& folder : constraint_folders()) {
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
      if (file.path().extension() == ".yaml") names.insert(file.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace cugamma
