#include <fmt/format.h>

#include "formats/timeloop/sections.hpp"
#include "formats/timeloop/table.hpp"

namespace cugamma::timeloop {
namespace {

/// Settings of Timeloop's own search, without effect on ours.
constexpr const char* settings_without_effect[] = {"algorithm",
                                                   "num_threads",
                                                   "max_permutations_per_if_visit",
                                                   "sync_interval",
                                                   "log_interval",
                                                   "log_stats",
                                                   "log_suboptimal",
                                                   "log_all",
                                                   "log_all_mappings",
                                                   "log_mappings_yaml",
                                                   "log_mappings_verbose",
                                                   "live_status",
                                                   "diagnostics",
                                                   "penalize_consecutive_bypass_fails",
                                                   "emit_whoop_nest",
                                                   "filter_revisits",
                                                   "version"};

void add_metric(const yaml_place& at, int levels, std::vector<mapper_metric>& metrics) {
  const std::string expected = fmt::format(
      "edp, energy, delay, last_level_accesses, ordered_accesses, accesses-0 to accesses-{}",
      levels - 1);
  const std::string name = plain_key(word_at(at, expected));
  if (name == "edp") {
    metrics.push_back({metric::edp, 0});
  } else if (name == "energy") {
    metrics.push_back({metric::energy, 0});
  } else if (name == "delay") {
    metrics.push_back({metric::delay, 0});
  } else if (name == "last_level_accesses") {
    metrics.push_back({metric::last_level_accesses, 0});
  } else if (name == "ordered_accesses") {
    for (int b = levels; b-- > 0;) metrics.push_back({metric::accesses, b});
  } else {
    int level = 0;
    while (level < levels && name != fmt::format("accesses_{}", level)) ++level;
    if (level == levels) at.refuse(expected);
    metrics.push_back({metric::accesses, level});
  }
}

}  // namespace

mapper_settings read_mapper(const yaml_place& at,
                            const architecture& a,
                            std::string& out_prefix,
                            std::vector<std::string>& warnings) {
  mapper_settings settings;
  if (at.node().IsNull()) return settings;
  table t(at, "a table of optimization_metrics, search_size, timeout, victory_condition, ...");
  if (t.flag("log_orojenesis_mappings").value_or(false)) {
    t.refuse("log_orojenesis_mappings", "is not modelled");
  }
  if (t.whole({"max_temporal_loops_in_a_mapping"}, -1).value_or(-1) != -1) {
    t.refuse("max_temporal_loops_in_a_mapping", "is not modelled");
  }
  if (const auto metrics = t.find({"optimization_metric", "optimization_metrics"})) {
    settings.metrics.clear();
    if (metrics->node().IsMap() || metrics->node().IsNull()) metrics->refuse("a list of metrics");
    for (const yaml_place& element : metrics->elements()) {
      add_metric(element, static_cast<int>(a.levels.size()), settings.metrics);
    }
    if (settings.metrics.empty()) metrics->refuse("at least one metric");
  }
  if (const auto size = t.whole({"search_size"}, 0)) settings.search_size = *size;
  if (const auto timeout = t.whole({"timeout", "heartbeat"}, 0)) settings.timeout = *timeout;
  if (const auto victory = t.whole({"victory_condition"}, 0)) {
    settings.victory_condition = *victory;
  }
  if (const auto prefix = t.word("out_prefix")) out_prefix = *prefix;
  for (const char* key : settings_without_effect) t.find(key);
  for (const table::entry& e : t.unused()) {
    warnings.push_back(
        fmt::format("{}:{}: key {} of mapper has no effect", at.file(), e.mark.line + 1, e.key));
  }
  return settings;
}

}  // namespace cugamma::timeloop
