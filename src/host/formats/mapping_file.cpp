#include "cugamma/formats/mapping_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

#include "files/read_file.hpp"
#include "formats/mapping_syntax.hpp"
#include "problem/dimension_names.hpp"
#include "problem/layer_limits.hpp"

namespace cugamma {
namespace {

struct type_name {
  std::string_view text;
  layer_type type;
  bool fully_connected = false;  ///< then every size but K and C may be left out
};
constexpr std::array type_names{type_name{"CONV", layer_type::conv},
                                type_name{"DSCONV", layer_type::dsconv},
                                type_name{"GEMM", layer_type::gemm},
                                type_name{"NGCONV", layer_type::ngconv},
                                type_name{"TRCONV", layer_type::trconv},
                                type_name{"FC", layer_type::conv, true}};

/// Sizes by the names that a file gives dimensions.
using written_sizes = std::map<std::string_view, std::int32_t>;

/// Turns a Dataflow into the mapping of a layer.
class dataflow_resolver {
 public:
  dataflow_resolver(const tokenizer& source, const written_sizes& sizes, named_mapping& result)
      : source_(source), sizes_(sizes), result_(result) {}

  void resolve(const dataflow_syntax& dataflow) {
    mapping m;
    m.level_count = 1;
    result_.lines = {{dataflow.at.at.line, {}}};
    for (const directive_syntax& d : dataflow.directives) {
      if (d.is_cluster ? !begin_level(m, d) : !add_directive(m, d)) return;
    }
    result_.m = m;
  }

 private:
  written_dimension find_dimension(const token& name) const {
    const auto found = dimension_of(result_.l.type, name.text);
    if (!found) throw source_.unexpected(name, dimension_list(result_.l.type));
    return *found;
  }

  std::int32_t value_of(const size_expression& e) const {
    if (e.size_of.is_end()) return e.value;
    if (const auto known = sizes_.find(e.size_of.text); known != sizes_.end()) return known->second;
    const written_dimension d = find_dimension(e.size_of);
    const bool derived = d.dim == dimension::Y || d.dim == dimension::X;
    if (!derived) {
      throw source_.error(
          e.size_of,
          fmt::format("Sz({}) names a dimension that the layer's Dimensions lack", e.size_of.text));
    }
    return d.output ? output_size(result_.l, d.dim) : result_.l[d.dim];
  }

  bool begin_level(mapping& m, const directive_syntax& d) {
    const std::int32_t cluster_size = value_of(d.size);
    if (m.level_count == max_levels) {
      result_.reasons.push_back(
          fmt::format("line {}: more than {} cluster levels", d.line, max_levels));
      return false;
    }
    m.levels[m.level_count++].cluster_size = cluster_size;
    result_.lines.push_back({d.line, {}});
    return true;
  }

  bool add_directive(mapping& m, const directive_syntax& d) {
    cluster_level& level = m.levels[m.level_count - 1];
    const written_dimension name = find_dimension(d.name);
    const std::int32_t size = value_of(d.size);
    const std::int32_t offset = value_of(d.offset);
    if (level.directive_count == max_directives) {
      result_.reasons.push_back(
          fmt::format("line {}: more than {} directives in a level", d.line, max_directives));
      return false;
    }
    const auto end = level.directives.begin() + level.directive_count;
    if (std::any_of(level.directives.begin(), end, [&](const directive& other) {
          return other.dim == name.dim;
        })) {
      result_.warnings.push_back(
          fmt::format("cluster level {} names dimension {} twice", m.level_count - 1, d.name.text));
    }
    *end = {size, offset, name.dim, d.kind, name.output, 0};
    ++level.directive_count;
    result_.lines.back().directives.push_back(d.line);
    return true;
  }

  const tokenizer& source_;
  const written_sizes& sizes_;
  named_mapping& result_;  ///< its layer is complete
};

/// Turns one Layer block into a layer and its mapping.
class layer_resolver {
 public:
  layer_resolver(const tokenizer& source, const layer_syntax& syntax)
      : source_(source), syntax_(syntax), type_(resolve_type()) {
    result_.name = syntax.name;
    result_.line = syntax.at.at.line;
  }

