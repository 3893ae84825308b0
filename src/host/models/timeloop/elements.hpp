#pragma once

#include <cstdint>
#include <vector>

#include "models/timeloop/closed/traffic.hpp"

namespace cugamma::timeloop {

/// Traffic by a list of a fan-out's elements, for what has no closed form: neighbours that serve
/// across several loops, three loops along one axis, wires to groups of unlike shape. Keeps its
/// memory from call to call.
class element_lists {
 public:
  /// As closed::find_traffic. False if there are more records than a traffic holds.
  bool find_traffic(const closed::tables& t,
                    const closed::nest& n,
                    int tensor,
                    int level,
                    closed::traffic& w);

  /// Where events go (see closed::hand_down).
  void hand(std::int64_t words) { to_all_ += words; }
  void hand_after(std::int64_t jump, std::int64_t words);

 private:
  /// Words that neighbours keep from some elements.
  struct served_words {
    std::int64_t jump = 0;
    std::int64_t words = 0;
    std::vector<bool> left;  ///< the elements that still get them
    std::int64_t served = 0;
  };
  /// Elements of equal address: they get the same words.
  struct group {
    std::int64_t address = 0;
    std::int64_t size = 0;
    std::int64_t last_column = -1;
    double hops = 0;
    double last_upward = 0;  ///< the part of the last column's branch above half height
  };

  void list_addresses(const closed::tensor_row& t, const closed::fan_loops& fan);
  void find_left(served_words& s) const;
  void merge_equal();
  bool is_element_at(std::int64_t element, std::int64_t address) const;
  void find_groups(const std::vector<bool>& chosen);
  group& group_of(std::int64_t address);
  void add_hops(const std::vector<bool>& chosen);
  bool add_records(const std::vector<bool>& chosen, std::int64_t words, closed::traffic& w);

  std::int64_t columns_ = 1;
  std::int64_t rows_ = 1;
  bool needs_hops_ = false;
  std::int64_t to_all_ = 0;
  std::vector<served_words> served_;     ///< in the order of their first appearance
  std::vector<std::int64_t> addresses_;  ///< of element q, in column q % columns_, row q / columns_
  std::vector<bool> all_;
  std::vector<std::int32_t> slots_;  ///< a hash table: places in groups_ plus 1
  std::vector<group> groups_;
};

}  // namespace cugamma::timeloop
