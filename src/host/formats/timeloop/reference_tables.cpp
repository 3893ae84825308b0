#include "formats/timeloop/reference_tables.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "formats/timeloop/table.hpp"

namespace cugamma::timeloop {
namespace {

/// Energies of actions, by name: the largest of each.
using action_energies = std::map<std::string, double, std::less<>>;

/// The component that a path such as system.chip.pe[0..15].Buffer[0..3] ends with.
std::string last_name(std::string path) {
  if (path.ends_with(']')) path.erase(std::min(path.rfind('['), path.size()));
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

void check_version(table& t) {
  const yaml_place version = t.need("version");
  const double number = number_at(version);
  if (number != 0.2 && number != 0.3 && number != 0.4) version.refuse("0.2, 0.3, 0.4");
}

void add_energy(const yaml_place& at, double& largest) {
  table t(at, "a table with an energy");
  if (const auto energy = t.find("energy")) largest = std::max(largest, number_at(*energy));
}

/// Actions in a list of {name, arguments, energy}.
action_energies listed_actions(const yaml_place& at) {
  action_energies actions;
  if (!at.node().IsSequence()) at.refuse("a list of {name, arguments, energy}");
  for (const yaml_place& element : at.elements()) {
    table t(element, "a table of name, arguments, energy");
    add_energy(element, actions[word_at(t.need("name"), "an action")]);
  }
  return actions;
}

/// Actions of version 0.2: a table of {energy}, or of lists of them.
action_energies mapped_actions(const yaml_place& at) {
  action_energies actions;
  table t(at, "a table of actions");
  for (const table::entry& e : t.unused()) {
    double& largest = actions[e.key];
    if (e.value.node().IsSequence()) {
      for (const yaml_place& element : e.value.elements()) add_energy(element, largest);
    } else {
      add_energy(e.value, largest);
    }
  }
  return actions;
}

/// Sets a value from the first of the names that is there.
void set_first(const action_energies& actions,
               std::initializer_list<std::string_view> names,
               double& value) {
  for (const std::string_view name : names) {
    const auto found = actions.find(name);
    if (found == actions.end()) continue;
    value = found->second;
    return;
  }
}

void set_wires(const action_energies& actions, architecture& a) {
  const auto found = actions.find("transfer_random");
  if (found == actions.end() || found->second == 0) return;
  for (storage_level& l : a.levels) {
    l.wire_pj = static_cast<double>(static_cast<float>(found->second));
  }
}

void set_energies(const std::string& name,
                  const action_energies& actions,
                  const std::vector<bool>& has_own_energy,
                  architecture& a) {
  if (name == "wire" || name == "Wire") {
    set_wires(actions, a);
    return;
  }
  if (name == a.arithmetic.name) {
    set_first(actions,
              {"mac_random", "mult_random", "mac", "mult", "compute"},
              a.arithmetic.mac_pj);
  }
  const auto level = std::ranges::find(a.levels, name, &storage_level::name);
  if (level == a.levels.end()) return;
  if (has_own_energy[static_cast<std::size_t>(level - a.levels.begin())]) return;
  set_first(actions, {"random_read", "read"}, level->read_pj);
  set_first(actions, {"random_fill", "random_write", "fill", "write"}, level->fill_pj);
  set_first(actions, {"random_update", "random_write", "update", "write"}, level->update_pj);
  set_first(actions, {"leak"}, level->leak_pj);
}

}  // namespace

void apply_energy_table(const yaml_place& at,
                        const std::vector<bool>& has_own_energy,
                        architecture& a) {
  table t(at, "a table of version, tables");
  check_version(t);
  const yaml_place tables = t.need("tables");
  if (tables.node().IsMap()) {
    table components(tables, "a table of components");
    for (const table::entry& e : components.unused()) {
      set_energies(last_name(e.written), mapped_actions(e.value), has_own_energy, a);
    }
    return;
  }
  if (!tables.node().IsSequence()) tables.refuse("a list of {name, actions}");
  for (const yaml_place& element : tables.elements()) {
    table component(element, "a table of name, actions");
    const std::string name = last_name(word_at(component.need("name"), "a component"));
    set_energies(name, listed_actions(component.need("actions")), has_own_energy, a);
  }
}

void apply_area_table(const yaml_place& at, architecture& a) {
  table t(at, "a table of version, tables");
  check_version(t);
  const yaml_place tables = t.need("tables");
  if (!tables.node().IsSequence()) tables.refuse("a list of {name, area}");
  for (const yaml_place& element : tables.elements()) {
    table component(element, "a table of name, area");
    const std::string name = last_name(word_at(component.need("name"), "a component"));
    const auto area = static_cast<double>(static_cast<float>(number_at(component.need("area"))));
    if (name == a.arithmetic.name) a.arithmetic.area_um2 = area;
    const auto level = std::ranges::find(a.levels, name, &storage_level::name);
    if (level != a.levels.end()) level->area_um2 = area;
  }
}

}  // namespace cugamma::timeloop
