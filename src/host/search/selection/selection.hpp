#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "cugamma/evaluate/ranking.hpp"
#include "search/selection/distinct_pool.hpp"
#include "search/threads/for_each_index.hpp"
#include "search/threads/raw_vector.hpp"

namespace cugamma {

/// Finds what would stand at a place of a list of keys if it were sorted, in time linear in the
/// list. Keeps its memory from call to call.
class key_finder {
 public:
  /// precondition: place < keys.size()
  std::uint64_t key_at(std::span<const std::uint64_t> keys, std::size_t place) {
    if (keys.size() < worth_sampling || !find_between(keys, place, around(keys, place))) {
      between_.assign(keys.begin(), keys.end());
      find_in_between(place);
    }
    return found_;
  }

  /// A key that is at that place or a little further on; the highest of all if there are few.
  std::uint64_t key_near(std::span<const std::uint64_t> keys, std::size_t place) {
    const bool is_few = place >= keys.size() || keys.size() < worth_sampling;
    return is_few ? ~std::uint64_t{0} : around(keys, place).high;
  }

 private:
  static constexpr std::size_t samples = 4096;
  static constexpr std::size_t worth_sampling = 8 * samples;
  /// Keys of the sample that lie between two others on either side of the wanted one: three times
  /// what it strays by, at most sqrt(samples) / 2.
  static constexpr std::size_t margin = 96;

  struct bounds {
    std::uint64_t low;
    std::uint64_t high;
  };

  /// Two keys between which the wanted one almost surely is, from a sample.
  bounds around(std::span<const std::uint64_t> keys, std::size_t place) {
    const std::size_t step = keys.size() / samples;
    sample_.resize(samples);
    for (std::size_t i = 0; i < samples; ++i) sample_[i] = keys[i * step];
    const std::size_t middle = place / step;
    auto end = sample_.end();
    bounds b{0, ~std::uint64_t{0}};
    if (middle + margin < samples) {
      const auto high = sample_.begin() + static_cast<std::ptrdiff_t>(middle + margin);
      std::nth_element(sample_.begin(), high, end);
      b.high = *high;
      end = high;
    }
    if (middle >= margin) {
      const auto low = sample_.begin() + static_cast<std::ptrdiff_t>(middle - margin);
      std::nth_element(sample_.begin(), low, end);
      b.low = *low;
    }
    return b;
  }

  bool find_between(std::span<const std::uint64_t> keys, std::size_t place, bounds b) {
    const std::size_t below =
        count_indices(keys.size(), [&](std::size_t i) { return keys[i] < b.low; });
    if (place < below) return false;
    if (b.low == b.high) {
      found_ = b.low;
      return place < below + count_indices(
                                 keys.size(),
                                 [&](auto i) { return keys[i] == b.low; });
    }
    list_kept(
        keys.size(),
        [&](std::size_t i) { return b.low <= keys[i] && keys[i] <= b.high; },
        [&](std::size_t i) { return keys[i]; },
        between_);
    if (place - below >= between_.size()) return false;
    find_in_between(place - below);
    return true;
  }

  void find_in_between(std::size_t place) {
    const auto at = between_.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(between_.begin(), at, between_.end());
    found_ = *at;
  }

  std::vector<std::uint64_t> sample_;
  raw_vector<std::uint64_t> between_;
  std::uint64_t found_ = 0;
};

/// Picks the fittest of a pool in time linear in its size. Keeps its memory from call to call.
class selection {
 public:
  /// The `most` fittest, fewer if there are not so many different ones; in an order that depends on
  /// the pool alone. Valid until the next call.
  std::span<const std::uint32_t> best(distinct_pool& pool, std::size_t most) {
    chosen_.clear();
    if (most > 0) take_fittest(pool, fit_enough(pool, most), most);
    return chosen_;
  }

 private:
  /// Different members that hold the fittest: those up to a key that would be enough if members
  /// ranked the same as often as in the last pool; if it is not, up to a later one.
  std::span<const std::uint32_t> fit_enough(distinct_pool& pool, std::size_t most) {
    constexpr std::uint64_t last = distinct_pool::never - 1;
    const std::span<const std::uint64_t> keys = pool.keys();
    auto wanted = static_cast<std::size_t>(members_each_ * static_cast<double>(most));
    while (true) {
      const std::uint64_t high = std::min(finder_.key_near(keys, wanted), last);
      const std::span<const std::uint32_t> members = pool.different(high);
      members_each_ = static_cast<double>(pool.looked_at()) /
                      static_cast<double>(std::max<std::size_t>(members.size(), 1));
      if (members.size() >= most || high == last) return members;
      wanted *= 2;
    }
  }

  /// Chooses the `most` fittest of members, all if there are not more. What tells members apart is
  /// looked at one after the other: coarse_key, violation, values.
  void take_fittest(const distinct_pool& pool,
                    std::span<const std::uint32_t> members,
                    std::size_t most) {
    if (members.size() <= most) {
      chosen_.assign(members.begin(), members.end());
      return;
    }
    for (std::size_t level = 0; level < levels; ++level) {
      members = take_below(pool, members, level, most);
      if (members.size() < many || chosen_.size() + members.size() == most) break;
    }
    tied_.assign(members.begin(), members.end());
    const auto end = tied_.begin() + static_cast<std::ptrdiff_t>(most - chosen_.size());
    std::nth_element(tied_.begin(), end - 1, tied_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return pool.is_fitter(a, b);
    });
    std::sort(tied_.begin(), end);
    chosen_.insert(chosen_.end(), tied_.begin(), end);
  }

  /// Chooses the members that one key tells to be among the fittest; returns those of which it does
  /// not tell, one at least.
  std::span<const std::uint32_t> take_below(const distinct_pool& pool,
                                            std::span<const std::uint32_t> members,
                                            std::size_t level,
                                            std::size_t most) {
    keys_.resize(members.size());
    for_each_index(members.size(),
                   [&](std::size_t i) { keys_[i] = key_of(pool, members[i], level); });
    const std::uint64_t last_key = finder_.key_at(keys_, most - chosen_.size() - 1);
    const auto member = [&](std::size_t i) { return members[i]; };
    list_kept(
        members.size(),
        [&](std::size_t i) { return keys_[i] < last_key; },
        member,
        below_);
    list_kept(
        members.size(),
        [&](std::size_t i) { return keys_[i] == last_key; },
        member,
        undecided_[level % 2]);
    chosen_.insert(chosen_.end(), below_.begin(), below_.end());
    return undecided_[level % 2];
  }

  static std::uint64_t key_of(const distinct_pool& pool, std::uint32_t member, std::size_t level) {
    if (level == 0) return pool.keys()[member];
    const search_rank& f = pool.rank_of(member);
    return ordered_bits(level == 1 ? f.violation : f.values[level - 2]);
  }

  static constexpr std::size_t levels = 2 + std::tuple_size_v<objective_values>;
  /// Undecided members from here on are worth another key.
  static constexpr std::size_t many = 4096;

  key_finder finder_;
  double members_each_ = 1;  ///< members for each different one, in the last pool
  raw_vector<std::uint32_t> chosen_;
  raw_vector<std::uint64_t> keys_;
  raw_vector<std::uint32_t> below_;
  raw_vector<std::uint32_t> undecided_[2];
  raw_vector<std::uint32_t> tied_;
};

}  // namespace cugamma
