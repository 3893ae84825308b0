#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "formats/timeloop/sections.hpp"
#include "formats/timeloop/table.hpp"

namespace cugamma::timeloop {
namespace {

/// Counts of accesses stay below 2^62.
constexpr double most_work = 4.6e18;

/// Shapes that a problem may name.
constexpr std::string_view cnn_layer_shape = R"(
name: CNN_Layer
dimensions: [R, S, P, Q, C, K, N]
coefficients:
- {name: Wstride, default: 1}
- {name: Hstride, default: 1}
- {name: Wdilation, default: 1}
- {name: Hdilation, default: 1}
data_spaces:
- {name: Weights, projection: [[[C]], [[K]], [[R]], [[S]]]}
- {name: Inputs, projection: [[[N]], [[C]], [[R, Wdilation], [P, Wstride]], [[S, Hdilation], [Q, Hstride]]]}
- {name: Outputs, projection: [[[N]], [[K]], [[Q]], [[P]]], read_write: true}
)";
constexpr std::string_view gemm_shape = R"(
name: gemm_ABZ
dimensions: [M, N, K]
data_spaces:
- {name: A, projection: [[[M]], [[K]]]}
- {name: B, projection: [[[N]], [[K]]]}
- {name: Z, projection: [[[M]], [[N]]], read_write: true}
)";

/// Coefficients of a shape: their values, by name.
using coefficients = std::map<std::string, std::int64_t, std::less<>>;

std::string letters_of(const problem& p) {
  std::string letters;
  for (const dimension& d : p.dimensions) {
    if (!letters.empty()) letters += ", ";
    letters += d.name;
  }
  return letters;
}

int dimension_at(const yaml_place& at, const problem& p) {
  const std::string word = word_at(at, letters_of(p));
  const auto found = std::ranges::find_if(p.dimensions, [&](const dimension& d) {
    return word == std::string_view(&d.name, 1);
  });
  if (found == p.dimensions.end()) at.refuse(letters_of(p));
  return static_cast<int>(found - p.dimensions.begin());
}

std::vector<dimension> read_dimensions(const yaml_place& at) {
  const std::string content = fmt::format("a list of 1 to {} letters", max_dimensions);
  std::vector<dimension> dimensions;
  if (!at.node().IsSequence()) at.refuse(content);
  for (const yaml_place& element : at.elements()) {
    const std::string word = word_at(element, "a letter");
    if (word.size() != 1 || std::isalpha(static_cast<unsigned char>(word[0])) == 0) {
      element.refuse("one letter");
    }
    if (std::ranges::find(dimensions, word[0], &dimension::name) != dimensions.end()) {
      element.refuse("each letter once");
    }
    dimensions.push_back({word[0], 1});
  }
  if (dimensions.empty() || dimensions.size() > max_dimensions) at.refuse(content);
  return dimensions;
}

coefficients read_coefficients(const yaml_place& at) {
  coefficients all;
  if (at.node().IsNull()) return all;
  if (!at.node().IsSequence()) at.refuse("a list of {name, default}");
  for (const yaml_place& element : at.elements()) {
    table t(element, "a table of name, default");
    const yaml_place name = t.need("name");
    t.need("default");
    const auto value = t.whole({"default"}, 1);
    t.refuse_unused();
    if (!all.emplace(word_at(name, "a name"), *value).second) name.refuse("each name once");
  }
  return all;
}

/// One summand: [R], [R, coefficient] or R.
axis_term read_term(const yaml_place& at, const problem& p, const coefficients& values) {
  if (at.node().IsScalar()) return {dimension_at(at, p), 1};
  const std::size_t parts = at.node().IsSequence() ? at.node().size() : 0;
  if (parts != 1 && parts != 2) at.refuse("[dimension] or [dimension, coefficient]");
  axis_term term{dimension_at(at.element(0), p), 1};
  if (parts == 1) return term;
  const yaml_place name = at.element(1);
  const auto value = values.find(word_at(name, "a coefficient"));
  if (value == values.end()) {
    std::vector<std::string> known;
    for (const auto& [key, unused] : values) known.push_back(key);
    name.refuse(known.empty() ? "a coefficient of the shape, which has none"
                              : fmt::format("{}", fmt::join(known, ", ")));
  }
  term.coefficient = value->second;
  return term;
}

axis read_axis(const yaml_place& at, const problem& p, const coefficients& values) {
  axis a;
  if (at.node().IsNull() || at.node().IsMap()) at.refuse("a list of summands");
  for (const yaml_place& element : at.elements()) {
    const axis_term term = read_term(element, p, values);
    if (std::ranges::find(a, term.dimension, &axis_term::dimension) != a.end()) {
      element.refuse("each dimension at most once in a projection");
    }
    a.push_back(term);
  }
  if (a.empty()) at.refuse("at least one summand");
  return a;
}

