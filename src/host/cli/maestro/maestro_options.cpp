#include "cli/maestro/maestro_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

enum class value_kind { none, text, boolean, whole, real };

struct maestro_option {
  std::string_view name;
  value_kind kind;
  std::string_view fallback;
  std::string_view help;
};

/// Says nothing about the figures of a mapping file, or MAESTRO ignores it too.
constexpr std::string_view no_effect = "accepted, without effect";

/// The defaults are MAESTRO's.
using enum value_kind;
constexpr std::array all_options{
    maestro_option{"help", none, "", "print this help"},
    maestro_option{"Mapping_file", text, "", "mapping file"},
    maestro_option{"HW_file", text, "", "hardware file; overrides the options below"},
    maestro_option{"print_res", boolean, "true", "print a table of the results"},
    maestro_option{"print_res_csv_file", boolean, "true", "write the CSV"},
    maestro_option{"bw_sweep", boolean, "false", "not supported if true"},
    maestro_option{"num_pes", whole, "7", "PEs"},
    maestro_option{"num_simd_lanes", whole, "1", "MACs per PE and cycle"},
    maestro_option{"noc_bw_cstr", whole, "2147483647", "NoC bandwidth, elements/cycle"},
    maestro_option{"noc_hops", whole, "1", "mean hops through the NoC"},
    maestro_option{"noc_hop_latency", whole, "0", "cycles per hop"},
    maestro_option{"offchip_bw_cstr", whole, "70000", "off-chip bandwidth, elements/cycle"},
    maestro_option{"l1_size_cstr", whole, "2147483647", "L1 of a PE, elements; for a warning only"},
    maestro_option{"l2_size_cstr", whole, "2147483647", "L2, elements; for a warning only"},
    maestro_option{"print_log_file", boolean, "", no_effect},
    maestro_option{"msg_print_lv", whole, "", no_effect},
    maestro_option{"dataflow_file", text, "", no_effect},
    maestro_option{"layer_file", text, "", no_effect},
    maestro_option{"noc_mc_support", boolean, "", no_effect},
    maestro_option{"top_bw_only", boolean, "", no_effect},
    maestro_option{"do_implicit_reduction", boolean, "", no_effect},
    maestro_option{"do_fg_sync", boolean, "", no_effect},
    maestro_option{"do_reduction_op", boolean, "", no_effect},
    maestro_option{"full_buffer", boolean, "", no_effect},
    maestro_option{"do_dse", boolean, "", no_effect},
    maestro_option{"verbose", boolean, "", no_effect},
    maestro_option{"print_design_space", boolean, "", no_effect},
    maestro_option{"print_space", boolean, "", no_effect},
    maestro_option{"min_num_PEs", whole, "", no_effect},
    maestro_option{"min_noc_bw", whole, "", no_effect},
    maestro_option{"max_num_PEs", whole, "", no_effect},
    maestro_option{"max_noc_bw", whole, "", no_effect},
    maestro_option{"pe_tick", whole, "", no_effect},
    maestro_option{"bw_tick", whole, "", no_effect},
    maestro_option{"area_constraint", real, "", no_effect},
    maestro_option{"power_constraint", real, "", no_effect},
    maestro_option{"optimization_target", text, "", no_effect}};

/// The option that a name, or the beginning of one, stands for.
const maestro_option& find_option(std::string_view name) {
  std::vector<const maestro_option*> found;
  for (const maestro_option& o : all_options) {
    if (o.name == name) return o;
    if (o.name.starts_with(name)) found.push_back(&o);
  }
  if (name.empty() || found.empty()) {
    throw input_error(fmt::format("option --{} is unknown, see --help", name));
  }
  if (found.size() == 1) return *found.front();
  std::vector<std::string> names;
  for (const maestro_option* o : found) names.push_back(fmt::format("--{}", o->name));
  throw input_error(
      fmt::format("option --{} is ambiguous, expected {}", name, fmt::join(names, " or ")));
}

/// The spellings that boost::program_options takes, in capitals too; an empty word is true.
std::optional<bool> truth_of(std::string word) {
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array<std::string_view, 5> yes{"", "true", "yes", "on", "1"};
  constexpr std::array<std::string_view, 4> no{"false", "no", "off", "0"};
  if (std::ranges::find(yes, word) != yes.end()) return true;
  if (std::ranges::find(no, word) != no.end()) return false;
  return std::nullopt;
}

template <typename Number>
std::optional<Number> number_of(std::string_view word) {
  if (word.starts_with('+') && !word.starts_with("+-")) word.remove_prefix(1);
  Number value{};
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || stop != word.data() + word.size()) return std::nullopt;
  return value;
}

void check(const maestro_option& o, const std::string& value) {
  const auto expect = [&](bool holds, std::string_view expected) {
    if (holds) return;
    throw input_error(fmt::format("--{}: found \"{}\", expected {}", o.name, value, expected));
  };
  if (o.kind == none) {
    expect(value.empty(), "no value");
  } else if (o.kind == boolean) {
    expect(truth_of(value).has_value(), "true or false (also yes or no, on or off, 1 or 0)");
  } else if (o.kind == whole) {
    expect(number_of<std::int32_t>(value).has_value(),
           "a whole number from -2147483648 to 2147483647");
  } else if (o.kind == real) {
    expect(number_of<double>(value).has_value(), "a number");
  }
}

}  // namespace

maestro_options::maestro_options(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with("--") || word.size() == 2) {
      throw input_error(fmt::format("found \"{}\", expected --NAME=VALUE", word));
    }
    const std::size_t equals = std::min(word.find('='), word.size());
    const maestro_option& option = find_option(word.substr(2, equals - 2));
    std::string value(word.substr(std::min(equals + 1, word.size())));
    if (option.kind != none && value.empty()) {
      const bool follows =
          equals == word.size() && i + 1 < argc && !std::string_view(argv[i + 1]).starts_with("--");
      if (!follows) throw input_error(fmt::format("option --{} lacks its value", option.name));
      value = argv[++i];
    }
    check(option, value);
    if (!given_.emplace(option.name, std::move(value)).second) {
      throw input_error(fmt::format("option --{} is given twice", option.name));
    }
  }
}

std::string maestro_options::text(std::string_view name) const {
  const auto found = given_.find(name);
  return found != given_.end() ? found->second : std::string(find_option(name).fallback);
}

bool maestro_options::is_true(std::string_view name) const { return truth_of(text(name)).value(); }

std::int32_t maestro_options::at_least(std::int32_t least, std::string_view name) const {
  const std::int32_t value = number_of<std::int32_t>(text(name)).value();
  if (value >= least) return value;
  throw input_error(fmt::format("--{}: found {}, expected {} or more", name, value, least));
}

std::string maestro_help() {
  std::string help =
      "Takes MAESTRO's command line and writes its CSV into the working directory.\n"
      "A name may be cut short where that leaves one option.\n\n"
      "Usage:\n  cugamma-maestro --Mapping_file=FILE [--NAME=VALUE...]\n\n";
  for (const maestro_option& o : all_options) {
    constexpr std::array<std::string_view, 5> values{"", "TEXT", "BOOL", "N", "X"};
    const std::string shown = fmt::format("{} {}", o.name, values[static_cast<int>(o.kind)]);
    help += fmt::format("  --{:<28} {}", shown, o.help);
    help += o.fallback.empty() ? "\n" : fmt::format(" (default: {})\n", o.fallback);
  }
  return help;
}

}  // namespace cugamma::cli
