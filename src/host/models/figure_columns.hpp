#pragma once

#include <string_view>
#include <vector>

namespace cugamma {

/// Columns that add up to a figure.
using column_names = std::vector<std::string_view>;

/// A figure that several cost models have, and the columns in which one or another reports it.
struct named_figure {
  std::string_view name;
  std::vector<column_names> spellings;
};

/// Runtime, MACs, energies, accesses and sizes of buffers.
const std::vector<named_figure>& named_figures();

/// The spellings of a figure; a name that is none of these stands for the column of that name.
std::vector<column_names> spellings_of(std::string_view name);

}  // namespace cugamma
