#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/formats/timeloop_files.hpp"
#include "files/parse_yaml.hpp"

/// Readers of the parts of Timeloop's files. Each throws input_error that names the place.
namespace cugamma::timeloop {

problem read_problem(const yaml_place& at);

/// What an architecture and its reference tables are, and where in the files they stand.
struct architecture_places {
  yaml_place tree;                   ///< the value of the key architecture
  std::optional<yaml_place> energy;  ///< of the key ERT
  std::optional<yaml_place> area;    ///< of the key ART
};

/// `layer` may be null if no attribute names its tensors.
architecture read_architecture(const architecture_places& at,
                               const problem* layer,
                               std::vector<std::string>& warnings);

given_mapping read_mapping(const yaml_place& at, const architecture& a, const problem& p);

/// Adds the constraints of one list to those of others. What they say of the dimensions in
/// `absent`, which the problem lacks, is left out. Throws input_error if it sets again what is set.
void add_constraints(const yaml_place& at,
                     const architecture& a,
                     const problem& p,
                     std::string_view absent,
                     constraints& c,
                     std::vector<std::string>& warnings);

mapper_settings read_mapper(const yaml_place& at,
                            const architecture& a,
                            std::string& out_prefix,
                            std::vector<std::string>& warnings);

/// The number of the level that a text names, or counts from the innermost, 0.
int level_at(const yaml_place& at, const architecture& a);

/// Bits of the tensors that a list names.
std::uint8_t tensors_at(const yaml_place& at, const problem& p);

}  // namespace cugamma::timeloop
