#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <span>
#include <utility>

#include "cugamma/formats/network_file.hpp"
#include "formats/csv_reader.hpp"
#include "problem/layer_limits.hpp"

namespace cugamma {
namespace {

using enum dimension;

constexpr std::array<std::string_view, 17> column_names{"name",
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
                                                        "count",
                                                        "T",
                                                        "M",
                                                        "N",
                                                        "O",
                                                        "I"};
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
  count_column,
  t_column,
  m_column,
  n_column,
  o_column,
  i_column
};

/// What a table calls its sizes: of a convolution, of a product (M x K) * (K x N), or the outputs
/// and inputs of a fully connected layer.
enum class naming { conv, product, connected };

struct naming_columns {
  naming whose;
  std::span<const column> columns;
  std::string_view text;
};
constexpr column conv_columns[] = {k_column, c_column, y_column, x_column, r_column, s_column};
constexpr column product_columns[] = {m_column, n_column, k_column};
constexpr column connected_columns[] = {o_column, i_column};
constexpr std::array namings{
    naming_columns{naming::conv, conv_columns, "K, C, Y, X, R, S"},
    naming_columns{naming::product, product_columns, "M, N, K of a product"},
    naming_columns{naming::connected, connected_columns, "O, I of a fully connected layer"}};

const naming_columns& columns_of(naming n) { return namings[static_cast<std::size_t>(n)]; }

/// GAMMA's own headers. It reads their columns by position, as the type of each row asks for.
constexpr std::array<std::array<std::string_view, 7>, 3> gamma_headers{{
    {"K", "C", "Y", "X", "R", "S", "T"},
    {"M", "N", "K", "0", "0", "0", "T"},
    {"O", "I", "0", "0", "0", "0", "T"},
}};

struct row_type {
  std::string_view name;
  std::string_view number;  ///< as GAMMA writes it
  naming own;
};
constexpr std::array row_types{row_type{"FC", "0", naming::connected},
                               row_type{"CONV", "1", naming::conv},
                               row_type{"DSCONV", "2", naming::conv},
                               row_type{"GEMM", "3", naming::product},
                               row_type{"TRCONV", "4", naming::conv}};

/// A column that only fills a row up, as GAMMA's header "0", which pandas writes as 0.1, 0.2.
bool is_filler(std::string_view name) {
  return name.empty() || name.find_first_not_of("0123456789.") == name.npos;
}

class csv_network {
 public:
  csv_network(std::string_view text, std::string_view file)
      : file_(file), table_(read_csv(text, file)) {}

  network read() {
    network result;
    result.name = std::filesystem::path(file_).stem().string();
    if (table_.rows.empty())
      throw error_at(file_,
                     {1, 1},
                     "found no header, expected name,type,K,C,Y,X,R,S,... or K,C,Y,X,R,S,T");
    const std::vector<csv_cell>& header = table_.rows.front();
    find_columns(header);
    find_naming(header);
    in_gamma_order_ = std::ranges::any_of(gamma_headers, [&](const auto& own) {
      return std::ranges::equal(own, header, {}, {}, &csv_cell::text);
    });
    for (std::size_t i = 1; i < table_.rows.size(); ++i) {
      result.layers.push_back(row(table_.rows[i], i));
    }
    for (const text_position at : table_.hashed_rows) {
      warnings_.push_back(fmt::format("{}:{}: begins with # and is read as a row", file_, at.line));
    }
    result.warnings = std::move(warnings_);
    return result;
  }

 private:
  input_error error(const csv_cell& at, std::string_view message) const {
    return error_at(file_, at.at, message);
  }

  input_error unexpected(const csv_cell& found, std::string_view expected) const {
    return error(found, fmt::format("found \"{}\", expected {}", found.text, expected));
  }

  bool has(column c) const { return position_[c] >= 0; }

  void find_columns(const std::vector<csv_cell>& header) {
    position_.fill(-1);
    for (std::size_t i = 0; i < header.size(); ++i) {
      const auto found = std::ranges::find(column_names, header[i].text);
      if (found == column_names.end()) {
        fillers_.push_back(i);
        continue;
      }
      int& position = position_[found - column_names.begin()];
      if (position >= 0)
        throw error(header[i], fmt::format("column {} is given twice", header[i].text));
      position = static_cast<int>(i);
    }
    for (const std::size_t i : fillers_) {
      if (has(t_column) && is_filler(header[i].text)) continue;
      throw unexpected(header[i],
                       fmt::format("one of the columns {}", fmt::join(column_names, ", ")));
    }
    if (has(type_column) && has(t_column)) {
      throw error(header[position_[t_column]],
                  "the columns type and T are two types of one layer, expected one of them");
    }
  }

