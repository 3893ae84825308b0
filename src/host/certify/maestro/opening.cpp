#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "certify/maestro/narrow/every_mapping.hpp"
#include "certify/maestro/winner.hpp"

namespace cugamma::maestro_proof {
namespace {

/// The candidates chosen for the dimensions that are not parallel in the outer level.
using choice_of_tiles = std::array<const candidate*, free_dims>;

/// Opens one subtree for one dimension that is parallel inside.
class subtree_walk {
 public:
  subtree_walk(const proof_tables& tables,
               const subtree& s,
               const outer_split& dealt,
               proof& p,
               opening& found,
               bool one_by_one)
      : tables_(tables), f_(tables.all), s_(s), dealt_(dealt), proof_(p), found_(found) {
    if (one_by_one) every_mapping_.emplace(tables, s, dealt, p, found);
    add_bounds(false, own_input_, input_);
    add_bounds(true, own_filter_, filter_);
    input_elems_ = static_cast<double>(f_.totals.input_elems);
    filter_elems_ = static_cast<double>(f_.totals.filter_elems);
    needs_orders_ = f_.problem.goal != objective::latency;
    is_timed_ = !f_.is_wide && depends_on_runtime(f_);
    int count = 0;
    for (int d = 0; d < free_dims; ++d) {
      if (d != dealt.dim) dims_[count++] = d;
    }
    std::ranges::sort(dims_, {}, [&](int d) { return tables_.lists.classes(d).size(); });
  }

  /// All mappings that are parallel in q inside.
  void walk(int q) {
    q_ = q;
    choices_of_tile_.clear();
    timed_.clear();
    std::vector<inner_choice> in_both;
    if (q == dealt_.dim) {
      in_both = inner_choices(f_, q, dealt_.tile, f_.clusters[s_.clusters], &dealt_);
      if (in_both.empty()) return;
    }
    choices_ = &in_both;
    for (int i = 0; i < axes; ++i) {
      lists_[i] = dims_[i] == q ? parallel_list(q) : &tables_.lists.plain(dims_[i]);
      if (lists_[i]->empty()) return;
    }
    least_cycles_ = q == dealt_.dim ? in_both.back().cycles
                                    : dealt_.cycles * tables_.lists.least_cycles(q, s_.clusters);
    for (int d = 0; d < free_dims; ++d) {
      if (d != q && d != dealt_.dim) least_cycles_ *= f_.outputs(d);
    }
    least_cycles_ *= f_.layer.window;
    tile_range all;
    for (const int d : dims_) all.most.tile[d] = f_.outputs(d);
    descend(0, all);
  }

 private:
  /// The candidates of a dimension that is parallel inside. On a narrow NoC one for each class: its
  /// timed choices are those of all tiles of the class.
  const std::vector<candidate>* parallel_list(int q) {
    const std::vector<candidate>& all = tables_.lists.parallel(q, s_.clusters);
    if (!is_timed_) return &all;
    one_a_class_.clear();
    for (const candidate& c : all) {
      if (one_a_class_.empty() || one_a_class_.back().step_class != c.step_class) {
        one_a_class_.push_back(c);
      }
    }
    return &one_a_class_;
  }

  void add_bounds(bool is_filter, std::optional<ingress_bounds>& own, const ingress_bounds*& used) {
    const auto d = static_cast<std::size_t>(dealt_.dim);
    const auto& shared = is_filter ? tables_.shared_filter[d] : tables_.shared_input[d];
    if (shared.empty()) own.emplace(f_, tables_.lists, dealt_, is_filter);
    used = shared.empty() ? &*own : &shared.front();
  }

  /// Chooses candidates for dims_[depth] and those behind it.
  void descend(int depth, const tile_range& chosen) {
    upper_ = std::min(upper_, proof_.wanted());
    if (depth == axes - 1) return scan(chosen);
    for (const candidate& c : *lists_[depth]) {
      if (depth == 0 && is_over()) return;
      const tile_range next = with(chosen, dims_[depth], c);
      if (fits_l2(next.least) && !is_settled(next)) descend(depth + 1, next);
    }
  }

