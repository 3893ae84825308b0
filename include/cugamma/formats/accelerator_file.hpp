#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/problem/accelerator.hpp"

namespace cugamma {

/// The bandwidth, in elements per cycle, that a -1 in a file or on a command line stands for.
/// GAMMA hands MAESTRO the same number.
inline constexpr std::int32_t unlimited_bandwidth = 1 << 30;

/// The names of the energy, area and power constants, as files spell them.
struct constant_key {
  std::string_view name;
  double cost_constants::*member;
};
inline constexpr std::array constant_keys{
    constant_key{"mac_energy_nj", &cost_constants::mac_energy_nj},
    constant_key{"l1_energy_macs", &cost_constants::l1_energy_macs},
    constant_key{"l2_energy_macs", &cost_constants::l2_energy_macs},
    constant_key{"cluster_energy_macs", &cost_constants::cluster_energy_macs},
    constant_key{"dram_energy_macs", &cost_constants::dram_energy_macs},
    constant_key{"mac_area_um2", &cost_constants::mac_area_um2},
    constant_key{"mac_power_mw", &cost_constants::mac_power_mw},
    constant_key{"sram_area_um2_per_byte", &cost_constants::sram_area_um2_per_byte},
    constant_key{"sram_power_mw_per_byte", &cost_constants::sram_power_mw_per_byte},
    constant_key{"bus_area_um2", &cost_constants::bus_area_um2},
    constant_key{"bus_power_mw", &cost_constants::bus_power_mw},
    constant_key{"bus_c1", &cost_constants::bus_c1},
    constant_key{"bus_c0", &cost_constants::bus_c0},
    constant_key{"arbiter_area_um2", &cost_constants::arbiter_area_um2},
    constant_key{"arbiter_power_mw", &cost_constants::arbiter_power_mw},
    constant_key{"arbiter_c2", &cost_constants::arbiter_c2},
    constant_key{"arbiter_c1", &cost_constants::arbiter_c1},
    constant_key{"arbiter_c0", &cost_constants::arbiter_c0},
    constant_key{"budget_pe_area_um2", &cost_constants::budget_pe_area_um2},
    constant_key{"budget_buffer_area_um2_per_byte",
                 &cost_constants::budget_buffer_area_um2_per_byte}};
static_assert(sizeof(cost_constants) == constant_keys.size() * sizeof(double),
              "every constant has a key");

/// Reads an accelerator file; docs/accelerators.md has its keys. A name that ends in .yaml, .yml or
/// .json says that it is YAML; others are MAESTRO's, GAMMA's or XRBench's: "key: value" pairs,
/// comments from // or #. -1 is an unlimited size or bandwidth. What the file does not name stays
/// as in `base`. `file` is the name for messages. An Accelerator block may have XRBench's keys too
/// (top_noc_bw, col_noc_bw, global_shared_memory, ...): what of it is not known, or cannot be held
/// since all NoCs have the same figures, is left out and named in `warnings`, "file:line: what".
/// Throws input_error "file:line:column: found X, expected Y".
accelerator parse_accelerator_file(std::string_view text,
                                   std::string_view file,
                                   const accelerator& base = {},
                                   std::vector<std::string>* warnings = nullptr);

/// Reads a file from disk. Throws input_error also if it cannot be read or has no key.
accelerator read_accelerator_file(const std::string& path,
                                  const accelerator& base = {},
                                  std::vector<std::string>* warnings = nullptr);

/// The path of an accelerator file by name: a path that exists, or NAME.yaml in the folders of
/// accelerators (environment variable CUGAMMA_ACCELERATORS_DIR, the source tree's accelerators, the
/// installed share/cugamma/accelerators). Throws input_error with the names that are known.
std::string find_accelerator(std::string_view name);

/// What a file says of itself by its key "about"; empty, if that is nothing.
std::string about_accelerator(const std::string& path);

/// The names that find_accelerator knows, sorted.
std::vector<std::string> accelerator_names();

}  // namespace cugamma