  /// The columns besides K tell: M, N, O and I belong to one naming each, the others to a conv's.
  void find_naming(const std::vector<csv_cell>& header) {
    const naming_columns* found = nullptr;
    const csv_cell* first = nullptr;
    for (const csv_cell& cell : header) {
      for (const naming_columns& n : namings) {
        const bool is_own = cell.text != "K" && std::ranges::any_of(n.columns, [&](column c) {
                              return column_names[c] == cell.text;
                            });
        if (!is_own) continue;
        if (found != nullptr && found != &n) {
          throw error(cell,
                      fmt::format("column {} belongs to {}, but column {} to {}",
                                  cell.text,
                                  n.text,
                                  first->text,
                                  found->text));
        }
        if (found == nullptr) first = &cell;
        found = &n;
      }
    }
    if (found == nullptr) found = &columns_of(naming::conv);
    naming_ = found->whose;
    require(header, has(t_column) ? t_column : type_column);
    for (const column c : found->columns) require(header, c);
    if (naming_ == naming::connected && has(k_column)) {
      throw error(header[position_[k_column]],
                  fmt::format("column K does not belong to {}", found->text));
    }
  }

  void require(const std::vector<csv_cell>& header, column c) const {
    if (has(c)) return;
    throw error(header.front(), fmt::format("column {} is missing", column_names[c]));
  }

  std::int32_t positive(const csv_cell& cell) const {
    std::int32_t value = 0;
    const char* end = cell.text.data() + cell.text.size();
    const auto [stop, error] = std::from_chars(cell.text.data(), end, value);
    if (error != std::errc{} || stop != end || value < 1) {
      throw unexpected(cell, "a whole number from 1 to 2147483647");
    }
    return value;
  }

  std::int32_t value(const std::vector<csv_cell>& cells, int c) const {
    return position_[c] < 0 ? 1 : positive(cells[position_[c]]);
  }

  network_layer row(const std::vector<csv_cell>& cells, std::size_t number) {
    const std::size_t columns = table_.rows.front().size();
    if (cells.size() != columns) {
      throw error(
          cells.front(),
          fmt::format("found {} cells, expected {} as in the header", cells.size(), columns));
    }
    network_layer result;
    const bool named = has(name_column) && !cells[position_[name_column]].text.empty();
    result.name = named ? cells[position_[name_column]].text : fmt::format("layer{}", number);
    result.l.stride_y = value(cells, stride_y_column);
    result.l.stride_x = value(cells, stride_x_column);
    result.count = value(cells, count_column);
    const row_type& type = type_of(cells);
    set_sizes(result.l, type, cells);
    set_type(result.l, type, cells);
    split_groups(result, cells);
    if (const auto excess = uncountable(result.l)) {
      throw error(cells.front(), fmt::format("the layer has {}", *excess));
    }
    return result;
  }

  const csv_cell& type_cell(const std::vector<csv_cell>& cells) const {
    return cells[position_[has(t_column) ? t_column : type_column]];
  }

  const row_type& type_of(const std::vector<csv_cell>& cells) const {
    const csv_cell& cell = type_cell(cells);
    const auto found = has(t_column) ? std::ranges::find(row_types, cell.text, &row_type::number)
                                     : std::ranges::find(row_types, cell.text, &row_type::name);
    if (found != row_types.end()) return *found;
    throw unexpected(cell,
                     has(t_column) ? "the type 0 (FC), 1 (CONV), 2 (DSCONV), 3 (GEMM) or 4 (TRCONV)"
                                   : "CONV, DSCONV, TRCONV, GEMM or FC");
  }