  /// Chooses a candidate for a dimension.
  tile_range with(tile_range tiles, int d, const candidate& c) {
    tiles.least.tile[d] = c.tile;
    tiles.most.tile[d] = tables_.lists.classes(d)[c.step_class].tiles.back();
    tiles.least.steps[d] = tiles.most.steps[d] = c.steps;
    tiles_[static_cast<std::size_t>(d)] = &c;
    class_[static_cast<std::size_t>(d)] = c.step_class;
    return tiles;
  }

  /// Looks at all candidates for the last dimension: at those that the bounds without an order do
  /// not settle together, for each order, then at what is left one by one.
  void scan(const tile_range& chosen) {
    const int d = dims_[axes - 1];
    left_.clear();
    for (const candidate& c : *lists_[axes - 1]) {
      const tile_range next = with(chosen, d, c);
      if (!fits_l2(next.least)) continue;
      ++found_.vectors;
      if (is_timed_ && is_settled(next)) continue;  // before its choices are listed
      const movement bound = bound_without_order(next);
      if (bound.output < f_.totals.output_elems) continue;  // test 3, for all tiles of the classes
      if (!is_above(bound)) left_.push_back(&c);
    }
    if (needs_orders_) settle_by_orders(chosen);
    for (const candidate* c : left_) {
      const tile_range next = with(chosen, d, *c);
      if (is_timed_) {
        timed_leaf(next);
      } else {
        leaf(next.least);
      }
    }
  }

  /// Takes those from left_ that no order makes better than the best known.
  void settle_by_orders(const tile_range& chosen) {
    const int d = dims_[axes - 1];
    const auto many = std::ranges::count_if(left_, [](auto* c) { return c->steps > 1; });
    if (many < 4) return;
    least_sent_.assign(left_.size(), std::numeric_limits<double>::infinity());
    for (const loop_order& order : orders_of(chosen.least, core::bit(d))) {
      const axis_traffic input(f_, dealt_, chosen.least, order, d, false);
      const axis_traffic filter(f_, dealt_, chosen.least, order, d, true);
      for (std::size_t i = 0; i < left_.size(); ++i) {
        const auto tile = static_cast<double>(left_[i]->tile);
        const auto steps = static_cast<double>(left_[i]->steps);
        least_sent_[i] = std::min(least_sent_[i],
                                  std::max(input.at(tile, steps), input_elems_) +
                                      std::max(filter.at(tile, steps), filter_elems_));
      }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      const candidate& c = *left_[i];
      if (c.steps == 1 || !is_above_sent(with(chosen, d, c), least_sent_[i])) {
        left_[kept++] = left_[i];
      }
    }
    left_.resize(kept);
  }

  /// Whether no mapping with these tiles that has L2 send at least so much beats the best known.
  bool is_above_sent(const tile_range& tiles, double sent) {
    movement m = bound_without_order(tiles);
    m.input = static_cast<number>(sent) - f_.totals.filter_elems;
    m.filter = f_.totals.filter_elems;
    // How a sum is split between input and filter may change the last bits of some objectives.
    const double value = value_of(f_, m) * (1 - 1e-13);
    if (value < upper_) return false;
    found_.least = std::min(found_.least, value);
    return true;
  }

  /// The orders that differ where a dimension with one step may stand anywhere.
  const std::vector<loop_order>& orders_of(const outer_tiles& tiles, unsigned moving = 0) const {
    moving |= core::bit(dealt_.dim);
    for (int d = 0; d < free_dims; ++d) {
      if (tiles.steps[d] > 1) moving |= core::bit(d);
    }
    return f_.orders[moving];
  }

