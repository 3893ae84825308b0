#pragma once

#include <map>

#include "certify/maestro/narrow/mapping_times.hpp"
#include "certify/maestro/subtree.hpp"

namespace cugamma::maestro_proof {

/// Looks at the mappings of a subtree one by one, where the objective depends on the runtime and
/// the NoC may be narrower than a step's traffic: M10 of docs/certify.md.
class every_mapping {
 public:
  using class_of_dims = std::array<std::size_t, free_dims>;

  every_mapping(const proof_tables& tables,
                const subtree& s,
                const outer_split& dealt,
                proof& p,
                opening& found);

  /// All mappings that are parallel in q inside and have outer tiles of these classes. Offers those
  /// that beat the best known, and lowers the opening's `least` to what no other one is below.
  void look_at(int q, const class_of_dims& classes);

 private:
  static constexpr int axes = free_dims - 1;

  /// An outer order with what it moves. Mappings that take `limit` cycles or more do not beat the
  /// best known.
  struct priced_order {
    const loop_order* order;
    movement moved;
    number limit;
  };

  /// What stands while the inner level's tiles and order are chosen.
  struct inner_search {
    const outer_tiles& outer;
    const handed_tiles& handed;
    const worked_choice& choice;
    const inner_runs& runs;
    number first_delay;  ///< of what the first outer step is sent
    inner_tiles inner{};
  };

  void choose_outer(int depth, tile_range tiles, const class_of_dims& classes);
  void look_at_vector(const outer_tiles& tiles);
  void look_at_choice(inner_search& s);
  void choose_inner(int depth, inner_search& s);
  void look_at_inner_orders(const inner_search& s);
  void look_at_outer_orders(const inner_search& s,
                            const mapping_times& times,
                            const loop_order& inner_order,
                            number least,
                            const number (&run)[1 << free_dims]);
  void offer(const inner_search& s,
             const loop_order& inner_order,
             const priced_order& outer,
             number cycles);

  void list_orders(const outer_tiles& tiles);
  void set_limits();
  bool is_settled(const tile_range& tiles);
  bool is_over();
  bool fits_l2(const outer_tiles& tiles) const;
  number tile_of_q(const outer_tiles& tiles) const;
  const std::vector<timed_choice>& timed_of(number tile);
  const std::vector<worked_choice>& choices_of(number tile);

  const proof_tables& tables_;
  const facts& f_;
  const cluster_range& clusters_;
  const outer_split& dealt_;
  proof& proof_;
  opening& found_;
  int q_ = 0;
  double upper_ = 0;           ///< values that are not below it do not beat the best known
  int outer_dims_[axes] = {};  ///< all but the outer parallel one, q first
  int inner_dims_[axes] = {};  ///< all but q
  std::vector<priced_order> orders_;
  number most_ = 0;  ///< the largest limit of the orders
  // By q and its outer tile.
  std::map<std::pair<int, number>, std::vector<timed_choice>> timed_;
  std::map<std::pair<int, number>, std::vector<worked_choice>> choices_;
  std::size_t choices_held_ = 0;
  unsigned asked_ = 0;  ///< how often is_over was asked
};

}  // namespace cugamma::maestro_proof
