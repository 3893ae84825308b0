#pragma once

#include <array>

#include "certify/timeloop/facts.hpp"

/// Lower bounds of Timeloop's figures (docs/certify-timeloop.md has their proofs).
namespace cugamma::timeloop::proving {

/// Orders of temporal loops as far as they are chosen, level by level, the innermost loop first.
/// Loops of dimensions without a split may be among them: those that are to be there.
struct chosen_orders {
  std::array<std::array<std::uint8_t, max_dimensions>, max_levels> loops{};
  std::array<int, max_levels> count{};
};

/// The dimension whose loop is the innermost one, of a level and outside of it, that moves a
/// tensor's tile, and the product of the loops inside of it.
struct run {
  double stays = 1;
  int mover = -1;  ///< -1: not known, or none
};

/// Figures that no mapping of a choice has less of.
struct least_figures {
  double energy_pj = 0;
  double cycles = 0;
};

class bounds {
 public:
  explicit bounds(const facts& f) : facts_(f) {}

  least_figures least(const choice& c, const chosen_orders& orders = {}) const;

  /// The objective's value of these.
  double value(const choice& c, const chosen_orders& orders = {}) const;

  /// The same, the least of all ways to choose the innermost loop of every level, which is more: a
  /// level's loops keep only some tensors in place. Looks no further once it is below `enough`.
  double value_of_orders(const choice& c, double enough) const;

  /// Whether tiles with any splits of the other dimensions fit levels and fan-outs.
  bool may_fit(const choice& c) const;

 private:
  struct unit_use;
  struct traffic;
  struct handed;

  const split* split_of(const choice& c, int dimension) const {
    const auto d = static_cast<std::size_t>(dimension);
    return c.at[d] < 0 ? nullptr : &facts_.splits[d][static_cast<std::size_t>(c.at[d])];
  }
  double least_of_orders(const choice& c,
                         std::size_t level,
                         chosen_orders& orders,
                         double enough) const;
  std::vector<int> innermost_loops(const choice& c, std::size_t level) const;
  unit_use use_of(const choice& c) const;
  run run_of(const choice& c, const chosen_orders& orders, std::size_t tensor, std::size_t b) const;
  handed hand(const choice& c,
              const chosen_orders& orders,
              std::size_t tensor,
              std::size_t b) const;
  void allow_for_rounding(std::size_t b, handed& h) const;
  double open_instances(const choice& c,
                        const unit_use& use,
                        std::size_t tensor,
                        std::size_t level) const;
  double first_accesses(const choice& c, std::size_t tensor, std::size_t level) const;
  double passed_on(const choice& c,
                   const unit_use& use,
                   std::size_t tensor,
                   std::size_t level,
                   double given) const;
  void add_tensor(const choice& c,
                  const chosen_orders& orders,
                  std::size_t tensor,
                  const unit_use& use,
                  traffic& sums) const;
  double add_handed(std::size_t tensor,
                    std::size_t b,
                    const handed& h,
                    double part,
                    traffic& sums) const;

  const facts& facts_;
};

}  // namespace cugamma::timeloop::proving
