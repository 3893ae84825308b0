#include "cli/bench/measurements_writer.hpp"

#include <fmt/core.h>

#include <cmath>

#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"

namespace cugamma::cli {
namespace {

std::size_t read_population(const std::string& text) {
  const double value = real_from(text, "populations", 1);
  if (value > 4e9 || value != std::floor(value)) {
    refuse_value("populations", text, "a whole number from 1 to 4e9");
  }
  return static_cast<std::size_t>(value);
}

void print_row(const measurement& m) {
  put("{:<10} {:>10} {:>14.0f} {:>10.3f} {:>9.1f}%",
      m.back_end,
      m.population,
      m.mappings_per_second(),
      1e3 * m.median_seconds,
      100 * (m.most_seconds - m.least_seconds) / m.median_seconds);
  if (const auto shares = shares_of(m)) {
    put(" {:>14.0f} {:>12} {:>7.1f}% {:>7.1f}%",
        m.kernel_mappings_per_second(),
        m.profile.uploaded_bytes + m.profile.downloaded_bytes,
        100 * shares->arithmetic,
        100 * shares->bandwidth);
  }
  put("\n");
}

}  // namespace

std::vector<std::size_t> read_populations(const std::vector<std::string>& texts) {
  std::vector<std::size_t> all;
  for (const std::string& text : texts) all.push_back(read_population(text));
  return all;
}

nlohmann::ordered_json to_json(const measurement& m) {
  nlohmann::ordered_json j{{"backend", m.back_end},
                           {"population", m.population},
                           {"mappings_per_second", m.mappings_per_second()},
                           {"seconds_median", m.median_seconds},
                           {"seconds_least", m.least_seconds},
                           {"seconds_most", m.most_seconds}};
  if (const auto shares = shares_of(m)) {
    j["device"] = m.profile.device;
    j["kernel_mappings_per_second"] = m.kernel_mappings_per_second();
    j["uploaded_bytes"] = m.profile.uploaded_bytes;
    j["downloaded_bytes"] = m.profile.downloaded_bytes;
    j["share_of_issue_rate"] = shares->arithmetic;
    j["share_of_memory_bandwidth"] = shares->bandwidth;
  }
  return j;
}

void print_table(const std::vector<measurement>& all, const std::string& what) {
  put("{}\n{:<10} {:>10} {:>14} {:>10} {:>10} {:>14} {:>12} {:>8} {:>8}\n",
      what,
      "back end",
      "population",
      "mappings/s",
      "ms",
      "spread",
      "kernel only/s",
      "bytes moved",
      "issue",
      "memory");
  for (const measurement& m : all) print_row(m);
}

}  // namespace cugamma::cli
