#pragma once

#include <span>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "mapping/operators/breeding.hpp"

namespace cugamma {

/// How vectors of keys in [0, 1] stand for the mappings of a space: choices by equal shares of the
/// range, a loop order by sorting a key for each dimension, sizes by the number of even parts on a
/// logarithmic scale (docs/optimisers.md). What a space fixes has no key. Whatever the keys, the
/// mapping is a member of the space: it ends in the repair of bred individuals.
class encoding {
 public:
  /// `fit_buffers`: shrink until tiles fit L1 and L2.
  encoding(const search_space& space, bool fit_buffers);

  /// Keys that a vector has, at least one.
  int size() const { return size_; }

  /// A pure function of the keys. precondition: keys.size() == size()
  genome decode(std::span<const double> keys) const;

 private:
  breeding_plan plan_;
  bool fit_buffers_;
  int size_;
};

}  // namespace cugamma
