#include "search/breeding/breeding_engine.hpp"

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/threads/for_each_index.hpp"

namespace cugamma {
namespace {

constexpr std::uint32_t max_attempts = 24;
/// Populations from here on draw each individual once: selection does the choosing that a handful
/// of draws for each does in small ones.
constexpr std::int64_t chooses_itself = 4096;

operators::drawing drawing_of(const breeding_options& options) {
  const double guided = options.guided_draws * static_cast<double>(options.population);
  return {static_cast<std::uint32_t>(options.population),
          static_cast<std::uint32_t>(std::ceil(guided)),
          options.population < chooses_itself ? 16 : 1};
}

}  // namespace

std::vector<const breeding_lanes*> usable_breeding_lanes() {
  std::vector<const breeding_lanes*> usable{&breeding_single};
#if HWY_ARCH_X86_64
  const auto targets = hwy::SupportedTargets();
  if ((targets & HWY_AVX2) != 0) usable.push_back(&breeding_avx2);
  if ((targets & HWY_AVX3) != 0) usable.push_back(&breeding_avx512);
#endif
  return usable;
}

breeding_engine::breeding_engine(const search_space& space,
                                 const breeding_rates& rates,
                                 const breeding_options& options)
    : plan_(make_breeding_plan(space, rates)),
      options_(options),
      lanes_(space.pes_max <= most_pes_in_lanes ? usable_breeding_lanes().back()
                                                : &breeding_single),
      seen_(static_cast<std::size_t>(options.population)) {}

std::size_t breeding_engine::make_generation(std::span<const genome> parents,
                                             std::int64_t generation,
                                             std::span<const genome> first,
                                             std::span<genome> children) {
  proposal_job job;
  job.plan = &plan_;
  job.parents = parents.data();
  job.parent_count = static_cast<std::uint32_t>(parents.size());
  job.immigrants = chance_of(options_.immigrants);
  job.draws = drawing_of(options_);
  job.seed = options_.seed;
  job.generation = static_cast<std::uint32_t>(generation);
  propose(job, {}, children);
  for (std::size_t i = 0; i < std::min(first.size(), children.size()); ++i) {
    children[i] = first[i];
    identities_[i] = identity_of(first[i], plan_.space);
  }
  is_new_.resize(children.size());
  seen_.insert(identities_, is_new_);
  list_kept(
      children.size(),
      [&](std::size_t i) { return is_new_[i] == 0; },
      [](std::size_t i) { return static_cast<std::uint32_t>(i); },
      pending_);
  replace_known(job, children);
  return remove_pending(children);
}

/// Makes individuals; no numbers mean 0, 1, 2 and so on.
void breeding_engine::propose(proposal_job& job,
                              std::span<const std::uint32_t> individuals,
                              std::span<genome> out) {
  identities_.resize(out.size());
  for_each_block(out.size(), proposal_block, [&](std::size_t begin, std::size_t end) {
    std::uint32_t numbers[proposal_block];
    std::iota(numbers, numbers + (end - begin), static_cast<std::uint32_t>(begin));
    const std::uint32_t* who = individuals.empty() ? numbers : &individuals[begin];
    lanes_->propose(job, who, end - begin, &out[begin], &identities_[begin]);
  });
}

/// Proposes others in the place of those that were known; in the end drawn ones.
void breeding_engine::replace_known(proposal_job& job, std::span<genome> children) {
  for (job.attempt = 1; job.attempt < max_attempts && !pending_.empty(); ++job.attempt) {
    if (job.attempt > max_attempts / 2) {
      job.parent_count = 0;
      job.draws.guided_below = 0;
    }
    others_.resize(pending_.size());
    is_new_.resize(pending_.size());
    propose(job, pending_, others_);
    seen_.insert(identities_, is_new_);
    for_each_index(others_.size(), [&](std::size_t i) {
      if (is_new_[i] != 0) children[pending_[i]] = others_[i];
    });
    list_kept(
        others_.size(),
        [&](std::size_t i) { return is_new_[i] == 0; },
        [&](std::size_t i) { return pending_[i]; },
        still_pending_);
    pending_.swap(still_pending_);
  }
}

/// Closes the places that stay empty; returns how many individuals there are.
std::size_t breeding_engine::remove_pending(std::span<genome> children) const {
  if (pending_.empty()) return children.size();
  auto next = pending_.begin();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (next != pending_.end() && *next == i) {
      ++next;
    } else {
      children[kept++] = children[i];
    }
  }
  return kept;
}

}  // namespace cugamma
