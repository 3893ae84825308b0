#include "certify/exact/energy/climb.hpp"

#include <limits>
#include <vector>

#include "numbers/random.hpp"

namespace cugamma::exact {
namespace {

class climber {
 public:
  climber(const question& q, incumbent& best, std::uint64_t seed)
      : q_(q), best_(best), random_(seed, 0, 0), weights_(weights_of(q)) {
    for (int d = 0; d < free_dims; ++d) {
      for (std::size_t level = 0; level < 2; ++level) {
        if (contains(q.parallel[level], d)) allowed_[level].push_back(d);
      }
    }
  }

  /// Climbs from a random mapping, then again and again from the best so far with a part of it
  /// drawn anew.
  void run(const std::function<bool()>& is_over) {
    begin();
    ascend(is_over);
    for (int in_vain = 0; in_vain < patience && !is_over(); ++in_vain) {
      const state before = here_;
      const auto terms = terms_;
      const double known = value_;
      disturb();
      ascend(is_over);
      if (value_ < known) {
        in_vain = 0;
      } else if (value_ > known) {
        here_ = before;
        terms_ = terms;
        value_ = known;
      }
    }
    settle();
  }

 private:
  struct state {
    std::array<four_sizes, 2> tile{};
    std::array<int, 2> parallel{};
    std::int32_t cluster = 1;
  };

  static constexpr int patience = 60;

  void ascend(const std::function<bool()>& is_over) {
    for (bool better = true; better && !is_over();) {
      better = false;
      for (int d = 0; d < free_dims; ++d) better = turn_dimension(d) || better;
      better = turn_parallel() || better;
    }
  }

  void disturb() {
    for (int i = random_.between(1, 2); i > 0; --i) draw_tiles(random_.below(free_dims));
    for (const std::size_t level : {0u, 1u}) {
      if (random_.below(3) == 0) draw_parallel(level);
    }
    if (random_.below(3) == 0) draw_cluster();
    place();
  }

  void draw_parallel(std::size_t level) {
    here_.parallel[level] = allowed_[level][static_cast<std::size_t>(
        random_.below(static_cast<std::int32_t>(allowed_[level].size())))];
  }

  void draw_cluster() { here_.cluster = random_.between(q_.least_cluster, q_.largest_cluster); }

  void draw_tiles(int d) {
    for (const std::size_t level : {0u, 1u}) {
      const tile_bounds& rule = q_.tiles[level][at(d)];
      const std::int32_t above = level == 0 ? q_.size[at(d)] : here_.tile[0][at(d)];
      here_.tile[level][at(d)] = random_.between(rule.least_below(above), rule.most_below(above));
    }
  }

  void place() {
    shrink();
    for (int d = 0; d < free_dims; ++d) set_terms(d);
    value_ = value(std::numeric_limits<double>::infinity());
  }

  void begin() {
    here_ = {};
    for (int d = 0; d < free_dims; ++d) draw_tiles(d);
    for (const std::size_t level : {0u, 1u}) draw_parallel(level);
    draw_cluster();
    place();
  }

  /// Halves tiles until they fit; if they never do, value() is infinite.
  void shrink() {
    for (int i = 0; i < 64 && !q_.fits_l1(here_.tile[1]); ++i) {
      const auto d = at(random_.below(free_dims));
      here_.tile[1][d] = (here_.tile[1][d] + 1) / 2;
    }
    for (int i = 0; i < 128 && !q_.fits_l2(steps()); ++i) {
      const auto d = at(random_.below(free_dims));
      here_.tile[0][d] = std::max((here_.tile[0][d] + 1) / 2, here_.tile[1][d]);
    }
  }

  four_sizes steps() const {
    four_sizes all = here_.tile[0];
    std::int32_t& step = all[at(here_.parallel[0])];
    step = q_.step(here_.parallel[0], step, q_.machine.num_pes / here_.cluster);
    return all;
  }

  void set_terms(int d) {
    const std::int32_t outer = here_.parallel[0] == d ? q_.machine.num_pes / here_.cluster : 1;
    const std::int32_t inner = here_.parallel[1] == d ? here_.cluster : 1;
    terms_[at(d)] = terms_of(q_, d, {here_.tile[0][at(d)], outer, here_.tile[1][at(d)], inner});
  }