  movement bound_without_order(const tile_range& tiles) {
    movement m{f_.fastest,
               input_->at(class_),
               filter_->at(class_),
               egress(f_, dealt_, tiles.least)};
    if (!is_timed_) {
      m.runtime = std::max(m.runtime, runtime_of(tiles.least, least_cycles_));
      return m;
    }
    number least = std::numeric_limits<number>::max();
    for (const timed_choice& c : timed_choices_of_class()) {
      least = std::min(least, timed_runtime(tiles.least, c));
    }
    m.runtime = std::max(m.runtime, least);
    m.runtime = by_noc(tiles, m);
    return m;
  }

  /// The runtime by M7 to M9.
  number by_noc(const tile_range& tiles, const movement& m) const {
    return least_runtime_by_noc(f_, dealt_, tiles, f_.clusters[s_.clusters].high, m);
  }

  bool is_over() {
    found_.is_complete = found_.is_complete && !proof_.is_over();
    return !found_.is_complete;
  }

  bool fits_l2(const outer_tiles& tiles) const {
    const number limit = f_.problem.space.l2_size_elems;
    return limit == unlimited || 2 * first_step(f_, dealt_, tiles) <= limit;
  }

  /// Whether no mapping with the tiles chosen so far beats the best known. Those not chosen count
  /// as one step of the smallest tile.
  bool is_settled(const tile_range& tiles) {
    const number runtime = runtime_of(tiles.least, least_cycles_);
    const number output = std::max(f_.totals.output_elems, egress(f_, dealt_, tiles.least));
    movement m{std::max(f_.fastest, runtime),
               f_.totals.input_elems,
               f_.totals.filter_elems,
               output};
    // Without a head more steps may take fewer cycles by these bounds.
    if (is_timed_ && f_.head > 0) m.runtime = by_noc(tiles, m);
    return is_above(m);
  }

  /// Whether a bound is no lower than the best known; the least such bound is kept.
  bool is_above(const movement& bound) {
    const double value = value_of(f_, bound);
    if (value < upper_) return false;
    found_.least = std::min(found_.least, value);
    return true;
  }

  /// Whether a choice fits L1 beside the inner tiles of the others.
  bool fits_beside(const inner_choice& choice) const {
    number inner[free_dims] = {1, 1, 1, 1};
    for (int d = 0; d < free_dims; ++d) {
      const candidate* c = tiles_[static_cast<std::size_t>(d)];
      if (c != nullptr) inner[d] = c->least_inner;
    }
    inner[dealt_.dim] = least_inner(dealt_.dim, dealt_.tile);
    inner[q_] = choice.tile;
    return std::ranges::min(inner) > 0 && fits_l1(f_, inner);
  }

  /// The choice of the fewest cycles that fits.
  const inner_choice* fitting_choice() const {
    const auto& choices =
        q_ == dealt_.dim ? *choices_ : tiles_[static_cast<std::size_t>(q_)]->choices;
    for (auto c = choices.rbegin(); c != choices.rend(); ++c) {
      if (fits_beside(*c)) return &*c;
    }
    return nullptr;
  }

  number least_inner(int d, number tile) const {
    const auto i = static_cast<std::size_t>(d);
    const auto at = std::ranges::lower_bound(f_.tiles[i], tile) - f_.tiles[i].begin();
    return f_.least_inner[i][static_cast<std::size_t>(at)];
  }

  number runtime_of(const outer_tiles& tiles, number cycles) const {
    return maestro_proof::runtime_of(f_, dealt_, tiles, cycles);
  }

  number cycles_of(const inner_choice& choice) const {
    return work_cycles(f_, dealt_, q_, choice.cycles);
  }

  number timed_runtime(const outer_tiles& tiles, const timed_choice& c) const {
    return maestro_proof::timed_runtime(f_, dealt_, tiles, q_, c);
  }

  /// The choices of all tiles of the class of the dimension that is parallel inside.
  const std::vector<timed_choice>& timed_choices_of_class() {
    const auto own = static_cast<std::size_t>(q_);
    if (q_ == dealt_.dim) return timed_choices_of({&dealt_.tile, 1});
    return timed_choices_of(tables_.lists.classes(q_)[class_[own]].tiles);
  }

