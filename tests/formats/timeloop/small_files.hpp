#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/formats/timeloop_files.hpp"

/// Small files of Timeloop's for tests, which change a part of one.
namespace cugamma::timeloop {

inline constexpr const char* small_architecture = R"(architecture:
  version: 0.3
  subtree:
  - name: system
    local:
    - name: Dram
      class: DRAM
      attributes: {width: 64, word_bits: 16, block_size: 4}
    subtree:
    - name: chip
      local:
      - name: Buffer
        class: SRAM
        attributes: {depth: 512, width: 64, word_bits: 16, block_size: 4}
      - name: Mac[0..7]
        class: intmac
        attributes: {meshX: 4}
)";

inline constexpr const char* small_problem = R"(problem:
  shape:
    name: gemm
    dimensions: [M, N, K]
    coefficients:
    - {name: step, default: 2}
    data_spaces:
    - name: A
      projection:
      - - [M, step]
      - - [K]
    - name: B
      projection: [[[K]], [[N]]]
    - name: Z
      projection: [[[M]], [[N]]]
      read_write: true
  instance: {M: 8, N: 6, K: 4}
)";

inline constexpr const char* small_mapping = R"(mapping:
- {target: Dram, type: temporal, factors: M=2 N=3 K=1, permutation: KMN}
- {target: Buffer, type: temporal, factors: M=2 N=1 K=2, permutation: NKM}
- {target: Buffer, type: spatial, factors: M=2 N=2 K=2, permutation: KMN, split: 2}
- {target: Buffer, type: datatype, keep: [A, Z], bypass: [B]}
)";

/// A text with one part replaced. Throws std::runtime_error if the part is not there.
inline std::string with(std::string text, const std::string& part, const std::string& other) {
  const std::size_t at = text.find(part);
  if (at == std::string::npos) throw std::runtime_error("no part " + part);
  return text.replace(at, part.size(), other);
}

/// The small files, each of which may be another text; empty ones are left out.
struct small_files {
  std::string architecture = small_architecture;
  std::string problem = small_problem;
  std::string mapping = small_mapping;
  std::string more = "";

  std::vector<file_text> texts() const {
    std::vector<file_text> all;
    for (const auto& [name, text] : {std::pair{"arch.yaml", architecture},
                                     {"prob.yaml", problem},
                                     {"map.yaml", mapping},
                                     {"more.yaml", more}}) {
      if (!text.empty()) all.push_back({name, text});
    }
    return all;
  }
  file_contents read() const { return parse_files(texts()); }

  /// The message of the input_error; empty: there is none.
  std::string message() const {
    try {
      read();
      return "";
    } catch (const input_error& e) {
      return e.what();
    }
  }
};

}  // namespace cugamma::timeloop
