#pragma once

#include <cxxopts.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cugamma::cli {

/// An option that is to have several values, one search each.
struct varied_option {
  std::string name;
  std::vector<std::string> values;
};

/// One of several searches: the value of each varied option.
using variant = std::vector<std::pair<std::string, std::string>>;

/// The options of a command line that list several values: networks, accelerators and, where
/// `has_figures` says so, constraints and figures of the accelerator, which may be a range
/// LOW..HIGH that doubles from one to the next. A name that is a file is none.
std::vector<varied_option> varied_options(const cxxopts::ParseResult& given, bool has_figures);

/// Every combination, the last option's values fastest. Throws input_error for more than `most`.
std::vector<variant> variants_of(const std::vector<varied_option>& options, std::size_t most);

/// "vgg16 eyeriss", as a table and a folder call it; without what no folder can be called by.
std::string name_of(const variant& v);
std::string folder_of(const variant& v);

}  // namespace cugamma::cli
