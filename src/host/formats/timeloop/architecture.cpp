#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "formats/timeloop/reference_tables.hpp"
#include "formats/timeloop/sections.hpp"
#include "formats/timeloop/storage.hpp"

namespace cugamma::timeloop {
namespace {

/// More than any file has; an alias can make a tree endless.
constexpr int deepest_tree = 100;

constexpr std::string_view storage_classes[] = {"DRAM",
                                                "SRAM",
                                                "regfile",
                                                "smartbuffer",
                                                "storage"};
constexpr std::string_view compute_classes[] = {"mac", "intmac", "fpmac", "compute"};
constexpr std::string_view network_classes[] = {"XY_NoC",
                                                "Legacy",
                                                "ReductionTree",
                                                "SimpleMulticast"};

bool is_one_of(std::string_view class_name, std::span<const std::string_view> classes) {
  return std::ranges::any_of(classes, [&](std::string_view known) {
    return class_name.find(known) != std::string_view::npos;
  });
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number < 0 || number > largest_number) return {};
  return number;
}

/// A name such as PE[0..15]: without its range, and how many the range counts.
struct ranged_name {
  std::string name;
  std::int64_t count = 1;
};

ranged_name read_name(const yaml_place& at) {
  const std::string text = word_at(at, "a name");
  const std::size_t bracket = text.find('[');
  if (bracket == std::string::npos) return {text, 1};
  const std::size_t dots = text.find("..", bracket);
  if (dots == std::string::npos || !text.ends_with(']')) at.refuse("a name, or name[a..b]");
  const auto first = whole_number(std::string_view(text).substr(bracket + 1, dots - bracket - 1));
  const auto last = whole_number(std::string_view(text).substr(dots + 2, text.size() - dots - 3));
  if (!first || !last || *first > *last || bracket == 0) at.refuse("name[a..b] with a up to b");
  return {text.substr(0, bracket), *last - *first + 1};
}

std::int64_t multiplied(std::int64_t instances, std::int64_t count, const yaml_place& at) {
  if (count > largest_number / instances) {
    at.refuse(fmt::format("ranges that multiply to at most {} instances", largest_number));
  }
  return instances * count;
}

/// Collects the components of a tree, from the top.
class tree_reader {
 public:
  tree_reader(const problem* layer, std::vector<std::string>& warnings)
      : layer_(layer), warnings_(warnings) {}

  void read(const yaml_place& root, table& top);

  std::string name;
  std::vector<read_level> levels;  ///< the outermost first
  std::optional<arithmetic_units> arithmetic;

 private:
  void read_local(const yaml_place& at, std::int64_t instances);
  void read_component(const yaml_place& at, std::int64_t instances);

