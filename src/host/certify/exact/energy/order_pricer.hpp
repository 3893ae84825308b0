#pragma once

#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "certify/exact/question.hpp"
#include "certify/proof.hpp"
#include "cugamma/evaluate/evaluator.hpp"

namespace cugamma::exact {

/// Prices mappings that may wait for a NoC, of which no bound tells enough: all loop orders that
/// are left of them, many at once, on a back end. Better ones are offered to the proof. Any thread
/// may call any member.
class order_pricer {
 public:
  /// Throws backend_error if the back end cannot run here.
  order_pricer(const question& q, proof& p, const std::string& back_end);

  /// Mappings of a point with these orders of level 0 (bits of q.orders[0].allowed), all of level
  /// 1, none with a value below `bound`. They are priced once there are enough of them.
  /// Returns how many mappings these are.
  std::uint64_t add(const point& p, std::uint32_t outer_orders, double bound);

  /// Prices what waits.
  void flush();

  /// No mapping that waits, or is priced just now, has a lower value; infinite if there is none.
  double bound() const;

 private:
  struct batch {
    std::vector<order_family> families;
    std::uint64_t count = 0;  ///< of mappings
    double bound = std::numeric_limits<double>::infinity();
  };

  void price(std::unique_lock<std::mutex> lock);

  const question& q_;
  proof& proof_;
  const std::string back_end_;
  std::uint64_t enough_;
  order_table table_;
  mutable std::mutex mutex_;
  batch waiting_;
  std::multiset<double> priced_now_;  ///< bounds of the batches
  /// Those that price nothing; each thread that prices takes one. A device has one alone.
  std::vector<std::unique_ptr<evaluator>> idle_;
  std::condition_variable returned_;
  bool runs_on_host_;
};

}  // namespace cugamma::exact
