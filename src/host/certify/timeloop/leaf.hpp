#pragma once

#include <functional>
#include <vector>

#include "certify/timeloop/bounds.hpp"
#include "cugamma/models/timeloop/scoring.hpp"

namespace cugamma::timeloop::proving {

/// Where the mappings of a proof end up.
struct best_known {
  std::function<double()> value;                             ///< of the best
  std::function<void(const genome& g, double value)> offer;  ///< a mapping that counts
  std::function<bool()> is_over;                             ///< whether to stop
};

/// Goes through the mappings of complete choices: all orders that may differ in their figures.
class leaf_search {
 public:
  leaf_search(const facts& f, const bounds& b, const scorer& s, best_known best);

  /// Offers every mapping of the choice that may beat the best; returns false if it was stopped.
  bool open(const choice& c);

 private:
  /// What the loops that are placed say of a tensor's tile below a level.
  using motions = std::array<std::array<std::int8_t, max_tensors>, max_levels>;
  /// The spatial loops of a level.
  struct arrangement {
    std::vector<std::uint8_t> order;
    int split = 0;
  };

  const split& split_of(int dimension) const {
    const auto d = static_cast<std::size_t>(dimension);
    return facts_.splits[d][static_cast<std::size_t>(choice_.at[d])];
  }
  bool uses_enough_units() const;
  bool arrange(std::size_t level);
  void add_arrangements(std::size_t level,
                        unsigned left,
                        std::vector<std::uint8_t>& order,
                        bool wants_all);
  bool matters(std::size_t level) const;
  motions first_motions() const;
  std::vector<int> next_loops(const loop_constraint& rules, unsigned left, bool tells_twins) const;
  bool are_settled(const motions& m, std::size_t level) const;
  void move(std::size_t level, int dimension, motions& m) const;
  bool order_level(std::size_t level, unsigned left, const motions& m);
  bool order_from(std::size_t level, const motions& m);
  bool price(std::size_t level, genome& g);
  genome without_spatial_loops() const;
  bool score();

  const facts& facts_;
  const bounds& bounds_;
  const scorer& scorer_;
  best_known best_;
  std::vector<int> twin_;  ///< of a dimension: an earlier one that no figure tells from it, or -1
  choice choice_;
  chosen_orders orders_;
  std::array<std::vector<arrangement>, max_levels> arrangements_;
  std::vector<genome> batch_;
  std::vector<cost> costs_;
};

}  // namespace cugamma::timeloop::proving
