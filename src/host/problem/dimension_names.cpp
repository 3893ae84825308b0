#include "problem/dimension_names.hpp"

#include <array>
#include <span>

namespace cugamma {
namespace {

struct entry {
  std::string_view name;
  written_dimension meaning;
};

constexpr std::array conv_names{entry{"K", {dimension::K}},
                                entry{"C", {dimension::C}},
                                entry{"Y", {dimension::Y}},
                                entry{"X", {dimension::X}},
                                entry{"R", {dimension::R}},
                                entry{"S", {dimension::S}},
                                entry{"N", {dimension::N}},
                                entry{"G", {dimension::G}},
                                entry{"Y'", {dimension::Y, true}},
                                entry{"X'", {dimension::X, true}}};
constexpr std::array gemm_names{entry{"M", {dimension::Y}},
                                entry{"N", {dimension::K}},
                                entry{"K", {dimension::C}}};

std::span<const entry> names_of(layer_type type) {
  if (type == layer_type::gemm) return gemm_names;
  return conv_names;
}

}  // namespace

std::optional<written_dimension> dimension_of(layer_type type, std::string_view name) {
  for (const entry& e : names_of(type)) {
    if (e.name == name) return e.meaning;
  }
  return std::nullopt;
}

std::string_view dimension_name(layer_type type, written_dimension d) {
  for (const entry& e : names_of(type)) {
    if (e.meaning.dim == d.dim && e.meaning.output == d.output) return e.name;
  }
  // The type does not have it: as a convolution calls it, which has no outputs of K, C, R, S, N, G.
  for (const bool is_output : {d.output, false}) {
    for (const entry& e : conv_names) {
      if (e.meaning.dim == d.dim && e.meaning.output == is_output) return e.name;
    }
  }
  return "?";
}

std::string_view dimension_list(layer_type type) {
  if (type == layer_type::gemm) return "a dimension of a GEMM: M, N or K";
  return "a dimension: K, C, Y, X, R, S, N, G, Y' or X'";
}

std::string_view type_name_of(layer_type type) {
  constexpr std::array<std::string_view, 5> names{"CONV", "DSCONV", "GEMM", "NGCONV", "TRCONV"};
  return names[static_cast<std::size_t>(type)];
}

}  // namespace cugamma
