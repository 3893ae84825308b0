#include "cli/accelerator_options.hpp"

#include <fmt/core.h>

#include <cstdint>
#include <limits>

#include "cli/options/values.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "problem/noc_delay.hpp"

namespace cugamma::cli {
namespace {

struct count_option {
  const char* name;
  const char* names;
  const char* help;
  std::int32_t accelerator::*member;
  std::int32_t least;
  bool may_be_unlimited;
};
constexpr count_option count_options[] = {
    {"num-pes", "num-pes,num_pes,num_pe", "PEs", &accelerator::num_pes, 1, false},
    {"noc-bw",
     "noc-bw,NocBW",
     "NoC bandwidth of every level, elements/cycle, -1 unlimited",
     &accelerator::noc_bw,
     1,
     true},
    {"noc-hops", "noc-hops", "mean hops through the NoC", &accelerator::noc_hops, 0, false},
    {"noc-hop-latency",
     "noc-hop-latency",
     "cycles per hop",
     &accelerator::noc_hop_latency,
     0,
     false},
    {"offchip-bw",
     "offchip-bw,offchipBW",
     "off-chip bandwidth, elements/cycle, -1 unlimited",
     &accelerator::offchip_bw,
     1,
     true},
    {"simd-lanes", "simd-lanes", "MACs per PE and cycle", &accelerator::simd_lanes, 1, false},
};

struct size_option {
  const char* name;
  const char* names;
  const char* help;
  std::int64_t accelerator::*member;
};
constexpr size_option size_options[] = {
    {"l1-size",
     "l1-size,l1_size",
     "L1 of a PE, elements, -1 unlimited",
     &accelerator::l1_size_elems},
    {"l2-size", "l2-size,l2_size", "L2, elements, -1 unlimited", &accelerator::l2_size_elems},
    {"cluster-buffer-size",
     "cluster-buffer-size,cluster_buffer_size",
     "each buffer between L2 and the L1s, elements, -1 unlimited",
     &accelerator::cluster_buffer_elems},
};

void apply(const count_option& option, const std::string& text, accelerator& a) {
  const bool is_unlimited = option.may_be_unlimited && text == "-1";
  a.*option.member = is_unlimited ? unlimited_bandwidth
                                  : whole_from<std::int32_t>(text, option.name, option.least);
}

/// Throws input_error where a way through the NoC takes longer than a model can count.
void check_noc(const accelerator& a) {
  const std::int64_t cycles = noc_delay(a);
  if (cycles <= INT32_MAX) return;
  throw input_error(fmt::format(
      "{} hops of {} cycles (--noc-hops, --noc-hop-latency): found {} cycles, expected {} or less",
      a.noc_hops,
      a.noc_hop_latency,
      cycles,
      INT32_MAX));
}

/// Options that --num-pes search leaves to the search.
bool is_searched(const cxxopts::ParseResult& given, const count_option& o) {
  return o.member == &accelerator::num_pes && given[o.name].as<std::string>() == "search";
}

/// MAESTRO's own defaults for what has no limit.
constexpr std::int64_t maestros_unlimited = std::numeric_limits<std::int32_t>::max();

std::string bandwidth_text(std::int32_t elems) {
  return elems == unlimited_bandwidth || elems == maestros_unlimited
             ? "unlimited"
             : fmt::format("{} elements/cycle", elems);
}

std::string size_text(std::int64_t elems) {
  return elems == unlimited || elems == maestros_unlimited ? "unlimited"
                                                           : fmt::format("{} elements", elems);
}

}  // namespace

void add_accelerator_options(cxxopts::Options& options, const accelerator& base) {
  auto add = options.add_options("Accelerator");
  add("accelerator,hw,hwconfig",
      "a shipped one (`cugamma accelerators` lists them) or a file in YAML or with MAESTRO's or "
      "GAMMA's keys (docs/accelerators.md); the options below override it",
      cxxopts::value<std::string>(),
      "NAME|FILE");
  for (const count_option& o : count_options) {
    add(o.names,
        fmt::format("{} (default {})", o.help, base.*o.member),
        cxxopts::value<std::string>(),
        "N");
  }
  for (const size_option& o : size_options) {
    add(o.names, fmt::format("{} (default -1)", o.help), cxxopts::value<std::string>(), "N");
  }
}

namespace {

/// With what the single options say.
accelerator overridden(const cxxopts::ParseResult& given, accelerator a, bool may_search_pes) {
  for (const count_option& o : count_options) {
    if (given.count(o.name) == 0 || (may_search_pes && is_searched(given, o))) continue;
    apply(o, text_of(given, o.name), a);
  }
  for (const size_option& o : size_options) {
    if (given.count(o.name) > 0) a.*o.member = whole_option<std::int64_t>(given, o.name, unlimited);
  }
  check_noc(a);
  return a;
}

}  // namespace

bool searches_pes(const cxxopts::ParseResult& given) {
  return given.count("num-pes") > 0 && given["num-pes"].as<std::string>() == "search";
}

accelerator accelerator_named(const cxxopts::ParseResult& given,
                              const std::string& name,
                              const accelerator& base) {
  return overridden(given,
                    name.empty() ? base : read_accelerator_file(find_accelerator(name), base),
                    false);
}

accelerator accelerator_from(const cxxopts::ParseResult& given,
                             const accelerator& base,
                             bool may_search_pes,
                             std::vector<std::string>* warnings) {
  accelerator a = base;
  if (given.count("accelerator") > 0) {
    const std::string file = find_accelerator(given["accelerator"].as<std::string>());
    a = read_accelerator_file(file, base, warnings);
  }
  return overridden(given, a, may_search_pes);
}

std::string describe(const accelerator& a) {
  const std::string cluster_buffers =
      a.cluster_buffer_elems == unlimited
          ? std::string()
          : fmt::format(", cluster buffers {}", a.cluster_buffer_elems);
  return fmt::format("{} PEs x {} MACs/cycle, NoC {} and {} cycles, off-chip {}, L1 {}, L2 {}{}",
                     a.num_pes,
                     a.simd_lanes,
                     bandwidth_text(a.noc_bw),
                     noc_delay(a),
                     bandwidth_text(a.offchip_bw),
                     size_text(a.l1_size_elems),
                     size_text(a.l2_size_elems),
                     cluster_buffers);
}

}  // namespace cugamma::cli
