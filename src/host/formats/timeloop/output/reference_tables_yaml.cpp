#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <functional>

#include "cugamma/formats/timeloop_output.hpp"

namespace cugamma::timeloop {
namespace {

void write_action(YAML::Emitter& out, const char* name, double energy_pj) {
  out << YAML::Flow << YAML::BeginMap << YAML::Key << "name" << YAML::Value << name;
  out << YAML::Key << "energy" << YAML::Value << fmt::format("{}", energy_pj) << YAML::EndMap;
}

/// A table of one entry a component, the outermost first.
std::string table_text(const char* key,
                       const architecture& a,
                       const std::function<void(YAML::Emitter&, const storage_level*)>& content) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << key << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "version" << YAML::Value << "0.3";
  out << YAML::Key << "tables" << YAML::Value << YAML::BeginSeq;
  const auto component = [&](const std::string& name, const storage_level* level) {
    out << YAML::BeginMap << YAML::Key << "name" << YAML::Value << "system." + name;
    content(out, level);
    out << YAML::EndMap;
  };
  for (std::size_t b = a.levels.size(); b-- > 0;) component(a.levels[b].name, &a.levels[b]);
  component(a.arithmetic.name, nullptr);
  out << YAML::EndSeq << YAML::EndMap << YAML::EndMap;
  return std::string(out.c_str()) + '\n';
}

}  // namespace

std::string energy_table_yaml(const architecture& a) {
  return table_text("ERT", a, [&](YAML::Emitter& out, const storage_level* level) {
    out << YAML::Key << "actions" << YAML::Value << YAML::BeginSeq;
    if (level == nullptr) {
      write_action(out, "compute", a.arithmetic.mac_pj);
    } else {
      write_action(out, "read", level->read_pj);
      write_action(out, "fill", level->fill_pj);
      write_action(out, "update", level->update_pj);
      write_action(out, "leak", level->leak_pj);
    }
    out << YAML::EndSeq;
  });
}

std::string area_table_yaml(const architecture& a) {
  return table_text("ART", a, [&](YAML::Emitter& out, const storage_level* level) {
    const double area = level == nullptr ? a.arithmetic.area_um2 : level->area_um2;
    out << YAML::Key << "area" << YAML::Value << fmt::format("{}", area);
  });
}

}  // namespace cugamma::timeloop
