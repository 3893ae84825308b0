#include "certify/exact/energy/order_pricer.hpp"

#include <algorithm>
#include <utility>

#include "certify/exact/energy/distinct_orders.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma::exact {
namespace {

/// Mappings that keep a core's lanes busy, or a device. A better mapping is worth most early.
constexpr std::uint64_t enough_for_host = 1 << 6, enough_for_device = 1 << 21;

std::unique_ptr<evaluator> make_pricer(const std::string& back_end) {
  return make_evaluator(back_end, {.threads = 1, .model = &find_cost_model("exact")});
}

}  // namespace

order_pricer::order_pricer(const question& q, proof& p, const std::string& back_end)
    : q_(q), proof_(p), back_end_(back_end) {
  idle_.push_back(make_pricer(back_end));
  runs_on_host_ = idle_.front()->runs_on_host();
  enough_ = runs_on_host_ ? enough_for_host : enough_for_device;
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
  f.orders = {distinct_orders(q_.orders[0].allowed, outer_orders, several[0]),
              distinct_orders(q_.orders[1].allowed, all, several[1])};
  std::unique_lock lock(mutex_);
  waiting_.families.push_back(f);
  waiting_.count += size_of(f);
  waiting_.bound = std::min(waiting_.bound, bound);
  if (waiting_.count >= enough_) price(std::move(lock));
  return size_of(f);
}

void order_pricer::flush() { price(std::unique_lock(mutex_)); }

double order_pricer::bound() const {
  const std::scoped_lock lock(mutex_);
  return priced_now_.empty() ? waiting_.bound : std::min(waiting_.bound, *priced_now_.begin());
}

/// Prices what waits, without the lock, so that other threads go on.
void order_pricer::price(std::unique_lock<std::mutex> lock) {
  if (waiting_.families.empty()) return;
  const batch all = std::exchange(waiting_, {});
  const auto mine = priced_now_.insert(all.bound);
  if (idle_.empty() && runs_on_host_) idle_.push_back(make_pricer(back_end_));
  returned_.wait(lock, [&] { return !idle_.empty(); });
  std::unique_ptr<evaluator> scores = std::move(idle_.back());
  idle_.pop_back();
  lock.unlock();
  const family_batch families{{&q_.target, 1}, {&q_.machine, 1}, all.families, table_};
  if (const auto best = scores->evaluate_families(families, q_.goal)) {
    genome g = best->mapping;
    g.layer_index = q_.layer_index;
    g.accelerator_index = q_.accelerator_index;
    proof_.offer(
        g,
        cugamma::value(q_.goal, scored_mapping{best->figures, q_.machine, pes_of(g, q_.machine)}));
  }
  lock.lock();
  idle_.push_back(std::move(scores));
  priced_now_.erase(mine);
  returned_.notify_one();
}

}  // namespace cugamma::exact
