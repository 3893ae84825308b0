#include <thrust/execution_policy.h>

#include <algorithm>

#include "device_ranker.hpp"
#include "rank_passes.hpp"
#include "stream_allocator.hpp"

namespace cugamma {
std::vector<ranked_mapping> device_ranker::rank(std::span<const accelerator> accelerators,
                                                const resident_population& p,
                                                const ranking_rule& rule,
                                                std::size_t count,
                                                const cuda_stream& s) {
  count = std::min<std::size_t>(count, p.count);
  if (count == 0) return {};
  accelerators_.update(
      accelerators,
      [](const accelerator& a) { return a; },
      s);
  const rank_input in{accelerators_.data(), p.genomes, p.costs, p.count, rule};
  keys_.reserve(in.count, s);
  order_.reserve(in.count, s);
  duplicate_.reserve(in.count, s);
  best_indices_.reserve(count, s);
  best_costs_.reserve(count, s);
  staged_indices_.reserve(count);
  staged_costs_.reserve(count);

  stream_allocator allocator{s.get()};
  const auto policy = thrust::cuda::par_nosync(allocator).on(s.get());
  const rank_scratch at{keys_.data(), order_.data(), duplicate_.data()};
  rank_population(policy, in, at);
  take_best(policy,
            in,
            at,
            static_cast<std::uint32_t>(count),
            best_indices_.data(),
            best_costs_.data());
  download(best_indices_, staged_indices_.first(count), s);
  download(best_costs_, staged_costs_.first(count), s);
  s.synchronize();
  return ranked_mappings(staged_indices_.first(count), staged_costs_.first(count));
}

}  // namespace cugamma
