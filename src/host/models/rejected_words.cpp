#include "models/rejected_words.hpp"

#include <array>
#include <utility>

#include "cugamma/models/cost_model.hpp"

namespace cugamma {

std::string_view rejected_words(std::string_view key) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> of_all_models{{
      {"illegal", "illegal"},
      {"l1_size", "that exceed L1"},
      {"l2_size", "that exceed L2"},
      {"cluster_buffer", "that exceed a cluster buffer"},
      {"over_limit", "beyond a limit or the area budget"},
  }};
  for (const auto& [name, words] : of_all_models) {
    if (name == key) return words;
  }
  for (const cost_model* model : cost_models()) {
    for (const doubt& d : model->doubts) {
      if (d.rejected_key == key) return d.rejected;
    }
  }
  return key;
}

}  // namespace cugamma
