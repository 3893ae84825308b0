#include "certify/exact/records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace cugamma::exact {
namespace {

/// A number of JSON, which has none that are not finite.
std::string json_of(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

std::string_view json_of_dimension(int d) {
  constexpr std::array<std::string_view, free_dims + 1> names{"\"K\"",
                                                              "\"C\"",
                                                              "\"Y\"",
                                                              "\"X\"",
                                                              "null"};
  return names[at(d)];
}

}  // namespace

std::string record_of(const latency_part& part) {
  std::vector<std::string> opened;
  for (const auto& [tile, cycles] : part.opened) {
    opened.push_back(fmt::format("[{},{}]", tile, json_of(cycles)));
  }
  return fmt::format("{{\"parallel\":[{},{}],\"cluster\":{},\"bound\":{},\"opened\":[{}]}}",
                     json_of_dimension(part.outer),
                     json_of_dimension(part.inner),
                     part.cluster,
                     json_of(part.bound),
                     fmt::join(opened, ","));
}

std::vector<std::string> records_of(const numbered_lists& lists, double best) {
  std::vector<std::string> records;
  for (int d = 0; d <= free_dims; ++d) {
    std::size_t count = 0, vectors = 0;
    float least = std::numeric_limits<float>::infinity();
    for (const top_list& list : lists.all()) {
      if (list.parallel != d) continue;
      ++count;
      vectors += list.vectors.size();
      for (const top_vector& v : list.vectors) least = std::min(least, v.least[no_share]);
    }
    records.push_back(
        fmt::format("{{\"lists\":{},\"below\":{},\"count\":{},\"vectors\":{},\"least\":{}}}",
                    json_of_dimension(d),
                    json_of(best),
                    count,
                    vectors,
                    json_of(static_cast<double>(least))));
  }
  return records;
}

std::string record_of(const inner_range& r,
                      double bound,
                      bool is_by_vectors,
                      const std::optional<leaf_findings>& found) {
  const std::string opened =
      found ? fmt::format(",\"opened\":{{\"vectors\":{},\"mappings\":{},\"least\":{}{}}}",
                          found->vectors,
                          found->mappings,
                          json_of(found->least),
                          found->priced > 0 ? fmt::format(",\"priced\":{}", found->priced) : "")
            : "";
  return fmt::format("{{\"inner\":{},\"low\":[{}],\"high\":[{}],\"pes\":[{},{}],\"bound\":{}{}{}}}",
                     json_of_dimension(r.parallel),
                     fmt::join(r.low, ","),
                     fmt::join(r.high, ","),
                     r.units_low,
                     r.units_high,
                     json_of(bound),
                     is_by_vectors ? ",\"by_vectors\":true" : "",
                     opened);
}

}  // namespace cugamma::exact
