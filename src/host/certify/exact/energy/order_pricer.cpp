#include "certify/exact/energy/order_pricer.hpp"

#include <algorithm>

#include "cugamma/models/cost_model.hpp"

namespace cugamma::exact {
namespace {

/// Mappings that keep a back end busy: all cores, or a device.
constexpr std::uint64_t enough_for_host = 1 << 6, enough_for_device = 1 << 21;

/// Dimensions of which a level makes several steps, as bits.
std::array<unsigned, 2> dimensions_of_several_steps(const question& q, const point& p) {
  std::array<unsigned, 2> several{};
  for (std::size_t level = 0; level < 2; ++level) {
    for (int d = 0; d < free_dims; ++d) {
      const std::int32_t box = level == 0 ? q.size[at(d)] : p.tile[0][at(d)];
      const std::int32_t units = p.parallel[level] == d ? p.units[level] : 1;
      if (std::int64_t{p.tile[level][at(d)]} * units < box) several[level] |= 1u << d;
    }
  }
  return several;
}

/// Of orders that differ in loops of one step alone, one.
std::uint32_t different(const std::vector<four_dims>& orders,
                        std::uint32_t among,
                        unsigned several) {
  std::vector<std::uint32_t> seen;
  std::uint32_t kept = 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if ((among >> i & 1) == 0) continue;
    std::uint32_t loops = 1;
    for (const int d : orders[i]) {
      if ((several >> d & 1) != 0) loops = loops << dimension_bits | static_cast<unsigned>(d);
    }
    if (std::ranges::find(seen, loops) != seen.end()) continue;
    seen.push_back(loops);
    kept |= 1u << i;
  }
  return kept;
}

}  // namespace

order_pricer::order_pricer(const question& q, proof& p, const std::string& back_end, int threads)
    : q_(q),
      proof_(p),
      scores_(make_evaluator(back_end, {.threads = threads, .model = &find_cost_model("exact")})),
      enough_(scores_->runs_on_host() ? enough_for_host : enough_for_device) {
  for (std::size_t level = 0; level < 2; ++level) {
    const std::vector<four_dims>& allowed = q.orders[level].allowed;
    for (std::size_t i = 0; i < allowed.size(); ++i) {
      table_.order[level][i] = loops_of(q, level, allowed[i]);
    }
  }
}

std::uint64_t order_pricer::add(const point& p, std::uint32_t outer_orders, double bound) {
  const std::optional<genome> base = genome_of(q_, p);
  if (!base) return 0;
  order_family f{*base, {}};
  f.base.layer_index = f.base.accelerator_index = 0;
  const std::array<unsigned, 2> several = dimensions_of_several_steps(q_, p);
  const std::uint32_t all = (1u << q_.orders[1].allowed.size()) - 1;
  f.orders = {different(q_.orders[0].allowed, outer_orders, several[0]),
              different(q_.orders[1].allowed, all, several[1])};
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(f);
  count_ += size_of(f);
  bound_ = std::min(bound_, bound);
  if (count_ >= enough_) price();
  return size_of(f);
}

void order_pricer::flush() {
  const std::scoped_lock lock(mutex_);
  price();
}

double order_pricer::bound() const {
  const std::scoped_lock lock(mutex_);
  return bound_;
}

void order_pricer::price() {
  const family_batch all{{&q_.target, 1}, {&q_.machine, 1}, waiting_, table_};
  if (const auto best = scores_->evaluate_families(all, q_.goal)) {
    genome g = best->mapping;
    g.layer_index = q_.layer_index;
    g.accelerator_index = q_.accelerator_index;
    proof_.offer(
        g,
        cugamma::value(q_.goal, scored_mapping{best->figures, q_.machine, pes_of(g, q_.machine)}));
  }
  waiting_.clear();
  count_ = 0;
  bound_ = std::numeric_limits<double>::infinity();
}

}  // namespace cugamma::exact
