#include "certify/timeloop/certificate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "certify/certificate_lines.hpp"
#include "cugamma/models/timeloop/explain.hpp"

namespace cugamma::timeloop::proving {
namespace {

using json = nlohmann::ordered_json;

std::string letter(const problem& p, std::size_t dimension) {
  return {p.dimensions[dimension].name};
}

std::string letters(const problem& p, std::span<const std::uint8_t> dimensions) {
  std::string text;
  for (const std::uint8_t d : dimensions) text += p.dimensions[d].name;
  return text;
}

json or_null(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

json level_json(const facts& f, std::size_t level) {
  const storage_level& l = f.machine.levels[level];
  const closed::level_row& row = f.rows.levels[level];
  const auto usable = usable_size(l);
  const std::span scales(row.scales.data(), f.tensors.size());
  return {{"name", l.name},
          {"instances", l.instances},
          {"mesh_x", l.mesh_x},
          {"mesh_y", l.mesh_y},
          {"usable_words", usable ? json(*usable) : json(nullptr)},
          {"min_utilization", l.min_utilization},
          {"block_size", l.block_size},
          {"cluster_size", l.cluster_size},
          {"read_bandwidth", or_null(l.read_bandwidth)},
          {"write_bandwidth", or_null(l.write_bandwidth)},
          {"shared_bandwidth", or_null(l.shared_bandwidth)},
          {"bandwidth_scales", std::vector<double>(scales.begin(), scales.end())},
          {"supports_reduction", l.supports_reduction},
          {"read_pj", l.read_pj},
          {"fill_pj", l.fill_pj},
          {"update_pj", l.update_pj},
          {"leak_pj", l.leak_pj},
          {"address_generation_pj", l.address_generation_pj},
          {"network_latency_cycles", l.network_latency_cycles},
          {"hop_pj", row.hop_pj},
          {"router_pj", l.router_pj}};
}

json architecture_json(const facts& f) {
  const arithmetic_units& u = f.machine.arithmetic;
  json levels = json::array();
  for (std::size_t b = 0; b < f.levels(); ++b) levels.push_back(level_json(f, b));
  return {{"name", f.machine.name},
          {"macs",
           {{"instances", u.instances},
            {"mesh_x", u.mesh_x},
            {"mesh_y", u.mesh_y},
            {"mac_pj", u.mac_pj}}},
          {"levels", std::move(levels)}};
}

json problem_json(const problem& p) {
  json dimensions = json::object(), tensors = json::array();
  for (const dimension& d : p.dimensions) dimensions[std::string(1, d.name)] = d.size;
  for (const tensor& t : p.tensors) {
    json axes = json::array();
    for (const axis& a : t.axes) {
      json terms = json::array();
      for (const axis_term& x : a) {
        terms.push_back({letter(p, static_cast<std::size_t>(x.dimension)), x.coefficient});
      }
      axes.push_back(std::move(terms));
    }
    tensors.push_back({{"name", t.name}, {"is_output", t.is_output}, {"axes", std::move(axes)}});
  }
  return {{"name", p.name}, {"dimensions", std::move(dimensions)}, {"tensors", std::move(tensors)}};
}

json loops_json(const problem& p, const loop_constraint& c) {
  json least = json::object(), most = json::object();
  for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
    if (c.factors[d].low != factor_range{}.low) least[letter(p, d)] = c.factors[d].low;
    if (c.factors[d].high != factor_range{}.high) most[letter(p, d)] = c.factors[d].high;
  }
  return {{"least", std::move(least)},
          {"most", std::move(most)},
          {"innermost", letters(p, c.innermost)},
          {"outermost", letters(p, c.outermost)}};
}

json space_json(const facts& f) {
  json levels = json::array();
  for (std::size_t b = 0; b < f.levels(); ++b) {
    const level_constraint& c = f.rules.levels[b];
    json keep = json::array();
    for (std::size_t t = 0; t < f.tensors.size(); ++t) {
      if (f.keeps(b, t)) keep.push_back(f.work.tensors[t].name);
    }
    levels.push_back({{"keep", std::move(keep)},
                      {"temporal", loops_json(f.work, c.temporal)},
                      {"spatial", loops_json(f.work, c.spatial)},
                      {"split", c.split ? json(*c.split) : json(nullptr)}});
  }
  return {{"levels", std::move(levels)}, {"min_parallelism", f.rules.min_parallelism}};
}

/// Loops of a bound above 1, the innermost first: those of order[from] and on.
json loops_of(const facts& f,
              const std::array<std::uint8_t, max_dimensions>& order,
              const std::array<std::int64_t, max_dimensions>& factors,
              std::size_t from,
              std::size_t end) {
  json loops = json::array();
  for (std::size_t i = from; i < end; ++i) {
    const std::uint8_t d = order[i];
    if (factors[d] > 1) loops.push_back({letter(f.work, d), factors[d]});
  }
  return loops;
}

json best_json(const facts& f, const certified_bounds& proved) {
  if (!proved.best) return nullptr;
  const mapping m = decode(*proved.best, f.space.shape);
  const figures of_best = explain(f.machine, f.work, m);
  const std::size_t end = f.work.dimensions.size();
  json levels = json::array();
  for (const level_loops& l : m.levels) {
    const auto split = std::min(static_cast<std::size_t>(l.split), end);
    levels.push_back({{"temporal", loops_of(f, l.temporal_order, l.temporal, 0, end)},
                      {"columns", loops_of(f, l.spatial_order, l.spatial, 0, split)},
                      {"rows", loops_of(f, l.spatial_order, l.spatial, split, end)}});
  }
  return {{"value", proved.upper},
          {"cycles", of_best.cycles},
          {"energy_pj", of_best.energy_pj},
          {"mapping", std::move(levels)}};
}

/// Factors by place, for each dimension that is chosen.
std::string splits_text(const facts& f, const choice& c) {
  std::vector<std::string> all;
  for (int i = 0; i < c.count; ++i) {
    const auto d = static_cast<std::size_t>(f.order[static_cast<std::size_t>(i)]);
    const split& s = f.splits[d][static_cast<std::size_t>(c.at[d])];
    std::vector<std::int64_t> factors;
    for (int at = 0; at < f.space.shape.num_places; ++at) {
      const auto b = static_cast<std::size_t>(f.space.level_of(at));
      factors.push_back((f.space.is_spatial(at) ? s.spatial : s.temporal)[b]);
    }
    all.push_back(fmt::format("[{}]", fmt::join(factors, ",")));
  }
  return fmt::format("[{}]", fmt::join(all, ","));
}

std::string line_of(const facts& f, const opened_subtree& s) {
  const std::string splits = splits_text(f, s.chosen), least = finite(s.least).dump();
  const std::string what = s.is_cut ? fmt::format(R"("cut":{{"unfit":{},"settled":{},"least":{}}})",
                                                  s.unfit,
                                                  s.settled,
                                                  least)
                                    : fmt::format(R"("opened":{{"least":{}}})", least);
  return fmt::format(R"({{"splits":{},"bound":{},{}}})", splits, finite(s.bound).dump(), what);
}

}  // namespace

std::string certificate_text(const facts& f,
                             const certified_bounds& proved,
                             const std::vector<opened_subtree>& opened) {
  std::size_t subtrees = opened.empty() ? 0 : 1;
  for (const opened_subtree& s : opened) {
    if (!s.is_cut) continue;
    const int next = f.order[static_cast<std::size_t>(s.chosen.count)];
    subtrees += f.splits[static_cast<std::size_t>(next)].size();
  }
  std::string order;
  for (const int d : f.order) order += f.work.dimensions[static_cast<std::size_t>(d)].name;
  sealed_lines lines;
  lines.add(json{{"certificate", "cugamma"},
                 {"version", 1},
                 {"cost_model", "timeloop"},
                 {"objective", name_of(objective{f.goal, 0})},
                 {"architecture", architecture_json(f)},
                 {"problem", problem_json(f.work)},
                 {"space", space_json(f)},
                 {"order", order},
                 {"lower_bound", finite(proved.lower)},
                 {"upper_bound", finite(proved.upper)},
                 {"subtrees", subtrees},
                 {"lines", opened.size()}});
  lines.add(json{{"best", best_json(f, proved)}});
  for (const opened_subtree& s : opened) lines.add(line_of(f, s));
  return lines.text();
}

}  // namespace cugamma::timeloop::proving
