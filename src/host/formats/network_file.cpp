#include "cugamma/formats/network_file.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "cugamma/formats/mapping_file.hpp"
#include "files/did_you_mean.hpp"
#include "files/read_file.hpp"
#include "formats/csv_reader.hpp"
#include "problem/layer_limits.hpp"

namespace cugamma {
namespace {

using enum dimension;

network_layer plain_layer(const named_mapping& from) {
  network_layer result{from.name, from.l, std::int64_t{from.l[N]} * from.l[G]};
  layer& l = result.l;
  l[N] = l[G] = 1;
  l.named_batch_group = 0;
  if (l.type == layer_type::ngconv || l.type == layer_type::trconv) l.type = layer_type::conv;
  return result;
}

network maestro_network(const std::string& path) {
  const mapping_file file = read_mapping_file(path);
  network result;
  result.name = file.network.empty() ? std::filesystem::path(path).stem().string() : file.network;
  result.warnings = file.warnings;
  for (const named_mapping& l : file.layers) {
    result.layers.push_back(plain_layer(l));
    for (const std::string& warning : l.warnings) {
      result.warnings.push_back(fmt::format("{}:{}: layer {}: {}", path, l.line, l.name, warning));
    }
  }
  return result;
}

/// The models of an installation that was moved or unpacked: PREFIX/share beside PREFIX/bin.
std::filesystem::path models_beside_program() {
  std::error_code none;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", none);
  return program.parent_path().parent_path() / "share" / "cugamma" / "models";
}

std::vector<std::filesystem::path> model_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* own = std::getenv("CUGAMMA_MODELS_DIR")) folders.emplace_back(own);
  folders.push_back(models_beside_program());
  folders.emplace_back(CUGAMMA_SOURCE_MODELS_DIR);
  folders.emplace_back(CUGAMMA_INSTALLED_MODELS_DIR);
  return folders;
}

}  // namespace

network read_network(const std::string& path) {
  if (path.ends_with(".onnx")) {
    throw input_error(
        fmt::format("{}: found an ONNX model, expected a table; `python -m cugamma.from_onnx {} -o "
                    "net.csv` makes one of it (docs/onnx.md)",
                    path,
                    path));
  }
  network result =
      path.ends_with(".m") ? maestro_network(path) : parse_network_csv(read_file(path), path);
  if (result.layers.empty()) throw input_error(fmt::format("{}: has no layers", path));
  return result;
}

std::string find_model(std::string_view name) {
  namespace fs = std::filesystem;
  if (is_given_input(std::string(name))) return std::string(name);
  for (const fs::path& folder : model_folders()) {
    for (const std::string& file : {std::string(name), fmt::format("{}.csv", name)}) {
      if (!name.empty() && is_given_file(folder / file)) return (folder / file).string();
    }
  }
  const std::vector<std::string> names = model_names();
  throw input_error(fmt::format(
      "unknown model \"{}\"{}",
      name,
      did_you_mean(name,
                   names,
                   fmt::format(", expected a file or one of: {}", fmt::join(names, ", ")))));
}

std::vector<std::string> model_names() {
  std::set<std::string> names;
  for (const std::filesystem::path& folder : model_folders()) {
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
      if (file.path().extension() == ".csv") names.insert(file.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace cugamma
