#include <cassert>

#include "search/optimisers/proposers.hpp"

namespace cugamma {

bool has_pagmo() { return false; }

std::unique_ptr<proposer> make_pagmo_proposer(std::string_view,
                                              const search_space&,
                                              const search_options&) {
  assert(false);
  return nullptr;
}

}  // namespace cugamma
