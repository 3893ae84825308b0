#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <span>

#include "cugamma/formats/timeloop_output.hpp"

namespace cugamma::timeloop {
namespace {

std::string factors_text(const problem& p, std::span<const std::int64_t> factors) {
  std::string text;
  for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
    text += fmt::format("{}{}={}", d == 0 ? "" : " ", p.dimensions[d].name, factors[d]);
  }
  return text;
}

std::string order_text(const problem& p, std::span<const std::uint8_t> order) {
  std::string text;
  for (std::size_t i = 0; i < p.dimensions.size(); ++i) text += p.dimensions[order[i]].name;
  return text;
}

/// Names of the tensors that a level keeps, or of those that it does not keep.
std::vector<std::string> names(const problem& p, std::uint8_t keep, bool kept) {
  std::vector<std::string> all;
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    if (((keep >> t & 1) != 0) == kept) all.push_back(p.tensors[t].name);
  }
  return all;
}

void begin_directive(YAML::Emitter& out, const std::string& target, const char* type) {
  out << YAML::BeginMap;
  out << YAML::Key << "target" << YAML::Value << target;
  out << YAML::Key << "type" << YAML::Value << type;
}

void write_loops(YAML::Emitter& out,
                 const problem& p,
                 std::span<const std::int64_t> factors,
                 std::span<const std::uint8_t> order) {
  out << YAML::Key << "factors" << YAML::Value << factors_text(p, factors);
  // In quotes: the letters may be a word that YAML takes for a truth, such as NO.
  out << YAML::Key << "permutation" << YAML::Value << YAML::DoubleQuoted << order_text(p, order);
}

void write_level(YAML::Emitter& out,
                 const architecture& a,
                 const problem& p,
                 const level_loops& loops,
                 int level) {
  const std::string& name = a.levels[static_cast<std::size_t>(level)].name;
  begin_directive(out, name, "temporal");
  write_loops(out, p, loops.temporal, loops.temporal_order);
  out << YAML::EndMap;
  const fan_out f = fan_out_of(a, level);
  if (f.x * f.y > 1) {
    begin_directive(out, name, "spatial");
    write_loops(out, p, loops.spatial, loops.spatial_order);
    out << YAML::Key << "split" << YAML::Value << loops.split << YAML::EndMap;
  }
  begin_directive(out, name, "datatype");
  out << YAML::Key << "keep" << YAML::Value << YAML::Flow << names(p, loops.keep, true);
  out << YAML::Key << "bypass" << YAML::Value << YAML::Flow << names(p, loops.keep, false);
  out << YAML::EndMap;
}

}  // namespace

std::string mapping_yaml(const architecture& a, const problem& p, const mapping& m) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "mapping" << YAML::Value << YAML::BeginSeq;
  for (std::size_t b = m.levels.size(); b-- > 0;) {
    write_level(out, a, p, m.levels[b], static_cast<int>(b));
  }
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str()) + '\n';
}

}  // namespace cugamma::timeloop
