#pragma once

#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "models/golden_tables.hpp"
#include "small_problems.hpp"

/// The tables of golden/: mappings with their figures by the exact cost model.
namespace cugamma {

/// Random mappings of small layers, and winners of searches on real ones.
inline constexpr golden_table exact_small_table{"exact_small", 720};
inline constexpr golden_table exact_real_table{"exact_real", 42};

inline const std::string exact_golden_folder = CUGAMMA_SOURCE_DIR "/tests/models/exact/golden/";

/// One line of a table.
struct exact_golden_case {
  std::string id;
  layer l;
  accelerator machine;  ///< buffers without limit
  mapping m;
  bool legal_in_maestro = false;
  nlohmann::json figures;
};

/// One case out of `step` of a table. Throws std::runtime_error if the table lacks cases.
inline std::vector<exact_golden_case> read_exact_golden(const golden_table& table,
                                                        std::size_t step = 1) {
  std::vector<exact_golden_case> cases;
  for (const auto& fields : read_golden_lines(exact_golden_folder, table, step)) {
    const std::string id = fields.at("id");
    const named_mapping layer = golden_mapping(fields.at("mapping"), id);
    cases.push_back({id,
                     layer.l,
                     golden_machine(fields.at("hw")),
                     *layer.m,
                     fields.at("maestro_legal"),
                     fields.at("expect")});
  }
  return cases;
}

/// A layer's best mapping for an objective among those that golden/README.md describes.
struct exact_optimum {
  std::string layer_name;
  std::string objective;  ///< latency, energy, EDP; "energy c=0": without cluster buffers
  layer l;
  mapping m;
  nlohmann::json entry;  ///< all that optima.json has on it
};

/// The accelerator of the optima.
inline accelerator exact_optima_machine() { return small_machine(); }

/// All 24. Throws std::runtime_error if the file has another number.
inline std::vector<exact_optimum> read_exact_optima() {
  std::ifstream in(exact_golden_folder + "optima.json");
  std::vector<exact_optimum> optima;
  for (const auto& entry : nlohmann::json::parse(in)) {
    const named_mapping layer = golden_mapping(entry.at("mapping"), "optima.json");
    optima.push_back({entry.at("layer"), entry.at("objective"), layer.l, *layer.m, entry});
  }
  if (optima.size() != 24) throw std::runtime_error("optima.json lacks optima");
  return optima;
}

}  // namespace cugamma
