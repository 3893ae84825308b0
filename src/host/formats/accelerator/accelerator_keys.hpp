#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/problem/accelerator.hpp"
#include "formats/tokenizer.hpp"

namespace cugamma {

/// A name or a value in a file.
struct placed_text {
  std::string text;
  text_position at;
};

/// Takes the keys of an accelerator file one after the other, in any order, and makes an
/// accelerator of them. Throws input_error "file:line:column: ..." for what none can have.
class accelerator_keys {
 public:
  accelerator_keys(std::string_view file, const accelerator& base) : file_(file), result_(base) {}

  /// Whether a key is one of all files.
  static bool is_key(std::string_view name);
  /// Whether a key is a count or a size that an Accelerator block names its own way.
  static bool is_block_key(std::string_view name);
  /// Whether it is a figure of the NoCs below the top level.
  static bool is_inner_key(std::string_view name);
  static bool is_bandwidth(std::string_view name);

  /// Throws for a name that is no key.
  void expect_key(const placed_text& name) const;
  void give(const placed_text& name, const placed_text& value);
  void give_in_block(const placed_text& name, const placed_text& value);
  /// A bandwidth or a latency of the NoCs below the top level, which have the top one's figures.
  void give_inner(const placed_text& name, const placed_text& value);

  /// What all keys make; no key may follow. warnings: takes what is left out.
  accelerator result(std::vector<std::string>& warnings);

 private:
  struct inner_figure {
    placed_text name;
    std::int32_t accelerator::*member;
    std::int32_t value;
  };
  /// A figure that needs another key to be known.
  struct open_figure {
    placed_text name;
    const void* key;
    double value;
  };

  [[noreturn]] void refuse(const placed_text& found, std::string_view expected) const;
  void once(const placed_text& name, const void* place);
  template <typename Key>
  void give_count(const Key& key, const placed_text& name, const placed_text& value);
  template <typename Key>
  void give_size(const Key& key, const placed_text& name, const placed_text& value);
  bool give_measured(const placed_text& name, const placed_text& value);
  void give_of_file(const placed_text& name, const placed_text& value);
  void settle_words();
  void settle_sizes();
  void settle_bandwidths();
  void settle_energies();
  void settle_inner(std::vector<std::string>& warnings);

  std::string file_;
  accelerator result_;
  double word_bits_ = 0;      ///< 0: not given
  double frequency_mhz_ = 0;  ///< 0: not given
  std::set<const void*> named_;
  std::vector<open_figure> sizes_, bandwidths_, energies_;
  std::vector<inner_figure> inner_;
};

}  // namespace cugamma
