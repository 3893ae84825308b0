#include "cugamma/formats/network_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "cugamma/formats/mapping_file.hpp"
#include "files/read_file.hpp"
#include "formats/csv_reader.hpp"
#include "problem/layer_limits.hpp"

namespace cugamma {
namespace {

using enum dimension;

constexpr std::array<std::string_view, 12> column_names{"name",
                                                        "type",
                                                        "K",
                                                        "C",
                                                        "Y",
                                                        "X",
                                                        "R",
                                                        "S",
                                                        "stride_y",
                                                        "stride_x",
                                                        "groups",
                                                        "count"};
enum column {
  name_column,
  type_column,
  k_column,
  c_column,
  y_column,
  x_column,
  r_column,
  s_column,
  stride_y_column,
  stride_x_column,
  groups_column,
  count_column
};
constexpr int required_columns[] =
    {type_column, k_column, c_column, y_column, x_column, r_column, s_column};

class csv_network {
 public:
  csv_network(std::string_view text, std::string_view file) : file_(file), rows_(read_csv(text)) {}

  network read() {
    network result;
    result.name = std::filesystem::path(file_).stem().string();
    if (rows_.empty())
      throw error_at(file_,
                     {1, 1},
                     "found no header, expected name,type,K,C,Y,X,R,S,... or K,C,Y,X,R,S,T");
    const std::vector<token>& header = rows_.front();
    const bool gamma = header.back().text == "T";
    if (gamma) {
      if (header.size() != 7) throw unexpected(header.back(), "T as the seventh column");
    } else {
      find_columns(header);
    }
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      if (rows_[i].size() != header.size()) {
        throw error_at(file_,
                       rows_[i].front().at,
                       fmt::format("found {} cells, expected {} as in the header",
                                   rows_[i].size(),
                                   header.size()));
      }
      result.layers.push_back(gamma ? gamma_row(rows_[i], i) : row(rows_[i], i));
      if (const auto excess = uncountable(result.layers.back().l)) {
        throw error_at(file_, rows_[i].front().at, fmt::format("the layer has {}", *excess));
      }
    }
    return result;
  }

 private:
  input_error unexpected(const token& found, std::string_view expected) const {
    return error_at(file_,
                    found.at,
                    fmt::format("found \"{}\", expected {}", found.text, expected));
  }

  void find_columns(const std::vector<token>& header) {
    position_.fill(-1);
    for (std::size_t i = 0; i < header.size(); ++i) {
      const auto found = std::ranges::find(column_names, header[i].text);
      if (found == column_names.end()) {
        throw unexpected(header[i],
                         fmt::format("one of the columns {}", fmt::join(column_names, ", ")));
      }
      int& position = position_[found - column_names.begin()];
      if (position >= 0)
        throw error_at(file_,
                       header[i].at,
                       fmt::format("column {} is given twice", header[i].text));
      position = static_cast<int>(i);
    }
    for (const int c : required_columns) {
      if (position_[c] < 0) {
        throw error_at(file_,
                       header.front().at,
                       fmt::format("column {} is missing", column_names[c]));
      }
    }
  }

  std::int32_t positive(const token& cell) const {
    std::int32_t value = 0;
    const char* end = cell.text.data() + cell.text.size();
    const auto [stop, error] = std::from_chars(cell.text.data(), end, value);
    if (error != std::errc{} || stop != end || value < 1) {
      throw unexpected(cell, "a whole number from 1 to 2147483647");
    }
    return value;
  }

  std::int32_t value(const std::vector<token>& cells, int c) const {
    return position_[c] < 0 ? 1 : positive(cells[position_[c]]);
  }

  network_layer row(const std::vector<token>& cells, std::size_t number) const {
    network_layer result;
    const bool named = position_[name_column] >= 0 && !cells[position_[name_column]].is_end();
    result.name =
        named ? std::string(cells[position_[name_column]].text) : fmt::format("layer{}", number);
    layer& l = result.l;
    for (int d = 0; d < gene_dimension_count; ++d) l.size[d] = value(cells, k_column + d);
    l.stride_y = value(cells, stride_y_column);
    l.stride_x = value(cells, stride_x_column);
    set_type(l, cells[position_[type_column]]);
    result.count = value(cells, count_column);
    split_groups(result, cells);
    check_window(l, cells[position_[y_column]], cells[position_[x_column]]);
    return result;
  }

