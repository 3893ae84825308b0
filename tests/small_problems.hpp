#pragma once

#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

/// Layers and an accelerator that several tests search on.
namespace cugamma {

inline layer make_layer(layer_type type, int k, int c, int y, int x, int r, int s) {
  layer l;
  l.size = {k, c, y, x, r, s, 1, 1};
  l.type = type;
  return l;
}

inline layer vgg16_8() { return make_layer(layer_type::conv, 512, 256, 28, 28, 3, 3); }

/// The accelerator of GAMMA's run_gamma.sh.
inline accelerator small_machine() {
  accelerator a;
  a.num_pes = 168;
  a.l1_size_elems = 512;
  a.l2_size_elems = 108000;
  return a;
}

}  // namespace cugamma
