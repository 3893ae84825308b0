#include "formats/mapping_syntax.hpp"

#include <fmt/core.h>

namespace cugamma {
namespace {

bool is_brace(const token& t) { return t.text == "{" || t.text == "}"; }

class grammar {
 public:
  explicit grammar(tokenizer& source) : source_(source) {}

  file_syntax file() {
    file_syntax result;
    while (!source_.peek().is_end()) {
      if (source_.accept("Constant")) {
        constant();
      } else if (source_.accept("Network")) {
        network(result);
      } else if (source_.peek().text == "Accelerator") {
        const token at = source_.next();
        const std::string own = name();
        result.left_out.push_back({at, own.empty() ? "Accelerator" : "Accelerator " + own});
        source_.skip_to_brace();
      } else if (leave_out_figure(result.left_out)) {
        continue;
      } else if (source_.peek().text == "Dataflow") {
        dataflow_syntax flow{source_.next(), {}};
        dataflow(flow.directives);
        result.dataflows.push_back(std::move(flow));
      } else {
        throw source_.unexpected(source_.peek(), "Constant, Network, Dataflow or Accelerator");
      }
    }
    return result;
  }

 private:
  token word(std::string_view expected) {
    if (source_.peek().is_end() || is_brace(source_.peek())) {
      throw source_.unexpected(source_.peek(), expected);
    }
    return source_.next();
  }

  /// A number or a constant.
  std::int32_t count(std::string_view expected) {
    const token t = word(expected);
    const auto known = constants_.find(t.text);
    return known != constants_.end() ? known->second : parse_count(source_, t, expected);
  }

  std::int32_t positive(std::string_view expected) {
    const token at = source_.peek();
    const std::int32_t value = count(expected);
    if (value < 1) throw source_.unexpected(at, expected);
    return value;
  }

  void constant() {
    const token name = word("the name of a constant");
    constants_[name.text] = count("the constant's value, a whole number");
  }

  /// The words up to the opening brace, which is taken too.
  std::string name() {
    std::string joined;
    while (!source_.peek().is_end() && !is_brace(source_.peek())) {
      if (!joined.empty()) joined += '-';
      joined += source_.next().text;
    }
    source_.expect("{");
    return joined;
  }

  void network(file_syntax& result) {
    result.network = name();
    while (!source_.accept("}")) {
      const token at = source_.peek();
      if (source_.accept("Layer")) {
        result.layers.push_back(layer_block(at, result.left_out));
      } else if (leave_out_figure(result.left_out)) {
        continue;
      } else if (source_.accept("Dependency")) {
        source_.expect("{");
        source_.skip_to_brace();
        result.left_out.push_back({at, "Dependency"});
      } else {
        throw source_.unexpected(at, "Layer, FPS, Probability, Dependency or \"}\"");
      }
    }
  }

  /// FPS and Probability say how often a network or layer runs; no model here asks for it.
  bool leave_out_figure(std::vector<left_out_syntax>& left_out) {
    const token at = source_.peek();
    if (!source_.accept("FPS") && !source_.accept("Probability")) return false;
    left_out.push_back({at, fmt::format("{}: {}", at.text, word("a number").text)});
    return true;
  }

  layer_syntax layer_block(const token& at, std::vector<left_out_syntax>& left_out) {
    layer_syntax l;
    l.at = at;
    l.name = name();
    if (l.name.empty()) l.name = "Layer";
    while (!source_.accept("}")) {
      if (leave_out_figure(left_out)) continue;
      const token t = source_.next();
      if (t.text == "Type") {
        l.type = word("a layer type");
      } else if (t.text == "Stride") {
        sizes(l.strides, "a stride, a whole number from 1");
      } else if (t.text == "Dimensions") {
        sizes(l.dimensions, "a size, a whole number from 1");
      } else if (t.text == "Dataflow") {
        l.dataflow.at = t;
        dataflow(l.dataflow.directives);
      } else {
        throw source_.unexpected(t, "Type, Stride, Dimensions, Dataflow or \"}\"");
      }
    }
    if (l.type.is_end()) throw source_.error(at, fmt::format("layer {} has no Type", l.name));
    return l;
  }

  void sizes(std::vector<dimension_size>& out, std::string_view expected) {
    source_.expect("{");
    while (!source_.accept("}")) {
      const token dim = word("a dimension or \"}\"");
      out.push_back({dim, positive(expected)});
    }
  }

  void dataflow(std::vector<directive_syntax>& out) {
    source_.expect("{");
    while (!source_.accept("}")) {
      const token t = source_.next();
      if (t.text == "TemporalMap") {
        out.push_back(map(directive_kind::temporal));
      } else if (t.text == "SpatialMap") {
        out.push_back(map(directive_kind::spatial));
      } else if (t.text == "Cluster") {
        out.push_back(cluster(t));
      } else {
        throw source_.unexpected(t, "TemporalMap, SpatialMap, Cluster or \"}\"");
      }
      out.back().line = t.at.line;
    }
  }

  size_expression size(std::string_view expected) {
    if (source_.accept("Sz")) return {0, word("the dimension of Sz()")};
    return {count(expected), {}};
  }

  directive_syntax map(directive_kind kind) {
    directive_syntax d;
    d.kind = kind;
    d.size = size("a size: a number, a constant or Sz(dimension)");
    d.offset = size("an offset: a number, a constant or Sz(dimension)");
    d.name = word("a dimension");
    return d;
  }

  directive_syntax cluster(const token& at) {
    directive_syntax d;
    d.is_cluster = true;
    d.name = at;
    d.size = size("a cluster size: a number, a constant or Sz(dimension)");
    const token type = word("the cluster type P or L");
    if (type.text != "P" && type.text != "L") {
      throw source_.unexpected(type, "the cluster type P or L");
    }
    return d;
  }

  tokenizer& source_;
  std::map<std::string_view, std::int32_t> constants_;
};

}  // namespace

file_syntax parse_syntax(tokenizer& source) { return grammar(source).file(); }

}  // namespace cugamma