  /// The sizes of a row under the names of one naming.
  void set_sizes(layer& l, const row_type& type, const std::vector<csv_cell>& cells) {
    // With conv's names in a table of its own, K, C and Y of a product hold N, K and M.
    const bool by_text = !has(t_column) && naming_ == naming::conv;
    const naming names = by_text ? naming::conv : in_gamma_order_ ? type.own : naming_;
    const bool is_flat = names == naming::conv && type.own == naming::connected;
    if (!by_text && names != type.own && !is_flat) {
      throw error(type_cell(cells),
                  fmt::format("{} needs the columns {}", type.name, columns_of(type.own).text));
    }
    std::array<std::int32_t, gene_dimension_count> sizes{};
    std::vector<bool> is_read(cells.size());
    for (std::size_t i = 0; i < columns_of(names).columns.size(); ++i) {
      const int at =
          in_gamma_order_ ? static_cast<int>(i) : position_[columns_of(names).columns[i]];
      is_read[at] = true;
      sizes[i] = positive(cells[at]);
    }
    if (names == naming::product) {
      l[Y] = sizes[0];
      l[K] = sizes[1];
      l[C] = sizes[2];
    } else if (names == naming::connected) {
      l[K] = sizes[0];
      l[C] = sizes[1];
    } else {
      std::ranges::copy(sizes, l.size.begin());
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!is_read[i] && (in_gamma_order_ || std::ranges::count(fillers_, i) > 0)) {
        check_filler(cells[i], type, i);
      }
    }
  }

  void check_filler(const csv_cell& cell, const row_type& type, std::size_t index) const {
    const csv_cell& name = table_.rows.front()[index];
    if (name.text == "T" || cell.text.empty() || cell.text == "0" || cell.text == "1") return;
    throw unexpected(cell,
                     fmt::format("0 or 1: column {} (\"{}\") says nothing of {}",
                                 index + 1,
                                 name.text,
                                 type.name));
  }

  void set_type(layer& l, const row_type& type, const std::vector<csv_cell>& cells) {
    const csv_cell& at = type_cell(cells);
    if (type.own == naming::conv) {
      if (type.name == "DSCONV") set_depthwise(l, at);
      check_window(l, cells);
      return;
    }
    if (type.name == "GEMM") l.type = layer_type::gemm;
    for (const dimension d : {X, R, S}) {
      if (l[d] == 1) continue;
      const std::string_view name = column_names[k_column + index_of(d)];
      throw error(at, fmt::format("{} has {} = {}, expected 1", type.name, name, l[d]));
    }
    if (l.stride_y != 1 || l.stride_x != 1) {
      throw error(at, fmt::format("{} has a stride, only CONV, DSCONV and TRCONV can", type.name));
    }
  }

  /// GAMMA gives a DSCONV any K, and ignores it.
  void set_depthwise(layer& l, const csv_cell& type) {
    l.type = layer_type::dsconv;
    if (l[K] == 1) return;
    if (!has(t_column)) throw error(type, fmt::format("DSCONV has K = {}, expected 1", l[K]));
    if (l[K] != l[C]) {
      warnings_.push_back(fmt::format(
          "{}:{}: K is {}, but a DSCONV has one output channel for each of its {} input channels",
          file_,
          type.at.line,
          l[K],
          l[C]));
    }
    l[K] = 1;
  }

  void split_groups(network_layer& layer_row, const std::vector<csv_cell>& cells) const {
    const std::int32_t groups = value(cells, groups_column);
    if (groups == 1) return;
    const csv_cell& at = cells[position_[groups_column]];
    layer& l = layer_row.l;
    if (l.type != layer_type::conv) throw unexpected(at, "groups of a CONV only, 1 otherwise");
    if (l[K] % groups != 0 || l[C] % groups != 0) {
      throw unexpected(at, fmt::format("a divisor of K = {} and C = {}", l[K], l[C]));
    }
    l[K] /= groups;
    l[C] /= groups;
    layer_row.count *= groups;
  }

  void check_window(const layer& l, const std::vector<csv_cell>& cells) const {
    const auto cell = [&](column c) {
      return cells[position_[c] < 0 ? c - k_column : position_[c]];
    };
    if (l[Y] < l[R]) throw unexpected(cell(y_column), fmt::format("Y of at least R = {}", l[R]));
    if (l[X] < l[S]) throw unexpected(cell(x_column), fmt::format("X of at least S = {}", l[S]));
  }

  std::string_view file_;
  csv_table table_;
  std::array<int, column_names.size()> position_{};
  std::vector<std::size_t> fillers_;  ///< columns without a name of ours
  naming naming_ = naming::conv;
  bool in_gamma_order_ = false;
  std::vector<std::string> warnings_;
};

}  // namespace

network parse_network_csv(std::string_view text, std::string_view file) {
  return csv_network(text, file).read();
}

}  // namespace cugamma
