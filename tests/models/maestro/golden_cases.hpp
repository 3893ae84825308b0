#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/problem/accelerator.hpp"

/// The tables of golden/: mappings with the figures that MAESTRO gave for them.
namespace cugamma {

struct golden_table {
  const char* name;
  std::size_t case_count;
};

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
  nlohmann::json hardware;   ///< the same machine by the table's names
  std::int64_t layer_macs = 0;
  nlohmann::json columns;  ///< MAESTRO's figures in the order of columns.json; null if illegal
  nlohmann::json reasons;  ///< names of the broken rules; null if legal
};

inline accelerator golden_machine(const nlohmann::json& hardware) {
  accelerator a;
  a.num_pes = hardware.at("num_pes");
  a.noc_bw = hardware.at("noc_bw");
  a.noc_hops = hardware.at("noc_hops");
  a.noc_hop_latency = hardware.at("noc_hop_latency");
  a.offchip_bw = hardware.at("offchip_bw");
  a.simd_lanes = hardware.at("simd_lanes");
  return a;
}

/// One case out of `step` of a table. Throws std::runtime_error if the table lacks cases.
inline std::vector<golden_case> read_golden(const golden_table& table, std::size_t step = 1) {
  std::ifstream in(golden_folder + table.name + ".jsonl");
  std::vector<golden_case> cases;
  std::size_t count = 0;
  for (std::string line; std::getline(in, line); ++count) {
    if (count % step != 0) continue;
    const auto fields = nlohmann::json::parse(line);
    const auto optional = [&](const char* key) { return fields.value(key, nlohmann::json()); };
    cases.push_back({fields.at("id"),
                     fields.at("mapping"),
                     golden_machine(fields.at("hw")),
                     fields.at("hw"),
                     fields.at("layer_macs"),
                     optional("expect"),
                     optional("illegal")});
  }
  if (count != table.case_count) {
    throw std::runtime_error("golden table " + std::string(table.name) + " has " +
                             std::to_string(count) + " cases, expected " +
                             std::to_string(table.case_count));
  }
  return cases;
}

/// The layer and its mapping. Throws std::runtime_error unless the text holds exactly one mapping.
inline named_mapping golden_layer(const golden_case& golden) {
  const mapping_file file = parse_mapping_file(golden.mapping_text, golden.id);
  if (file.layers.size() != 1 || !file.layers[0].m) {
    throw std::runtime_error(golden.id + ": expected one layer with a mapping");
  }
  return file.layers[0];
}

/// Names a test after the table that it is over.
inline constexpr auto table_name = [](const auto& test) { return std::string(test.param.name); };

}  // namespace cugamma