  named_mapping resolve() {
    result_.l.type = type_.type;
    resolve_strides();
    collect_sizes();
    require_sizes();
    store_sizes();
    if (const auto excess = uncountable(result_.l)) {
      throw source_.error(syntax_.at, fmt::format("layer {} has {}", syntax_.name, *excess));
    }
    if (!syntax_.dataflow.directives.empty()) {
      dataflow_resolver(source_, sizes_, result_).resolve(syntax_.dataflow);
    }
    return std::move(result_);
  }

 private:
  const type_name& resolve_type() const {
    const auto found = std::ranges::find(type_names, syntax_.type.text, &type_name::text);
    if (found == type_names.end()) {
      throw source_.unexpected(syntax_.type, "CONV, DSCONV, GEMM, NGCONV, TRCONV or FC");
    }
    return *found;
  }

  written_dimension find_dimension(const token& name) const {
    const auto found = dimension_of(type_.type, name.text);
    if (!found) throw source_.unexpected(name, dimension_list(type_.type));
    return *found;
  }

  void resolve_strides() {
    for (const dimension_size& s : syntax_.strides) {
      const written_dimension d = find_dimension(s.name);
      const bool strided = d.dim == dimension::Y || d.dim == dimension::X;
      if (type_.type == layer_type::gemm || !strided) {
        if (s.size == 1) continue;
        throw source_.error(s.name,
                            fmt::format("{} has stride {}, only Y and X can have one other than 1",
                                        s.name.text,
                                        s.size));
      }
      (d.dim == dimension::Y ? result_.l.stride_y : result_.l.stride_x) = s.size;
    }
  }

  void collect_sizes() {
    for (const dimension_size& d : syntax_.dimensions) {
      find_dimension(d.name);
      const auto [known, is_new] = sizes_.emplace(d.name.text, d.size);
      if (is_new) continue;
      if (known->second != d.size) {
        throw source_.error(
            d.name,
            fmt::format("{} is given as {} and as {}", d.name.text, known->second, d.size));
      }
      result_.warnings.push_back(fmt::format("dimension {} is given twice", d.name.text));
    }
  }

  bool has(std::string_view name) const { return sizes_.contains(name); }

  void require_sizes() const {
    std::string missing;
    const auto require = [&](std::string_view name, bool present) {
      if (!present) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", name);
    };
    if (type_.type == layer_type::gemm) {
      for (const auto name : {"M", "N", "K"}) require(name, has(name));
    } else {
      require("K", has("K") || type_.type == layer_type::dsconv);
      require("C", has("C"));
      if (!type_.fully_connected) {
        require("Y", has("Y") || has("Y'"));
        require("X", has("X") || has("X'"));
        require("R", has("R"));
        require("S", has("S"));
      }
    }
    if (missing.empty()) return;
    throw source_.error(syntax_.at,
                        fmt::format("layer {} lacks dimension {}", syntax_.name, missing));
  }

  void store_sizes() {
    layer& l = result_.l;
    for (const auto& [name, size] : sizes_) {
      const written_dimension d = *dimension_of(type_.type, name);
      if (!d.output) l[d.dim] = size;
    }
    store_output_size("Y", "Y'", dimension::Y, dimension::R, l.stride_y);
    store_output_size("X", "X'", dimension::X, dimension::S, l.stride_x);
    if (type_.type == layer_type::gemm) return;
    l.named_batch_group = static_cast<std::uint8_t>((has("N") ? 1 : 0) | (has("G") ? 2 : 0));
    if (type_.type == layer_type::dsconv && l[dimension::K] != 1) {
      result_.warnings.push_back(fmt::format(
          "K is {}, but a DSCONV has one output channel for each input channel: taken as 1",
          l[dimension::K]));
      l[dimension::K] = 1;
    }
  }

  /// Rows or columns given as those of the output become those of the smallest input that yields
  /// them.
  void store_output_size(std::string_view input,
                         std::string_view output,
                         dimension d,
                         dimension filter,
                         std::int32_t stride) {
    if (!has(output)) return;
    const std::int32_t size = sizes_.at(output);
    if (!has(input)) {
      const std::int64_t rows = (std::int64_t{size} - 1) * stride + result_.l[filter];
      if (rows > INT32_MAX) {
        throw source_.error(
            syntax_.at,
            fmt::format("{} = {} needs an input of {}, at most 2147483647", output, size, rows));
      }
      result_.l[d] = static_cast<std::int32_t>(rows);
    } else if (output_size(result_.l, d) != size) {
      throw source_.error(syntax_.at,
                          fmt::format("layer {} has {} = {}, but its {} = {} yields {}",
                                      syntax_.name,
                                      output,
                                      size,
                                      input,
                                      result_.l[d],
                                      output_size(result_.l, d)));
    }
  }

