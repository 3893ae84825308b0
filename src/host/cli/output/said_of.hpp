#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cugamma::cli {

/// What is to be said of layers, each text once with the names of all that it holds for.
class said_of {
 public:
  void add(const std::string& name, const std::string& text);

  /// "layers conv5_1, conv5_2: text", each text once, in the order in which they came. noun: of
  /// one name, "layer"; empty: none
  std::vector<std::string> sentences(std::string_view noun = "") const;

  /// The sentences, each a line.
  std::string lines(std::string_view noun = "") const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> texts_;  ///< with their names
};

}  // namespace cugamma::cli
