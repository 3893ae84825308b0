#pragma once

#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "files/parse_yaml.hpp"

namespace cugamma::timeloop {

/// Sets energies from Accelergy's energy reference table. A level with an energy of its own keeps
/// it.
void apply_energy_table(const yaml_place& at,
                        const std::vector<bool>& has_own_energy,
                        architecture& a);

/// Sets areas from Accelergy's area reference table.
void apply_area_table(const yaml_place& at, architecture& a);

}  // namespace cugamma::timeloop
