#include "cli/search/chosen_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "cugamma/error.hpp"
#include "files/did_you_mean.hpp"

namespace cugamma::cli {
namespace {

/// Throws input_error if a name stands for several layers.
void check_unique(const network& net, const std::string& name) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    if (net.layers[i].name == name) numbers.push_back(i + 1);
  }
  if (numbers.size() == 1) return;
  throw input_error(
      fmt::format("--layer: {} has {} layers \"{}\", expected one of their numbers {}",
                  net.name,
                  numbers.size(),
                  name,
                  fmt::join(numbers, ", ")));
}

network_layer chosen_layer(const network& net, const std::string& choice) {
  const auto named = std::ranges::find(net.layers, choice, &network_layer::name);
  if (named != net.layers.end()) {
    check_unique(net, choice);
    return *named;
  }
  std::int64_t number = 0;
  const char* end = choice.data() + choice.size();
  const auto [stop, error] = std::from_chars(choice.data(), end, number);
  if (error == std::errc{} && stop == end && number >= 1 && number <= std::ssize(net.layers)) {
    return net.layers[static_cast<std::size_t>(number - 1)];
  }
  std::vector<std::string> names;
  const bool is_number = choice.find_first_not_of("0123456789") == std::string::npos;
  for (const network_layer& l : net.layers) {
    if (!is_number) names.push_back(l.name);
  }
  throw input_error(fmt::format(
      "--layer: found \"{}\"{}",
      choice,
      did_you_mean(
          choice,
          names,
          fmt::format(", expected all, 1 to {}, or a layer of {}", net.layers.size(), net.name))));
}

}  // namespace

std::vector<network_layer> chosen_layers(const network& net, const std::string& choices) {
  if (choices == "all" || choices == "0") return net.layers;
  // A name may hold commas.
  const bool is_name = std::ranges::count(net.layers, choices, &network_layer::name) > 0;
  if (is_name) return {chosen_layer(net, choices)};
  std::vector<network_layer> chosen;
  for (std::size_t begin = 0; begin <= choices.size();) {
    const std::size_t end = std::min(choices.find(',', begin), choices.size());
    chosen.push_back(chosen_layer(net, choices.substr(begin, end - begin)));
    begin = end + 1;
  }
  return chosen;
}

}  // namespace cugamma::cli