  const std::vector<timed_choice>& timed_choices_of(std::span<const number> outer) {
    const auto [at, is_new] = timed_.try_emplace({outer.front(), outer.back()});
    if (is_new) {
      at->second = timed_choices(f_,
                                 q_,
                                 outer,
                                 f_.clusters[s_.clusters],
                                 q_ == dealt_.dim ? &dealt_ : nullptr);
    }
    return at->second;
  }

  /// A mapping that waits for a narrow NoC may take longer, and pass.
  bool fails_test_2(number runtime) const { return f_.is_wide && runtime < f_.fastest; }

  void leaf(const outer_tiles& tiles) {
    movement bound = bound_without_order({tiles, tiles});
    if (is_above(bound)) return;
    const inner_choice* choice = fitting_choice();
    if (choice == nullptr) return;
    const number runtime = runtime_of(tiles, cycles_of(*choice));
    bound.runtime = std::max(runtime, f_.fastest);
    if (is_above(bound)) return;
    is_too_fast_ = fails_test_2(runtime);
    for (const loop_order& order : orders_of(tiles)) price(tiles, *choice, order, bound);
  }

  /// On a narrow NoC: the tile of the dimension that is parallel inside is one of its class, those
  /// of the others are the smallest of theirs.
  void timed_leaf(const tile_range& tiles) {
    const movement without_order = bound_without_order(tiles);
    if (is_above(without_order)) return;
    if (every_mapping_) return every_mapping_->look_at(q_, class_);
    is_too_fast_ = false;
    for (const timed_choice& c : timed_choices_of_class()) {
      tile_range own = tiles;
      if (q_ != dealt_.dim) own.least.tile[q_] = own.most.tile[q_] = c.outer_tile;
      const inner_choice choice{c.cycles, c.inner_tile, c.cluster_size};
      if (!fits_l2(own.least) || !fits_beside(choice)) continue;
      movement bound = without_order;
      bound.runtime = std::max(f_.fastest, timed_runtime(own.least, c));
      bound.runtime = by_noc(own, bound);
      if (is_above(bound)) continue;
      for (const loop_order& order : orders_of(own.least)) price(own, choice, order, bound);
    }
  }

  void price(const outer_tiles& tiles,
             const inner_choice& choice,
             const loop_order& order,
             const movement& m) {
    price(tile_range{tiles, tiles}, choice, order, m);
  }

  void price(const tile_range& range,
             const inner_choice& choice,
             const loop_order& order,
             movement m) {
    ++found_.orders;
    const outer_tiles& tiles = range.least;
    const number input = ingress(f_, dealt_, tiles, order, false);
    const number filter = ingress(f_, dealt_, tiles, order, true);
    m.input = std::max(input, f_.totals.input_elems);
    m.filter = std::max(filter, f_.totals.filter_elems);
    if (is_timed_) m.runtime = by_noc(range, m);
    if (is_above(m)) return;
    const bool moves_enough = m.input == input && m.filter == filter;
    if (moves_enough && !is_too_fast_) {
      settle(tiles, choice, order, m);
    } else {
      ++found_.suspects;
      enumerate_classes(tiles, order, moves_enough);
    }
  }

  void settle(const outer_tiles& tiles,
              const inner_choice& choice,
              const loop_order& order,
              const movement& m) {
    winner w;
    w.outer_parallel = dealt_.dim;
    w.inner_parallel = q_;
    w.cluster_size = choice.cluster_size;
    w.order = order;
    w.inner_order = f_.inner_orders[0].front();
    for (int d = 0; d < free_dims; ++d) {
      w.outer_tile[d] = d == dealt_.dim ? dealt_.tile : tiles.tile[d];
      w.inner_tile[d] = d == q_ ? choice.tile : least_inner(d, w.outer_tile[d]);
    }
    const double bound = value_of(f_, m);
    const double value = offer_winner(f_, w, m, f_.is_wide, proof_);
    found_.least = std::min(found_.least, bound);
    if (f_.is_wide || value == bound) upper_ = std::min(upper_, proof_.wanted());
  }

