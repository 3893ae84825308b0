#include <fmt/format.h>

#include <cctype>
#include <iterator>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "problem/dimension_names.hpp"

namespace cugamma {
namespace {

std::string plain_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
    result += plain ? c : '_';
  }
  return result.empty() ? "Layer" : result;
}

std::string dimensions(const layer& l) {
  using enum dimension;
  if (l.type == layer_type::gemm) {
    return fmt::format("M: {}, N: {}, K: {}", l[Y], l[K], l[C]);
  }
  std::string text;
  if (l.named_batch_group & 1) text += fmt::format("N: {}, ", l[N]);
  if (l.named_batch_group & 2) text += fmt::format("G: {}, ", l[G]);
  return text + fmt::format("K: {}, C: {}, R: {}, S: {}, Y: {}, X: {}",
                            l[K],
                            l[C],
                            l[R],
                            l[S],
                            l[Y],
                            l[X]);
}

void write_level(std::back_insert_iterator<std::string> out,
                 const layer& l,
                 const cluster_level& level) {
  for (int i = 0; i < level.directive_count; ++i) {
    const directive& d = level.directives[i];
    const std::string_view name = dimension_name(l.type, {d.dim, d.output_centric});
    const auto back = dimension_of(l.type, name);
    if (!back || back->dim != d.dim || back->output != d.output_centric) {
      throw input_error(
          fmt::format("mapping: a {} has no dimension {} to map", type_name_of(l.type), name));
    }
    fmt::format_to(out,
                   "      {}({},{}) {};\n",
                   d.kind == directive_kind::spatial ? "SpatialMap" : "TemporalMap",
                   d.size,
                   d.offset,
                   name);
  }
}

}  // namespace

std::string write_mapping(std::string_view name, const layer& l, const mapping& m) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out,
                 "Network cugamma {{\n  Layer {} {{\n    Type: {}\n",
                 plain_name(name),
                 type_name_of(l.type));
  if (l.type != layer_type::gemm) {
    fmt::format_to(out, "    Stride {{ X: {}, Y: {} }}\n", l.stride_x, l.stride_y);
  }
  fmt::format_to(out, "    Dimensions {{ {} }}\n    Dataflow {{\n", dimensions(l));
  for (int level = 0; level < m.level_count; ++level) {
    if (level > 0) fmt::format_to(out, "      Cluster({}, P);\n", m.levels[level].cluster_size);
    write_level(out, l, m.levels[level]);
  }
  text += "    }\n  }\n}\n";
  return text;
}

}  // namespace cugamma
