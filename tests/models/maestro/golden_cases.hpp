#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "models/golden_tables.hpp"

/// The tables of golden/: mappings with the figures that MAESTRO gave for them.
namespace cugamma {

/// Legal mappings, each with every column of MAESTRO's output.
inline constexpr golden_table golden_legal_tables[] = {{"gamma1", 197},
                                                       {"gamma2", 799},
                                                       {"gamma3", 287},
                                                       {"freers", 165},
                                                       {"sp2", 168},
                                                       {"dsconv", 222},
                                                       {"gemm", 303},
                                                       {"directives", 608}};

/// Those of them whose every mapping has a genome.
inline constexpr auto golden_genome_tables = std::span(golden_legal_tables).first<7>();

/// Illegal mappings, each with the rules that it breaks.
inline constexpr golden_table golden_illegal_table{"illegal", 933};

inline const std::string golden_folder = CUGAMMA_SOURCE_DIR "/tests/models/maestro/golden/";

/// One line of a table.
struct golden_case {
  std::string id;
  std::string mapping_text;  ///< of a file with one layer
  accelerator machine;       ///< buffers without limit
  nlohmann::json hardware;   ///< the same accelerator by the table's names
  std::int64_t layer_macs = 0;
  nlohmann::json columns;  ///< MAESTRO's figures in the order of columns.json; null if illegal
  nlohmann::json reasons;  ///< names of the broken rules; null if legal
};

/// One case out of `step` of a table. Throws std::runtime_error if the table lacks cases.
inline std::vector<golden_case> read_golden(const golden_table& table, std::size_t step = 1) {
  std::vector<golden_case> cases;
  for (const auto& fields : read_golden_lines(golden_folder, table, step)) {
    const auto optional = [&](const char* key) { return fields.value(key, nlohmann::json()); };
    cases.push_back({fields.at("id"),
                     fields.at("mapping"),
                     golden_machine(fields.at("hw")),
                     fields.at("hw"),
                     fields.at("layer_macs"),
                     optional("expect"),
                     optional("illegal")});
  }
  return cases;
}

/// The layer and its mapping. Throws std::runtime_error unless the text holds exactly one mapping.
inline named_mapping golden_layer(const golden_case& golden) {
  return golden_mapping(golden.mapping_text, golden.id);
}

}  // namespace cugamma
