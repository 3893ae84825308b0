#pragma once

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cugamma/formats/timeloop_files.hpp"
#include "models/golden_tables.hpp"

/// The tables of golden/: mappings with Timeloop's figures, or its reason to reject them.
namespace cugamma::timeloop {

inline constexpr std::array golden_tables{
    golden_table{"duo", 204},
    golden_table{"grid", 193},
    golden_table{"lanes", 179},
    golden_table{"plain", 161},
    golden_table{"rows", 124},
    golden_table{"tight", 69},
    golden_table{"trio", 192},
};
inline constexpr golden_table golden_invalid_table{"invalid", 220};

inline const std::string golden_folder = CUGAMMA_SOURCE_DIR "/tests/models/timeloop/golden/";

/// The texts of golden/archs.json or problems.json, by name.
inline nlohmann::json golden_texts(const std::string& file) {
  std::ifstream in(golden_folder + file);
  return nlohmann::json::parse(in);
}

/// One line of a table.
struct golden_case {
  std::string id;
  architecture machine;
  problem layer;
  given_mapping mapped;
  nlohmann::json figures;  ///< the table's `expect`
};

/// One case out of `step` of a table. Throws std::runtime_error if the table lacks cases.
inline std::vector<golden_case> read_golden(const golden_table& table, std::size_t step = 1) {
  const nlohmann::json architectures = golden_texts("archs.json");
  const nlohmann::json problems = golden_texts("problems.json");
  std::vector<golden_case> cases;
  for (const auto& fields : read_golden_lines(golden_folder, table, step)) {
    const std::string id = fields.at("id");
    const std::vector<file_text> files{
        {"arch.yaml", architectures.at(fields.at("arch").get<std::string>())},
        {"problem.yaml", problems.at(fields.at("problem").get<std::string>())},
        {id, fields.at("mapping")}};
    file_contents read = parse_files(files);
    cases.push_back({id, *read.machine, *read.layer, read.mappings.at(0), fields.at("expect")});
  }
  return cases;
}

}  // namespace cugamma::timeloop
