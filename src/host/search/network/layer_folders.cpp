#include "search/network/layer_folders.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

namespace cugamma {
namespace {

/// Files, and the folder of proofs, that stand beside the folders, also where checkpoints are kept
/// in the same folder.
constexpr std::array<std::string_view, 10> own_files{"proof",
                                                     "result.json",
                                                     "report.html",
                                                     "history.csv",
                                                     "front.csv",
                                                     "network_front.csv",
                                                     "best.m",
                                                     "checkpoint.bin",
                                                     "checkpoint.previous.bin",
                                                     "checkpoint.new"};

/// Some file systems take no more than 143 bytes; a number comes before it.
constexpr std::size_t longest_name = 120;

/// What all names have in common that a file system could take for the same.
std::string folded(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

/// A layer's name with what a folder's cannot have replaced.
std::string plain_name(std::string_view layer) {
  std::string name(layer);
  for (char& c : name) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '/' || c == '\\' || c == ' ' || code < 0x20 || code == 0x7f) c = '_';
  }
  if (name.size() <= longest_name) return name;
  std::size_t end = longest_name;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;  // UTF-8
  return name.substr(0, end);
}

bool is_usable(const std::string& name, std::string_view layer) {
  return !name.empty() && name.front() != '.' && layer.size() <= longest_name &&
         std::ranges::find(own_files, folded(name)) == own_files.end();
}

}  // namespace

std::vector<std::string> layer_folders(const network_search_request& request) {
  std::vector<std::string> names;
  std::map<std::string, int> uses;
  for (const network_layer& l : request.layers) {
    names.push_back(plain_name(l.name));
    ++uses[folded(names.back())];
  }
  std::set<std::string> taken;
  const auto keeps_name = [&](std::size_t i) {
    return is_usable(names[i], request.layers[i].name) && uses[folded(names[i])] == 1;
  };
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (keeps_name(i)) taken.insert(folded(names[i]));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (keeps_name(i)) continue;
    do {
      names[i] = fmt::format("{}-{}", i + 1, names[i]);
    } while (!taken.insert(folded(names[i])).second);
  }
  return names;
}

}  // namespace cugamma
