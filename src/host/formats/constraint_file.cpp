#include "cugamma/formats/constraint_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "files/did_you_mean.hpp"
#include "files/parse_yaml.hpp"
#include "files/read_file.hpp"

namespace cugamma {
namespace {

constexpr std::string_view dimension_letters = "KCYXRS";
constexpr const char* dimension_names = "K, C, Y, X, R, S";

clause quoted(const yaml_place& at) {
  return {fmt::format("{}: {}", at.path(), at.text()), at.line()};
}

std::optional<dimension> as_dimension(const yaml_place& at) {
  if (!at.node().IsScalar() || at.node().Scalar().size() != 1) return std::nullopt;
  const auto letter = dimension_letters.find(at.node().Scalar()[0]);
  if (letter == std::string_view::npos) return std::nullopt;
  return static_cast<dimension>(letter);
}

std::optional<std::int32_t> as_number(const yaml_place& at, std::int32_t most) {
  const auto number = at.as_whole_number(1, most);
  if (!number) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

parallel_clause read_parallel(const yaml_place& at, bool may_be_none) {
  parallel_clause result{quoted(at), 0};
  const std::string expected =
      fmt::format("one or more of {}{}", dimension_names, may_be_none ? ", none" : "");
  for (const yaml_place& element : at.elements()) {
    const auto d = as_dimension(element);
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

order_clause read_order(const yaml_place& at) {
  order_clause result{quoted(at), {}};
  for (const yaml_place& element : at.elements()) {
    const auto d = as_dimension(element);
    if (!d || std::ranges::find(result.prefix, *d) != result.prefix.end()) {
      element.refuse(fmt::format("each of {} at most once", dimension_names));
    }
    result.prefix.push_back(*d);
  }
  return result;
}

cluster_clause read_cluster(const yaml_place& at) {
  constexpr std::int32_t most = 65535;
  cluster_clause result{quoted(at), {}};
  if (const auto number = as_number(at, most)) {
    result.rule = {*number, *number};
  } else if (const auto d = as_dimension(at)) {
    result.rule.at_most_tile_of = index_of(*d);
  } else {
    at.refuse(fmt::format("1 to {} or one of {}", most, dimension_names));
  }
  return result;
}

tile_rule read_range(const yaml_place& at) {
  const std::string expected =
      fmt::format("[low, high] with low from 1 and high a number or one of {}", dimension_names);
  if (at.node().size() != 2) at.refuse(expected);
  tile_rule rule;
  const auto low = as_number(at.element(0), max_tile);
  if (!low) at.refuse(expected);
  rule.low = *low;
  if (const auto high = as_number(at.element(1), max_tile)) {
    rule.high = *high;
  } else if (const auto d = as_dimension(at.element(1))) {
    rule.at_most_tile_of = index_of(*d);
  } else {
    at.refuse(expected);
  }
  if (rule.low > rule.high) at.refuse(expected);
  return rule;
}

tile_clause read_tile(const yaml_place& at) {
  tile_clause result{quoted(at), {}, {}};
  if (at.node().IsSequence()) {
    result.rule = read_range(at);
  } else if (const auto number = as_number(at, max_tile)) {
    result.rule = {*number, *number};
  } else if (const auto d = as_dimension(at)) {
    result.rule.same_as_above = index_of(*d);
  } else {
    at.refuse(fmt::format("1 to {}, one of {}, or [low, high]", max_tile, dimension_names));
  }
  return result;
}

/// A FIFO hands over a window at a time: at most R rows and S columns.
void apply_buffer(const yaml_place& at, level_constraint& level) {
  if (at.as_one_of({"ScratchPad", "FIFO"}) != "FIFO") return;
  const auto window = [&](dimension d, dimension filter) {
    auto& tile = level.tiles[index_of(d)];
    if (!tile) tile = tile_clause{quoted(at), {}, {}};
    if (tile->rule.same_as_above != no_dimension) return;
    tile->rule.at_most_tile_of = index_of(filter);
    tile->buffer = quoted(at);
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
void apply_networks(const yaml_place& at, level_constraint& level) {
  if (at.has("distribution_noc")) {
    const yaml_place noc = at.child("distribution_noc");
    const std::string type = noc.as_one_of({"Bus", "Tree", "Systolic"});
    if (type != "Systolic") level.network = parallel_clause{quoted(noc), mask("KYXRS")};
  }
  if (at.has("reduction_noc")) {
    const yaml_place noc = at.child("reduction_noc");
    const std::string type =
        noc.as_one_of({"Temporal", "AdderTree", "ReduceAndForward", "Systolic"});
    if (type == "Systolic") return;
    level.network = parallel_clause{quoted(noc), mask(type == "Temporal" ? "KYX" : "CRS")};
  }
}

level_constraint read_level(const yaml_place& at) {
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
    const yaml_place tiles = at.child("tiles");
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

std::vector<level_constraint> read_levels(const yaml_place& at) {
  const std::string expected = fmt::format("a list of 1 to {} levels", max_genome_levels);
  if (!at.node().IsSequence()) at.refuse(expected);
  std::vector<level_constraint> levels;
  for (const yaml_place& element : at.elements()) levels.push_back(read_level(element));
  if (levels.empty() || levels.size() > max_genome_levels) at.refuse(expected);
  if (levels.front().cluster) at.element(0).child("sp_sz").refuse("no sp_sz in the first level");
  return levels;
}

mapping_constraint read_document(const yaml_place& root, const std::string& file) {
  if (!root.node().IsMap()) {
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
  const yaml_place more = root.child("inflexible");
  c.inflexible = read_levels(more);
  if (c.inflexible.size() > c.levels.size()) {
    more.refuse(fmt::format("at most the {} levels of the key levels", c.levels.size()));
  }
  return c;
}

/// The constraints of an installation that was moved or unpacked: PREFIX/share beside PREFIX/bin.
std::filesystem::path constraints_beside_program() {
  std::error_code none;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", none);
  return program.parent_path().parent_path() / "share" / "cugamma" / "constraints";
}

std::vector<std::filesystem::path> constraint_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* folder = std::getenv("CUGAMMA_CONSTRAINTS_DIR")) folders.emplace_back(folder);
  folders.push_back(constraints_beside_program());
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
  return read_document(parse_yaml(text, file), file);
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