  const tokenizer& source_;
  const layer_syntax& syntax_;
  const type_name& type_;
  written_sizes sizes_;  ///< as written
  named_mapping result_;
};

/// A layer without a Dataflow takes a copy of the directives before it.
void inherit(named_mapping& l, const named_mapping* previous) {
  if (previous == nullptr) {
    l.reasons.push_back("no Dataflow, and no layer before it has one");
  } else if ((previous->l.type == layer_type::gemm) != (l.l.type == layer_type::gemm)) {
    l.reasons.push_back(
        fmt::format("no Dataflow, and the directives of layer {} name other dimensions",
                    previous->name));
  } else {
    l.m = previous->m;
    l.lines = previous->lines;
    l.reasons = previous->reasons;
  }
}

/// The sizes of a layer under the names that its type has.
written_sizes sizes_of(const layer& l) {
  written_sizes sizes;
  for (const std::string_view name : {"K", "C", "Y", "X", "R", "S", "N", "G", "M"}) {
    if (const auto d = dimension_of(l.type, name)) sizes.emplace(name, l[d->dim]);
  }
  return sizes;
}

std::vector<std::string> left_out(const file_syntax& syntax, std::string_view file) {
  std::vector<std::string> warnings;
  for (const left_out_syntax& l : syntax.left_out) {
    warnings.push_back(
        fmt::format("{}:{}: {} is left out, it says nothing of a layer or its mapping",
                    file,
                    l.at.at.line,
                    l.text));
  }
  return warnings;
}

}  // namespace

mapping_file parse_mapping_file(std::string_view text, std::string_view file) {
  tokenizer source(text, file);
  const file_syntax syntax = parse_syntax(source);
  if (!syntax.dataflows.empty()) {
    throw source.error(
        syntax.dataflows.front().at,
        syntax.layers.empty()
            ? "found a Dataflow and no layer; cugamma evaluate gives it the layers of --model"
            : "found a Dataflow that stands in no Layer");
  }
  if (syntax.layers.empty()) throw source.unexpected(source.peek(), "a Network with a Layer");
  mapping_file result;
  result.network = syntax.network;
  result.warnings = left_out(syntax, file);
  const bool has_mappings = std::ranges::any_of(syntax.layers, [](const layer_syntax& l) {
    return !l.dataflow.directives.empty();
  });
  for (const layer_syntax& l : syntax.layers) {
    named_mapping resolved = layer_resolver(source, l).resolve();
    if (has_mappings && l.dataflow.directives.empty()) {
      inherit(resolved, result.layers.empty() ? nullptr : &result.layers.back());
    }
    result.layers.push_back(std::move(resolved));
  }
  return result;
}

bool is_mapping_text(std::string_view text) {
  const std::string_view first = tokenizer(text, "").peek().text;
  return first == "Network" || first == "Dataflow" || first == "Constant" || first == "Accelerator";
}

mapping_file apply_dataflow(std::string_view text, std::string_view file, const network& layers) {
  tokenizer source(text, file);
  const file_syntax syntax = parse_syntax(source);
  if (!syntax.layers.empty()) {
    throw source.error(syntax.layers.front().at,
                       "found a Layer, expected a Dataflow alone for the layers of --model");
  }
  if (syntax.dataflows.empty()) throw source.unexpected(source.peek(), "a Dataflow");
  if (syntax.dataflows.size() > 1) {
    throw source.error(syntax.dataflows[1].at,
                       "found a second Dataflow, expected one for all layers");
  }
  mapping_file result{layers.name, {}, left_out(syntax, file)};
  for (const network_layer& l : layers.layers) {
    named_mapping mapped;
    mapped.name = l.name;
    mapped.l = l.l;
    const written_sizes sizes = sizes_of(l.l);
    try {
      dataflow_resolver(source, sizes, mapped).resolve(syntax.dataflows.front());
    } catch (const input_error& e) {
      mapped.reasons.push_back(e.what());
    }
    result.layers.push_back(std::move(mapped));
  }
  return result;
}

mapping_file read_mapping_file(const std::string& path) {
  return parse_mapping_file(read_file(path), path);
}

}  // namespace cugamma
