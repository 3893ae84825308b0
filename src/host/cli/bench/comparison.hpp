#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/mapping/genome.hpp"

namespace cugamma::cli {

/// The layers and accelerators that random mappings are drawn for, and where the layers come from.
struct test_bed {
  std::vector<layer> layers;
  std::vector<std::string> layer_names;  ///< network/layer
  std::vector<accelerator> accelerators;
  std::vector<std::string> warnings;  ///< of the networks' files
};

/// All distinct layers of the named networks, with unit stride, in the order of their names. Layers
/// that no genome can hold are left out. Throws input_error for an unknown network.
test_bed make_test_bed(const std::vector<std::string>& models);

/// Accelerators that differ in everything the figures depend on: PEs, lanes, bandwidths, latencies,
/// buffer limits.
std::vector<accelerator> varied_accelerators();

/// The fields in which two costs differ, one "name: a, b" a line; empty if they are equal.
std::string describe_difference(const cost& a, const cost& b);

/// What is needed to see a mapping again: the text of a MAESTRO mapping file, with its layer,
/// accelerator and `cugamma evaluate` command in comments.
std::string describe_mapping(const test_bed& bed, const genome& g);

}  // namespace cugamma::cli
