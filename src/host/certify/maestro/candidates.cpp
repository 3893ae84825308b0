#include "certify/maestro/candidates.hpp"

#include <algorithm>

#include "search/threads/for_each_index.hpp"

namespace cugamma::maestro_proof {
namespace {

std::vector<step_class> classes_of(const facts& f, int d) {
  std::vector<step_class> all;
  const auto& tiles = f.tiles[static_cast<std::size_t>(d)];
  for (auto t = tiles.rbegin(); t != tiles.rend(); ++t) {
    const number steps = (f.outputs(d) + *t - 1) / *t;
    if (all.empty() || all.back().steps != steps) all.push_back({steps, {}});
    all.back().tiles.push_back(*t);
  }
  for (step_class& k : all) std::ranges::reverse(k.tiles);
  return all;
}

number least_inner_of(const facts& f, int d, number tile) {
  const auto i = static_cast<std::size_t>(d);
  const auto found = std::ranges::lower_bound(f.tiles[i], tile);
  return f.least_inner[i][static_cast<std::size_t>(found - f.tiles[i].begin())];
}

/// Of a class: a larger tile only where its inner tile is smaller.
std::vector<candidate> plain_candidates(const facts& f,
                                        int d,
                                        const std::vector<step_class>& classes) {
  std::vector<candidate> all;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    number least = 0;
    for (const number t : classes[k].tiles) {
      const number inner = least_inner_of(f, d, t);
      if (inner == 0 || (least != 0 && inner >= least)) continue;
      least = inner;
      all.push_back({classes[k].steps, t, k, f.outputs(d), inner, {}});
    }
  }
  return all;
}

/// Of a class: a larger tile only where it takes fewer cycles; where inner tiles are ruled, every
/// one that some choice fits.
std::vector<candidate> parallel_candidates(const facts& f,
                                           int d,
                                           const std::vector<step_class>& classes,
                                           const cluster_range& clusters,
                                           const proof& p) {
  std::vector<candidate> all;
  for (std::size_t k = 0; k < classes.size() && !p.is_over(); ++k) {
    number least = 0;
    for (const number t : classes[k].tiles) {
      const bool may_gain =
          least == 0 || !f.has_free_inner || least_inner_cycles(f, d, t, clusters, nullptr) < least;
      if (!may_gain) continue;
      auto choices = inner_choices(f, d, t, clusters, nullptr);
      if (choices.empty()) continue;
      const number cycles = choices.back().cycles;
      if (f.has_free_inner && least != 0 && cycles >= least) continue;
      least = cycles;
      all.push_back({classes[k].steps, t, k, cycles, 0, std::move(choices)});
    }
  }
  return all;
}

}  // namespace

candidate_lists::candidate_lists(const facts& f, const proof& p) {
  for (int d = 0; d < free_dims; ++d) {
    classes_[at(d)] = classes_of(f, d);
    plain_[at(d)] = plain_candidates(f, d, classes_[at(d)]);
    parallel_[at(d)].resize(f.clusters.size());
    least_[at(d)].resize(f.clusters.size());
    if (!f.may_be_parallel(1, d)) continue;
    for_each_block(f.clusters.size(), 1, [&](std::size_t i, std::size_t) {
      auto& own = parallel_[at(d)][i];
      own = parallel_candidates(f, d, classes_[at(d)], f.clusters[i], p);
      if (own.empty()) return;
      least_[at(d)][i] = std::ranges::min_element(own, {}, &candidate::cycles)->cycles;
    });
  }
}

}  // namespace cugamma::maestro_proof
