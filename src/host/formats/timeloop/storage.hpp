#pragma once

#include <string>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/problem.hpp"
#include "files/parse_yaml.hpp"
#include "formats/timeloop/table.hpp"

namespace cugamma::timeloop {

/// A component of an architecture's tree.
struct component {
  yaml_place at;     ///< the table with name, class, attributes
  std::string name;  ///< without its range
  std::string class_name;
  std::int64_t instances = 1;  ///< from the ranges of its name and of the names above it
};

/// A storage level with what the file and Timeloop's defaults say of it, built-in energies
/// included.
struct read_level {
  storage_level level;
  bool has_own_energy = false;  ///< vector_access_energy: reference tables do not change it
};
read_level read_storage(const component& c,
                        const problem* layer,
                        std::vector<std::string>& warnings);

arithmetic_units read_arithmetic(const component& c, std::vector<std::string>& warnings);

}  // namespace cugamma::timeloop
