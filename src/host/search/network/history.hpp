#pragma once

#include <vector>

#include "cugamma/search/search_run.hpp"

namespace cugamma {

/// The generations that found something better: the first with a mapping, those whose best is
/// another than before, and with has_front also those whose front changed.
inline std::vector<history_entry> improvements(const search_log& log, bool has_front) {
  std::vector<history_entry> kept;
  for (const history_entry& entry : log.history) {
    if (!entry.best) continue;
    const bool is_news = kept.empty() || kept.back().best != entry.best ||
                         (has_front && (kept.back().front_size != entry.front_size ||
                                        kept.back().hypervolume != entry.hypervolume));
    if (is_news) kept.push_back(entry);
  }
  return kept;
}

}  // namespace cugamma