  /// The candidates of the smallest tiles are implausible with an order, but cheap: larger tiles
  /// of the same classes move more and may be plausible and still cheap. Where they move enough
  /// and are too fast, only the tile of the dimension that is parallel inside can help.
  void enumerate_classes(const outer_tiles& least, const loop_order& order, bool moves_enough) {
    outer_tiles most = least;
    for (int i = 0; i < axes; ++i) {
      const int d = dims_[i];
      if (moves_enough && d != q_) continue;
      most.tile[d] = tables_.lists.classes(d)[class_[static_cast<std::size_t>(d)]].tiles.back();
    }
    enlarge(0, least, most, order);
  }

  /// Tiles of the classes between two vectors, those before dims_[depth] being chosen.
  void enlarge(int depth,
               const outer_tiles& least,
               const outer_tiles& most,
               const loop_order& order) {
    if (!fits_l2(least)) return;
    movement m;
    m.output = egress(f_, dealt_, least);
    m.input = std::max(ingress(f_, dealt_, least, order, false), f_.totals.input_elems);
    m.filter = std::max(ingress(f_, dealt_, least, order, true), f_.totals.filter_elems);
    m.runtime = std::max(f_.fastest, runtime_of(least, least_cycles_));
    if (is_above(m)) return;
    if (ingress(f_, dealt_, most, order, false) < f_.totals.input_elems) return;
    if (ingress(f_, dealt_, most, order, true) < f_.totals.filter_elems) return;
    if (depth == axes) return price_enlarged(least, order, m);
    const int d = dims_[depth];
    const auto& tiles = tables_.lists.classes(d)[class_[static_cast<std::size_t>(d)]].tiles;
    auto t = std::ranges::lower_bound(tiles, least.tile[d]);
    for (; t != tiles.end() && *t <= most.tile[d]; ++t) {
      outer_tiles next_least = least, next_most = most;
      next_least.tile[d] = next_most.tile[d] = *t;
      enlarge(depth + 1, next_least, next_most, order);
    }
  }

  void price_enlarged(const outer_tiles& tiles, const loop_order& order, movement m) {
    const choice_of_tiles kept = tiles_;
    std::array<candidate, free_dims> own;
    bool has_inner = true;
    for (int i = 0; i < axes; ++i) {
      const auto d = static_cast<std::size_t>(dims_[i]);
      own[d].tile = tiles.tile[dims_[i]];
      if (dims_[i] != q_) own[d].least_inner = least_inner(dims_[i], own[d].tile);
      has_inner = has_inner && (dims_[i] == q_ || own[d].least_inner > 0);
      tiles_[d] = &own[d];
    }
    if (has_inner) price_choices(tiles, order, m);
    tiles_ = kept;
  }

  /// The fewest cycles that fit L1 and pass test 2.
  void price_choices(const outer_tiles& tiles, const loop_order& order, movement m) {
    if (is_timed_) return price_timed_choices(tiles, order, m);
    for (const inner_choice& choice : choices_for(tiles)) {
      const number runtime = runtime_of(tiles, cycles_of(choice));
      if (fails_test_2(runtime) || !fits_beside(choice)) continue;
      m.runtime = std::max(runtime, f_.fastest);
      if (!is_above(m)) settle(tiles, choice, order, m);
      return;
    }
  }

  void price_timed_choices(const outer_tiles& tiles, const loop_order& order, movement m) {
    const number tile = q_ == dealt_.dim ? dealt_.tile : tiles.tile[q_];
    for (const timed_choice& c : timed_choices_of({&tile, 1})) {
      const inner_choice choice{c.cycles, c.inner_tile, c.cluster_size};
      if (!fits_beside(choice)) continue;
      m.runtime = std::max(f_.fastest, timed_runtime(tiles, c));
      m.runtime = by_noc({tiles, tiles}, m);
      if (!is_above(m)) settle(tiles, choice, order, m);
    }
  }

