#pragma once

#include <limits>
#include <memory>
#include <mutex>
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
  order_pricer(const question& q, proof& p, const std::string& back_end, int threads);

  /// Mappings of a point with these orders of level 0 (bits of q.orders[0].allowed), all of level
  /// 1, none with a value below `bound`. They are priced once there are enough of them.
  /// Returns how many mappings these are.
  std::uint64_t add(const point& p, std::uint32_t outer_orders, double bound);

  /// Prices what waits.
  void flush();

  /// No mapping that waits has a lower value; infinite if none does.
  double bound() const;

 private:
  void price();

  const question& q_;
  proof& proof_;
  std::unique_ptr<evaluator> scores_;
  std::uint64_t enough_;
  order_table table_;
  mutable std::mutex mutex_;
  std::vector<order_family> waiting_;
  std::uint64_t count_ = 0;
  double bound_ = std::numeric_limits<double>::infinity();
};

}  // namespace cugamma::exact
