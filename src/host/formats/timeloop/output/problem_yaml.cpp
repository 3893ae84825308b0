#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "cugamma/formats/timeloop_output.hpp"

namespace cugamma::timeloop {
namespace {

/// Coefficients other than 1, which files give by name.
std::set<std::int64_t> coefficients_of(const problem& p) {
  std::set<std::int64_t> all;
  for (const tensor& t : p.tensors) {
    for (const axis& a : t.axes) {
      for (const axis_term& term : a) {
        if (term.coefficient != 1) all.insert(term.coefficient);
      }
    }
  }
  return all;
}

std::string coefficient_name(std::int64_t value) { return fmt::format("times{}", value); }

void write_tensor(YAML::Emitter& out, const problem& p, const tensor& t) {
  out << YAML::BeginMap << YAML::Key << "name" << YAML::Value << t.name;
  out << YAML::Key << "projection" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const axis& a : t.axes) {
    out << YAML::BeginSeq;
    for (const axis_term& term : a) {
      out << YAML::BeginSeq << p.dimensions[static_cast<std::size_t>(term.dimension)].name;
      if (term.coefficient != 1) out << coefficient_name(term.coefficient);
      out << YAML::EndSeq;
    }
    out << YAML::EndSeq;
  }
  out << YAML::EndSeq;
  if (t.is_output) out << YAML::Key << "read_write" << YAML::Value << true;
  out << YAML::EndMap;
}

void write_shape(YAML::Emitter& out, const problem& p) {
  out << YAML::BeginMap;
  if (!p.name.empty()) out << YAML::Key << "name" << YAML::Value << p.name;
  out << YAML::Key << "dimensions" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const dimension& d : p.dimensions) out << d.name;
  out << YAML::EndSeq;
  out << YAML::Key << "coefficients" << YAML::Value << YAML::BeginSeq;
  for (const std::int64_t value : coefficients_of(p)) {
    out << YAML::Flow << YAML::BeginMap << YAML::Key << "name" << YAML::Value
        << coefficient_name(value) << YAML::Key << "default" << YAML::Value << value
        << YAML::EndMap;
  }
  out << YAML::EndSeq;
  out << YAML::Key << "data_spaces" << YAML::Value << YAML::BeginSeq;
  for (const tensor& t : p.tensors) write_tensor(out, p, t);
  out << YAML::EndSeq << YAML::EndMap;
}

}  // namespace

std::string problem_yaml(const problem& p) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "problem" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "shape" << YAML::Value;
  write_shape(out, p);
  out << YAML::Key << "instance" << YAML::Value << YAML::Flow << YAML::BeginMap;
  for (const dimension& d : p.dimensions) {
    out << YAML::Key << std::string(1, d.name) << YAML::Value << d.size;
  }
  out << YAML::EndMap << YAML::EndMap << YAML::EndMap;
  return std::string(out.c_str()) + '\n';
}

}  // namespace cugamma::timeloop
