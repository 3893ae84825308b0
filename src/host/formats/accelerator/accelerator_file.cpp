#include "cugamma/formats/accelerator_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>
#include <utility>

#include "cugamma/formats/timeloop_files.hpp"
#include "files/did_you_mean.hpp"
#include "files/read_file.hpp"
#include "formats/accelerator/accelerator_keys.hpp"
#include "formats/accelerator/accelerator_yaml.hpp"
#include "formats/tokenizer.hpp"

namespace cugamma {
namespace {

constexpr std::array<std::string_view, 2> multicast_keys{"top_noc_multicast", "col_noc_multicast"};
constexpr std::array<std::string_view, 3> block_names{"PE", "Buffer", "NoC"};

placed_text placed(const token& t) { return {std::string(t.text), t.at}; }

/// Reads pairs of keys and values, and an Accelerator block, as MAESTRO and XRBench write them.
class block_reader {
 public:
  block_reader(tokenizer& source, std::string_view file, const accelerator& base)
      : source_(source), file_(file), keys_(file, base) {}

  accelerator read(std::vector<std::string>& warnings) {
    bool has_block = false;
    while (!source_.peek().is_end()) {
      const token name = source_.next();
      if (name.text != "Accelerator") {
        entry(name);
        continue;
      }
      if (has_block) throw source_.error(name, "found a second Accelerator, expected one");
      has_block = true;
      while (!source_.peek().is_end() && source_.peek().text != "{") source_.next();
      block();
    }
    std::ranges::move(std::move(warnings_), std::back_inserter(warnings));
    return keys_.result(warnings);
  }

 private:
  void block() {
    source_.expect("{");
    while (!source_.accept("}")) {
      const token name = source_.next();
      if (name.is_end()) throw source_.unexpected(name, "a key or \"}\"");
      const bool is_block = source_.peek().text == "{";
      if (is_block && std::ranges::find(block_names, name.text) != block_names.end()) {
        block();
      } else if (is_block && accelerator_keys::is_bandwidth(name.text)) {
        bandwidths_of_levels(name);
      } else if (is_block) {
        leave_out(name);
        source_.expect("{");
        source_.skip_to_brace();
      } else {
        block_entry(name);
      }
    }
  }

  /// NoC_BW { L1: 32, L2: 32 }: a bandwidth of each level, which must be one.
  void bandwidths_of_levels(const token& name) {
    source_.expect("{");
    token first_level, first;
    while (!source_.accept("}")) {
      const token level = source_.next();
      if (level.is_end()) throw source_.unexpected(level, "a level or \"}\"");
      const token figure = source_.next();
      if (first.is_end()) {
        first_level = level;
        first = figure;
        keys_.give_in_block(placed(name), placed(figure));
      } else if (figure.text != first.text) {
        throw source_.error(figure,
                            fmt::format("{}: found {} for {} and {} for {}, expected one bandwidth "
                                        "for the NoCs of all levels",
                                        name.text,
                                        first.text,
                                        first_level.text,
                                        figure.text,
                                        level.text));
      }
    }
    if (first.is_end()) throw source_.error(name, fmt::format("{} has no level", name.text));
  }

  void block_entry(const token& name) {
    if (std::ranges::find(multicast_keys, name.text) != multicast_keys.end()) {
      multicast(name);
    } else if (accelerator_keys::is_inner_key(name.text)) {
      keys_.give_inner(placed(name), value());
    } else if (accelerator_keys::is_key(name.text) || accelerator_keys::is_block_key(name.text)) {
      keys_.give_in_block(placed(name), value());
    } else {
      leave_out(name);
      if (source_.peek().text != "}") source_.next();
    }
  }

  void leave_out(const token& name) {
    warnings_.push_back(
        fmt::format("{}:{}: {} is not known here and is left out", file_, name.at.line, name.text));
  }