  const problem* layer_;
  std::vector<std::string>& warnings_;
};

void tree_reader::read_component(const yaml_place& at, std::int64_t instances) {
  table t(at, "a table of name, class, attributes");
  const yaml_place name_at = t.need("name");
  const ranged_name found = read_name(name_at);
  component c{at, found.name, t.word("class").value_or(""), 1};
  c.instances = multiplied(instances, found.count, name_at);
  if (is_one_of(c.class_name, storage_classes)) {
    const auto same =
        std::ranges::find_if(levels, [&](const read_level& l) { return l.level.name == c.name; });
    if (same != levels.end()) name_at.refuse("each level's name once");
    levels.push_back(read_storage(c, layer_, warnings_));
    if (levels.size() > max_levels) {
      at.fail(at.node().Mark(),
              fmt::format("{}: found a level more", at.path()),
              fmt::format("1 to {} storage levels", max_levels));
    }
  } else if (is_one_of(c.class_name, compute_classes)) {
    if (arithmetic) name_at.refuse("one component of class mac, intmac, fpmac or compute");
    arithmetic = read_arithmetic(c, warnings_);
  } else if (is_one_of(c.class_name, network_classes)) {
    t.refuse("class", fmt::format("networks of class {} are not modelled", c.class_name));
  }
}

void tree_reader::read_local(const yaml_place& at, std::int64_t instances) {
  if (!at.node().IsSequence()) at.refuse("a list of components");
  for (const yaml_place& element : at.elements()) read_component(element, instances);
}

void tree_reader::read(const yaml_place& root, table& top) {
  std::optional<yaml_place> subtree = top.need("subtree");
  std::int64_t instances = 1;
  for (int depth = 0; subtree; ++depth) {
    if (depth == deepest_tree) root.refuse("a tree, not a table that holds itself");
    const yaml_place list = *subtree;
    if (!list.node().IsSequence() || list.node().size() != 1) list.refuse("a list of one branch");
    table branch(list.element(0), "a table of name, local, subtree");
    branch.find("attributes");  // Accelergy's components inherit them, Timeloop's do not
    const auto name_at = branch.find("name");
    if (name_at) {
      const ranged_name found = read_name(*name_at);
      if (name.empty()) name = found.name;
      instances = multiplied(instances, found.count, *name_at);
    }
    if (const auto local = branch.find("local")) read_local(*local, instances);
    subtree = branch.find("subtree");
    branch.refuse_unused();
  }
}

void refuse_uneven_meshes(const architecture& a, const yaml_place& at) {
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    const storage_level& own = a.levels[b];
    const std::string& inner = b == 0 ? a.arithmetic.name : a.levels[b - 1].name;
    const std::int64_t inner_x = b == 0 ? a.arithmetic.mesh_x : a.levels[b - 1].mesh_x;
    const std::int64_t inner_y = b == 0 ? a.arithmetic.mesh_y : a.levels[b - 1].mesh_y;
    if (inner_x % own.mesh_x == 0 && inner_y % own.mesh_y == 0) continue;
    at.fail(at.node().Mark(),
            fmt::format("{}: {} has {} x {} instances below the {} x {} of {}",
                        at.path(),
                        inner,
                        inner_x,
                        inner_y,
                        own.mesh_x,
                        own.mesh_y,
                        own.name),
            "multiples of meshX and meshY from level to level");
  }
}

void refuse_other_forms(table& t, const yaml_place& at) {
  t.refuse("nodes", "the front-end's form of version 0.4 is not read, only the tree form");
  t.refuse("storage", "the form without a tree is not read, only the one with subtree and local");
  t.refuse("arithmetic",
           "the form without a tree is not read, only the one with subtree and local");
  const auto version = t.find("version");
  const std::string allowed = "0.2, 0.3, 0.4";
  if (!version) at.fail(at.node().Mark(), at.path() + ": found no key version", allowed);
  const std::string word = word_at(*version, allowed);
  if (word != "0.2" && word != "0.3" && word != "0.4") version->refuse(allowed);
}

}  // namespace

architecture read_architecture(const architecture_places& at,
                               const problem* layer,
                               std::vector<std::string>& warnings) {
  const yaml_place& root = at.tree;
  table top(root, "a table of version, subtree");
  refuse_other_forms(top, root);
  top.find("constraints");
  top.find("name");
  top.find("attributes");
  tree_reader tree(layer, warnings);
  tree.read(root, top);
  top.refuse_unused();
  const auto missing = [&](std::string_view what, std::string_view classes) {
    root.fail(root.node().Mark(),
              fmt::format("{}: found no {}", root.path(), what),
              fmt::format("a component of class {}", classes));
  };
  if (tree.levels.empty()) missing("storage level", "DRAM, SRAM, regfile, smartbuffer, storage");
  if (!tree.arithmetic) missing("arithmetic", "mac, intmac, fpmac, compute");

  architecture a;
  a.name = tree.name;
  a.arithmetic = *tree.arithmetic;
  std::ranges::reverse(tree.levels);
  std::vector<bool> has_own_energy;
  for (const read_level& l : tree.levels) {
    a.levels.push_back(l.level);
    has_own_energy.push_back(l.has_own_energy);
  }
  refuse_uneven_meshes(a, root);
  if (at.energy) apply_energy_table(*at.energy, has_own_energy, a);
  if (at.area && at.energy) apply_area_table(*at.area, a);
  if (at.area && !at.energy) {
    warnings.push_back(
        fmt::format("{}:{}: ART has no effect without an ERT", at.area->file(), at.area->line()));
  }
  return a;
}

}  // namespace cugamma::timeloop