  /// The choices of the dimension that is parallel inside, the fewest cycles first. Those that take
  /// more cycles than needed count only where fewer may fail test 2.
  const std::vector<inner_choice>& choices_for(const outer_tiles& tiles) {
    const bool in_both = q_ == dealt_.dim;
    const number tile = in_both ? dealt_.tile : tiles.tile[q_];
    const auto [at, is_new] = choices_of_tile_.try_emplace(tile);
    if (!is_new) return at->second;
    const cluster_range& clusters = f_.clusters[s_.clusters];
    const outer_split* outer = in_both ? &dealt_ : nullptr;
    if (dealt_.has_time) {
      at->second = inner_choices(f_, q_, tile, clusters, outer);
      std::ranges::reverse(at->second);
    } else {
      at->second = all_inner_choices(f_, q_, tile, clusters, outer);
    }
    return at->second;
  }

  const proof_tables& tables_;
  const facts& f_;
  const subtree& s_;
  const outer_split& dealt_;
  proof& proof_;
  opening& found_;
  std::optional<every_mapping> every_mapping_;  ///< prices what bounds leave of a vector
  std::optional<ingress_bounds> own_input_;
  std::optional<ingress_bounds> own_filter_;
  const ingress_bounds* input_ = nullptr;
  const ingress_bounds* filter_ = nullptr;
  static constexpr int axes = free_dims - 1;
  int dims_[axes] = {};  ///< all but the outer parallel one, in the order of choosing
  int q_ = 0;
  const std::vector<inner_choice>* choices_ = nullptr;  ///< where q is parallel in both levels
  const std::vector<candidate>* lists_[axes] = {};
  std::map<number, std::vector<inner_choice>> choices_of_tile_;  ///< see choices_for
  /// By the smallest and the largest outer tile.
  std::map<std::pair<number, number>, std::vector<timed_choice>> timed_;
  std::vector<candidate> one_a_class_;  ///< see parallel_list
  std::vector<const candidate*> left_;  ///< see scan
  std::vector<double> least_sent_;      ///< of each of them
  double input_elems_ = 0;
  double filter_elems_ = 0;
  bool is_too_fast_ = false;  ///< the choice of the fewest cycles fails test 2
  bool is_timed_ = false;     ///< the runtime counts, and mappings may wait for the NoC
  bool needs_orders_ = true;  ///< false where the objective does not depend on L2's ingress
  number least_cycles_ = 0;   ///< of all mappings parallel in q inside
  choice_of_tiles tiles_{};
  std::array<std::size_t, free_dims> class_{};
  double upper_ = std::numeric_limits<double>::infinity();
};

}  // namespace

opening open_subtree(const proof_tables& tables, const subtree& s, proof& p, bool one_by_one) {
  const facts& f = tables.all;
  const outer_split dealt = split_outer(f, s.dim, f.clusters[s.clusters].clusters, s.tile);
  opening found;
  subtree_walk walk(tables, s, dealt, p, found, one_by_one);
  const bool any_inner = !depends_on_runtime(f) && f.has_free_inner && dealt.has_time &&
                         f.may_be_parallel(1, s.dim) &&
                         !inner_choices(f, s.dim, s.tile, f.clusters[s.clusters], &dealt).empty();
  for (int q = 0; q < free_dims; ++q) {
    // Parallel in one dimension in both levels leaves all other tiles free: where the runtime does
    // not count, nothing else can do better.
    if (f.may_be_parallel(1, q) && (!any_inner || q == s.dim)) walk.walk(q);
  }
  found.holds_for_larger = any_inner && found.is_complete && found.suspects == 0 &&
                           egress(f, dealt, {}) >= f.totals.output_elems;
  return found;
}

}  // namespace cugamma::maestro_proof
