#pragma once

#include <cstdint>

#include "cugamma/search/search_run.hpp"
#include "search/byte_stream.hpp"

namespace cugamma {

inline void put_log(byte_writer& out, const search_log& log) {
  out.put(log.seconds);
  out.put(static_cast<std::uint64_t>(log.history.size()));
  for (const history_entry& entry : log.history) {
    out.put(entry.generation);
    out.put(entry.evaluations);
    out.put(entry.best.has_value());
    if (entry.best) out.put(*entry.best);
    out.put(entry.front_size);
    out.put(entry.hypervolume);
  }
}

inline search_log get_log(byte_reader& in) {
  search_log log;
  log.seconds = in.get<double>();
  const auto entries = in.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < entries; ++i) {
    history_entry entry;
    entry.generation = in.get<std::int64_t>();
    entry.evaluations = in.get<std::int64_t>();
    if (in.get<bool>()) entry.best = in.get<search_rank>();
    entry.front_size = in.get<std::int64_t>();
    entry.hypervolume = in.get<double>();
    log.history.push_back(entry);
  }
  return log;
}

}  // namespace cugamma