tensor read_tensor(const yaml_place& at, const problem& p, const coefficients& values) {
  table t(at, "a table of name, projection, read_write");
  tensor result;
  result.name = word_at(t.need("name"), "a name");
  const yaml_place projection = t.need("projection");
  result.is_output = t.flag("read_write").value_or(false);
  t.find("ranks");  // names for layouts, which are refused
  t.refuse_unused();
  if (!projection.node().IsSequence() || projection.node().size() == 0) {
    projection.refuse("a list of axes, each a list of summands such as [[P, stride], [R]]");
  }
  for (const yaml_place& element : projection.elements()) {
    result.axes.push_back(read_axis(element, p, values));
  }
  return result;
}

std::vector<tensor> read_tensors(const yaml_place& at,
                                 const problem& p,
                                 const coefficients& values) {
  const std::string content = fmt::format("a list of 2 to {} tensors", max_tensors);
  if (!at.node().IsSequence()) at.refuse(content);
  std::vector<tensor> tensors;
  for (const yaml_place& element : at.elements()) {
    tensors.push_back(read_tensor(element, p, values));
    const auto same = std::ranges::find(tensors, tensors.back().name, &tensor::name);
    if (same != tensors.end() - 1) element.child("name").refuse("each name once");
  }
  if (tensors.size() < 2 || tensors.size() > max_tensors) {
    at.fail(at.node().Mark(), fmt::format("{}: found {}", at.path(), tensors.size()), content);
  }
  const auto outputs = std::ranges::count(tensors, true, &tensor::is_output);
  if (outputs != 1) {
    at.fail(at.node().Mark(),
            fmt::format("{}: found {} with read_write: true", at.path(), outputs),
            "exactly one");
  }
  return tensors;
}

/// Refuses densities other than 1: a number, {distribution, density}, or a table of those.
void refuse_densities(const yaml_place& at, int depth = 0) {
  if (at.node().IsScalar()) {
    if (number_at(at) != 1) at.refuse("1; sparse problems are not modelled");
    return;
  }
  table t(at, "1, or a table of densities of 1");
  if (depth > 1) at.refuse("a number");
  t.find("distribution");
  for (const table::entry& e : t.unused()) refuse_densities(e.value, depth + 1);
}

/// Sizes of the dimensions and values of the coefficients, from the instance.
void read_instance(table& t, problem& p, coefficients& values) {
  for (dimension& d : p.dimensions) {
    const std::string_view name(&d.name, 1);
    t.need(name);
    d.size = *t.whole({name}, 1);
  }
  for (auto& [name, value] : values) {
    const std::string key = plain_key(name);
    if (const auto given = t.whole({key}, 1)) value = *given;
  }
  for (const char* key : {"densities", "commonDensity"}) {
    if (const auto density = t.find(key)) refuse_densities(*density);
  }
}

/// More accesses than an instance of a level can make: every iteration touches a new word of the
/// box around the tensor.
void refuse_huge(const yaml_place& at, const problem& p) {
  double iterations = 1;
  for (const dimension& d : p.dimensions) iterations *= static_cast<double>(d.size);
  for (const tensor& t : p.tensors) {
    double work = iterations;
    for (const axis& a : t.axes) {
      double spread = 0;
      for (const axis_term& term : a) spread += static_cast<double>(term.coefficient);
      work *= spread;
    }
    if (work < most_work) continue;
    at.fail(at.node().Mark(),
            fmt::format("{}: the sizes and coefficients of {} multiply to {:.3g}",
                        at.path(),
                        t.name,
                        work),
            fmt::format("less than {:.3g}", most_work));
  }
}

/// A shape that a problem names.
yaml_place named_shape(const yaml_place& at) {
  const std::string name = plain_key(at.node().Scalar());
  if (name == "cnn_layer") return parse_yaml(std::string(cnn_layer_shape), "cnn_layer");
  if (name == "gemm_ABZ") return parse_yaml(std::string(gemm_shape), "gemm_ABZ");
  at.refuse("a table of dimensions, coefficients, data_spaces, or one of cnn_layer, gemm_ABZ");
}

yaml_place shape_of(table& t) {
  const auto at = t.find("shape");
  if (!at) return parse_yaml(std::string(cnn_layer_shape), "cnn_layer");
  return at->node().IsScalar() ? named_shape(*at) : *at;
}

}  // namespace

problem read_problem(const yaml_place& at) {
  if (at.node().IsSequence()) at.refuse("one table: several Einsums are not modelled");
  table t(at, "a table of shape, instance");
  t.refuse("einsums", "several Einsums are not modelled");
  t.find("version");
  table shape(shape_of(t), "a table of name, dimensions, coefficients, data_spaces");
  shape.refuse("flatten", "flattened dimensions are not modelled");
  shape.find("version");
  problem p;
  p.name = shape.word("name").value_or("");
  p.dimensions = read_dimensions(shape.need("dimensions"));
  coefficients values;
  if (const auto list = shape.find("coefficients")) values = read_coefficients(*list);
  const yaml_place tensors = shape.need("data_spaces");
  shape.refuse_unused();

  if (const auto instance = t.find("instance")) {
    table sizes(*instance, "a table of the dimensions' sizes");
    read_instance(sizes, p, values);
    sizes.refuse_unused();
  } else {
    read_instance(t, p, values);
  }
  t.refuse_unused();
  p.tensors = read_tensors(tensors, p, values);
  refuse_huge(at, p);
  return p;
}

}  // namespace cugamma::timeloop