  void multicast(const token& name) {
    const token value = source_.next();
    if (value.text == "True" || value.text == "true" || value.text == "1") return;
    if (value.text != "False" && value.text != "false" && value.text != "0") {
      throw source_.unexpected(value, "True or False");
    }
    warnings_.push_back(fmt::format("{}:{}: {}: {} is left out, every NoC multicasts",
                                    file_,
                                    name.at.line,
                                    name.text,
                                    value.text));
  }

  void entry(const token& name) {
    keys_.expect_key(placed(name));
    keys_.give(placed(name), value());
  }

  placed_text value() {
    const token word = source_.next();
    if (word.is_end()) throw source_.unexpected(word, "a value");
    return placed(word);
  }

  tokenizer& source_;
  std::string_view file_;
  accelerator_keys keys_;
  std::vector<std::string> warnings_;
};

/// The accelerators of an installation that was moved or unpacked: PREFIX/share beside PREFIX/bin.
std::filesystem::path accelerators_beside_program() {
  std::error_code none;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", none);
  return program.parent_path().parent_path() / "share" / "cugamma" / "accelerators";
}

std::vector<std::filesystem::path> accelerator_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* own = std::getenv("CUGAMMA_ACCELERATORS_DIR")) folders.emplace_back(own);
  folders.push_back(accelerators_beside_program());
  folders.emplace_back(CUGAMMA_SOURCE_ACCELERATORS_DIR);
  folders.emplace_back(CUGAMMA_INSTALLED_ACCELERATORS_DIR);
  return folders;
}

bool is_yaml_name(std::string_view file) {
  return file.ends_with(".yaml") || file.ends_with(".yml") || file.ends_with(".json");
}

}  // namespace

accelerator parse_accelerator_file(std::string_view text,
                                   std::string_view file,
                                   const accelerator& base,
                                   std::vector<std::string>* warnings) {
  std::vector<std::string> left_out;
  accelerator result;
  if (is_yaml_name(file)) {
    result = parse_accelerator_yaml(text, file, base);
  } else {
    const std::string plain = without_hash_comments(text);
    tokenizer source(plain, file);
    result = block_reader(source, file, base).read(left_out);
  }
  if (warnings != nullptr) std::ranges::move(left_out, std::back_inserter(*warnings));
  return result;
}

accelerator read_accelerator_file(const std::string& path,
                                  const accelerator& base,
                                  std::vector<std::string>* warnings) {
  const std::string text = read_file(path);
  const std::string plain = without_hash_comments(text);
  if (tokenizer(plain, path).peek().is_end()) {
    throw input_error(
        fmt::format("{}: says nothing of an accelerator, expected keys and values such as "
                    "num_pes: 168 (docs/accelerators.md)",
                    path));
  }
  if (timeloop::has_architecture({path, text})) {
    throw input_error(
        fmt::format("{}: found an architecture of Timeloop's, expected an accelerator "
                    "(docs/accelerators.md); --cost-model timeloop reads it",
                    path));
  }
  return parse_accelerator_file(text, path, base, warnings);
}

std::string find_accelerator(std::string_view name) {
  namespace fs = std::filesystem;
  if (is_given_input(std::string(name))) return std::string(name);
  for (const fs::path& folder : accelerator_folders()) {
    const fs::path file = folder / fmt::format("{}.yaml", name);
    if (!name.empty() && is_given_file(file)) return file.string();
  }
  // What looks like a file is one, so that its reader says why it cannot be read.
  if (name.find_first_of("./") != std::string_view::npos) return std::string(name);
  const std::vector<std::string> names = accelerator_names();
  throw input_error(fmt::format(
      "unknown accelerator \"{}\"{}",
      name,
      did_you_mean(name,
                   names,
                   fmt::format(", expected a file or one of: {}", fmt::join(names, ", ")))));
}

std::string about_accelerator(const std::string& path) {
  return is_yaml_name(path) ? about_in_yaml(read_file(path), path) : "";
}

std::vector<std::string> accelerator_names() {
  std::set<std::string> names;
  for (const std::filesystem::path& folder : accelerator_folders()) {
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
      if (file.path().extension() == ".yaml") names.insert(file.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace cugamma