  four_terms all_terms() const { return {&terms_[0], &terms_[1], &terms_[2], &terms_[3]}; }

  /// limit: a value above it need not be exact.
  double value(double limit) const {
    four_sizes step;
    for (std::size_t d = 0; d < free_dims; ++d) step[d] = terms_[d].step;
    for (int d = 0; d < free_dims; ++d) {
      if (!q_.allows(d, here_.tile[0][at(d)], here_.tile[1][at(d)])) {
        return std::numeric_limits<double>::infinity();
      }
    }
    if (!q_.fits_l1(here_.tile[1]) || !q_.fits_l2(step)) {
      return std::numeric_limits<double>::infinity();
    }
    return open_price(q_, weights_, all_terms(), limit).least();
  }

  /// Keeps the state at hand if it is better; else goes back to `before`.
  bool keep_if_better(const state& before, const std::array<dimension_terms, free_dims>& terms) {
    const double now = value(value_);
    if (now < value_) {
      value_ = now;
      return true;
    }
    here_ = before;
    terms_ = terms;
    return false;
  }

  bool try_tiles(int d, std::int32_t outer, std::int32_t inner) {
    if (!q_.allows(d, outer, inner)) return false;
    const state before = here_;
    const auto terms = terms_;
    here_.tile[0][at(d)] = outer;
    here_.tile[1][at(d)] = inner;
    set_terms(d);
    return keep_if_better(before, terms);
  }

  /// All tiles of one level for the other's, and multiples of PEs' tiles.
  bool turn_dimension(int d) {
    bool better = false;
    const std::int32_t size = q_.size[at(d)];
    for (std::int32_t t = 1; t <= size; ++t) better |= try_tiles(d, t, here_.tile[1][at(d)]);
    for (std::int32_t t = 1; t <= here_.tile[0][at(d)]; ++t) {
      better |= try_tiles(d, here_.tile[0][at(d)], t);
    }
    for (int i = 0; i < 64; ++i) {
      const std::int32_t inner = random_.between(1, size);
      better |= try_tiles(d, inner * random_.between(1, size / inner), inner);
    }
    return better;
  }

  bool try_parallel(int outer, int inner, std::int32_t cluster) {
    const state before = here_;
    const auto terms = terms_;
    here_.parallel = {outer, inner};
    here_.cluster = cluster;
    for (int d = 0; d < free_dims; ++d) set_terms(d);
    return keep_if_better(before, terms);
  }

  bool turn_parallel() {
    bool better = false;
    for (const int outer : allowed_[0]) {
      for (const int inner : allowed_[1]) better |= try_parallel(outer, inner, here_.cluster);
    }
    for (std::int32_t c = q_.least_cluster; c <= q_.largest_cluster; ++c) {
      better |= try_parallel(here_.parallel[0], here_.parallel[1], c);
    }
    return better;
  }

  void settle() {
    if (value_ == std::numeric_limits<double>::infinity() || !best_.may_improve(value_)) return;
    point p;
    p.tile[1] = here_.tile[1];
    p.parallel = here_.parallel;
    const std::array<std::int32_t, 2> available{q_.machine.num_pes / here_.cluster, here_.cluster};
    const auto outer = at(p.parallel[0]), inner = at(p.parallel[1]);
    p.units[0] = std::min(available[0], ceil_div(q_.size[outer], here_.tile[0][outer]));
    p.units[1] = std::min(available[1], ceil_div(here_.tile[0][inner], here_.tile[1][inner]));
    best_.offer(p, all_terms(), open_price(q_, weights_, all_terms()));
  }

  const question& q_;
  incumbent& best_;
  random_stream random_;
  stream_weights weights_;
  std::array<std::vector<int>, 2> allowed_;
  state here_;
  std::array<dimension_terms, free_dims> terms_;
  double value_ = 0;
};

}  // namespace

void climb(const question& q,
           incumbent& best,
           std::uint64_t seed,
           const std::function<bool()>& is_over) {
  climber(q, best, seed).run(is_over);
}

}  // namespace cugamma::exact
