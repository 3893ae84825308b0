#include <thrust/execution_policy.h>

#include <algorithm>

#include "families/device_families.hpp"
#include "stream_allocator.hpp"

namespace cugamma {

std::optional<numbered_mapping> device_families::best_of(const family_batch& b,
                                                         objective by,
                                                         std::size_t at_once,
                                                         score_pipeline& pipeline) {
  const cuda_stream& s = pipeline.stream();
  const std::uint64_t all = send(b, s);
  const auto families = static_cast<std::uint32_t>(b.families.size());
  const family_input here{b.families.data(), numbers_.data(), families, &b.orders};
  const family_input there{families_.data(), first_.data(), families, orders_.data()};
  stream_allocator allocator{s.get()};
  const auto policy = thrust::cuda::par_nosync(allocator).on(s.get());
  keyed_number best;
  std::optional<numbered_mapping> found;
  for (std::uint64_t from = 0; from < all; from += at_once) {
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(all - from, at_once));
    const resident_population p = pipeline.score_made(count, [&](genome* to) {
      write_mappings(policy, there, from, count, to);
    });
    const key_of_scored key{by, accelerators_.data(), p.genomes, p.costs, from};
    const keyed_number better = best_number(policy, key, count, best);
    if (better.key == best.key) continue;
    best = better;
    found = {best.number,
             here.at(best.number),
             pipeline.resident_cost(static_cast<std::size_t>(best.number - from))};
  }
  return found;
}

/// Sends the families; returns how many mappings they have.
std::uint64_t device_families::send(const family_batch& b, const cuda_stream& s) {
  numbers_.clear();
  std::uint64_t all = 0;
  for (const order_family& f : b.families) {
    numbers_.push_back(all);
    all += size_of(f);
  }
  families_.reserve(b.families.size(), s);
  first_.reserve(numbers_.size(), s);
  orders_.reserve(1, s);
  upload(b.families, families_, s);
  upload<std::uint64_t>(numbers_, first_, s);
  upload(std::span(&b.orders, 1), orders_, s);
  accelerators_.update(
      b.accelerators,
      [](const accelerator& a) { return a; },
      s);
  s.synchronize();
  return all;
}

}  // namespace cugamma
