#include "cli/several/variants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <limits>

#include "cli/options/values.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

constexpr std::array<std::string_view, 2> names{"model", "accelerator"};
constexpr std::array<std::string_view, 9> figures{"constraint",
                                                  "num-pes",
                                                  "simd-lanes",
                                                  "l1-size",
                                                  "l2-size",
                                                  "noc-bw",
                                                  "noc-hops",
                                                  "noc-hop-latency",
                                                  "offchip-bw"};

bool is_file(const std::string& name) {
  std::error_code none;
  return std::filesystem::exists(name, none);
}

std::vector<std::string> doubled(std::string_view option,
                                 const std::string& low,
                                 const std::string& high) {
  const auto from = whole_from<std::int64_t>(low, option, 1);
  const auto to = whole_from<std::int64_t>(high, option, from);
  std::vector<std::string> values;
  for (std::int64_t value = from; value <= to; value *= 2) {
    values.push_back(fmt::to_string(value));
    if (value > std::numeric_limits<std::int64_t>::max() / 2) break;
  }
  return values;
}

std::vector<std::string> listed(const std::string& option, const std::string& text) {
  std::vector<std::string> values;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string value = text.substr(begin, end - begin);
    if (value.empty())
      refuse_value(option, fmt::format("\"{}\"", text), "a value before and after each comma");
    if (std::ranges::find(values, value) != values.end()) {
      throw input_error(
          fmt::format("--{}: found {} twice, expected different values", option, value));
    }
    values.push_back(value);
    begin = end + 1;
  }
  return values;
}

}  // namespace

std::vector<varied_option> varied_options(const cxxopts::ParseResult& given, bool has_figures) {
  std::vector<varied_option> varied;
  const auto add = [&](std::string_view option, bool is_range) {
    const std::string name(option);
    if (given.count(name) == 0) return;
    const auto text = given[name].as<std::string>();
    const std::size_t dots = text.find("..");
    if (is_range && dots != std::string::npos) {
      varied.push_back({name, doubled(name, text.substr(0, dots), text.substr(dots + 2))});
    } else if (text.find(',') != std::string::npos && !is_file(text)) {
      varied.push_back({name, listed(name, text)});
    }
  };
  for (const std::string_view option : names) add(option, false);
  if (!has_figures) return varied;
  for (const std::string_view option : figures) add(option, option != "constraint");
  return varied;
}

std::vector<variant> variants_of(const std::vector<varied_option>& options, std::size_t most) {
  std::vector<variant> all{{}};
  for (const varied_option& option : options) {
    std::vector<variant> longer;
    for (const variant& v : all) {
      for (const std::string& value : option.values) {
        longer.push_back(v);
        longer.back().emplace_back(option.name, value);
      }
    }
    all = std::move(longer);
    if (all.size() > most) {
      throw input_error(fmt::format("the options list more than {} combinations", most));
    }
  }
  return all;
}

std::string name_of(const variant& v) {
  std::string text;
  for (const auto& [option, value] : v) {
    const bool is_name = std::ranges::find(names, option) != names.end() || option == "constraint";
    text += fmt::format("{}{}", text.empty() ? "" : " ", is_name ? value : option + " " + value);
  }
  return text;
}

std::string folder_of(const variant& v) {
  std::string text = name_of(v);
  for (char& c : text) {
    const bool is_plain =
        std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
    if (!is_plain) c = '_';
  }
  return text.starts_with('.') ? "_" + text : text;
}

}  // namespace cugamma::cli