  void set_type(layer& l, const token& type) const {
    if (type.text == "CONV") {
      l.type = layer_type::conv;
    } else if (type.text == "DSCONV") {
      l.type = layer_type::dsconv;
      if (l[K] != 1)
        throw error_at(file_, type.at, fmt::format("DSCONV has K = {}, expected 1", l[K]));
    } else if (type.text == "GEMM" || type.text == "FC") {
      l.type = type.text == "GEMM" ? layer_type::gemm : layer_type::conv;
      for (const dimension d : {X, R, S}) {
        if (l[d] != 1) {
          throw error_at(file_,
                         type.at,
                         fmt::format("{} has {} = {}, expected 1",
                                     type.text,
                                     column_names[k_column + index_of(d)],
                                     l[d]));
        }
      }
    } else {
      throw unexpected(type, "CONV, DSCONV, GEMM or FC");
    }
    if (type.text != "CONV" && type.text != "DSCONV" && (l.stride_y != 1 || l.stride_x != 1)) {
      throw error_at(file_,
                     type.at,
                     fmt::format("{} has a stride, only CONV and DSCONV can", type.text));
    }
  }

  void split_groups(network_layer& layer_row, const std::vector<token>& cells) const {
    const std::int32_t groups = value(cells, groups_column);
    if (groups == 1) return;
    const token& at = cells[position_[groups_column]];
    layer& l = layer_row.l;
    if (l.type != layer_type::conv) throw unexpected(at, "groups of a CONV only, 1 otherwise");
    if (l[K] % groups != 0 || l[C] % groups != 0) {
      throw unexpected(at, fmt::format("a divisor of K = {} and C = {}", l[K], l[C]));
    }
    l[K] /= groups;
    l[C] /= groups;
    layer_row.count *= groups;
  }

  void check_window(const layer& l, const token& y, const token& x) const {
    if (l[Y] < l[R]) throw unexpected(y, fmt::format("Y of at least R = {}", l[R]));
    if (l[X] < l[S]) throw unexpected(x, fmt::format("X of at least S = {}", l[S]));
  }

  network_layer gamma_row(const std::vector<token>& cells, std::size_t number) const {
    network_layer result{fmt::format("layer{}", number), {}, 1};
    layer& l = result.l;
    const token& type = cells[6];
    if (type.text == "0") {
      l[K] = positive(cells[0]);
      l[C] = positive(cells[1]);
    } else if (type.text == "1" || type.text == "2") {
      for (int d = 0; d < gene_dimension_count; ++d) l.size[d] = positive(cells[d]);
      if (type.text == "2") {
        l.type = layer_type::dsconv;
        l[K] = 1;
      }
      check_window(l, cells[2], cells[3]);
    } else if (type.text == "3") {
      l.type = layer_type::gemm;
      l[Y] = positive(cells[0]);
      l[K] = positive(cells[1]);
      l[C] = positive(cells[2]);
    } else {
      throw unexpected(type, "the type 0 (FC), 1 (CONV), 2 (DSCONV) or 3 (GEMM)");
    }
    return result;
  }

  std::string_view file_;
  std::vector<std::vector<token>> rows_;
  std::array<int, column_names.size()> position_{};
};

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
  for (const named_mapping& l : file.layers) result.layers.push_back(plain_layer(l));
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

network parse_network_csv(std::string_view text, std::string_view file) {
  return csv_network(text, file).read();
}

network read_network(const std::string& path) {
  network result =
      path.ends_with(".m") ? maestro_network(path) : parse_network_csv(read_text(path), path);
  if (result.layers.empty()) throw input_error(fmt::format("{}: has no layers", path));
  return result;
}

std::string find_model(std::string_view name) {
  namespace fs = std::filesystem;
  if (is_given_file(std::string(name))) return std::string(name);
  for (const fs::path& folder : model_folders()) {
    for (const std::string& file : {std::string(name), fmt::format("{}.csv", name)}) {
      if (!name.empty() && is_given_file(folder / file)) return (folder / file).string();
    }
  }
  throw input_error(fmt::format("unknown model \"{}\", expected a file or one of: {}",
                                name,
                                fmt::join(model_names(), ", ")));
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
