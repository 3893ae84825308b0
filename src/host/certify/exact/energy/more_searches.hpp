#pragma once

#include <atomic>
#include <cstdint>

#include "certify/engine.hpp"
#include "certify/exact/question.hpp"
#include "certify/proof.hpp"

namespace cugamma::exact {

/// Genetic searches from other beginnings than that of the mapping a proof starts with: the better
/// the mapping, the fewer parts of the space are opened. Any thread may call any member.
class more_searches {
 public:
  more_searches(const certify_problem& problem, const question& q, proof& p);

  /// Searches on as many threads until that has not helped for a while.
  void run(int threads);

  /// One more search, unless those before have long been in vain.
  void run_one();

 private:
  static constexpr int at_least = 4, in_vain = 4, most_in_vain = 8;

  void search(int number);

  const certify_problem& problem_;
  const question& question_;
  proof& proof_;
  std::atomic<int> count_ = 0;        ///< searches that were begun
  std::atomic<int> last_better_ = 0;  ///< the number of the last one that found a better mapping
};

}  // namespace cugamma::exact
