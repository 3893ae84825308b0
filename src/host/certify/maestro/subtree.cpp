#include "certify/maestro/subtree.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "search/threads/for_each_index.hpp"

namespace cugamma::maestro_proof {
namespace {

unsigned tensor_of(const facts& f, bool is_filter) {
  return is_filter ? f.layer.tensors.filter : f.layer.tensors.input;
}

/// Products of the factors that dimensions have without being parallel anywhere.
number product_without(const facts& f, int p, int q) {
  number product = f.layer.window;
  for (int d = 0; d < free_dims; ++d) product *= d == p || d == q ? 1 : f.outputs(d);
  return product;
}

/// The least runtime of a subtree's mappings; 0 if it has none.
number least_runtime(const proof_tables& tables, const outer_split& dealt, std::size_t clusters) {
  const facts& f = tables.all;
  number least = 0;
  for (int q = 0; q < free_dims; ++q) {
    if (!f.may_be_parallel(1, q)) continue;
    number work = product_without(f, dealt.dim, q);
    if (q == dealt.dim) {
      work *= least_inner_cycles(f, q, dealt.tile, f.clusters[clusters], &dealt);
    } else {
      work *= dealt.cycles * tables.lists.least_cycles(q, clusters);
    }
    if (work > 0 && (least == 0 || work < least)) least = work;
  }
  return least == 0 ? 0 : std::max(f.fastest, least + f.head * (dealt.rounds + 1));
}

double bound_of(const proof_tables& tables, const outer_split& dealt, std::size_t clusters) {
  const facts& f = tables.all;
  movement least;
  least.runtime = least_runtime(tables, dealt, clusters);
  if (least.runtime == 0) return std::numeric_limits<double>::infinity();
  least.input = f.totals.input_elems;
  least.filter = f.totals.filter_elems;
  least.output = std::max(f.totals.output_elems, egress(f, dealt, {}));
  return value_of(f, least);
}

}  // namespace

ingress_bounds::ingress_bounds(const facts& f,
                               const candidate_lists& lists,
                               const outer_split& dealt,
                               bool is_filter) {
  const unsigned tensor = tensor_of(f, is_filter);
  const auto& orders = f.orders[(tensor | core::bit(dealt.dim)) & (f.orders.size() - 1)];
  std::vector<int> dims;
  std::size_t count = 1;
  for (int d = 0; d < free_dims; ++d) {
    if (d == dealt.dim || !core::has(tensor, d)) continue;
    dims.push_back(d);
    stride_[static_cast<std::size_t>(d)] = count;
    count *= lists.classes(d).size();
  }
  least_.resize(count);
  const number whole = is_filter ? f.totals.filter_elems : f.totals.input_elems;
  for_each_block(count, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      outer_tiles tiles;
      for (const int d : dims) {
        const auto& classes = lists.classes(d);
        const step_class& k = classes[i / stride_[static_cast<std::size_t>(d)] % classes.size()];
        tiles.tile[d] = k.tiles.front();
        tiles.steps[d] = k.steps;
      }
      number least = std::numeric_limits<number>::max();
      for (const loop_order& order : orders) {
        least = std::min(least, ingress(f, dealt, tiles, order, is_filter));
      }
      least_[i] = std::max(least, whole);
    }
  });
}

proof_tables::proof_tables(const facts& f, const proof& p) : all(f), lists(f, p) {
  for (int d = 0; d < free_dims; ++d) {
    if (!f.may_be_parallel(0, d)) continue;
    // A tensor that the parallel dimension does not index sees of it how often it goes on, which
    // is least where that loop is innermost, or one round.
    const outer_split one_round = split_outer(f, d, 1, f.outputs(d));
    const auto i = static_cast<std::size_t>(d);
    for (const bool is_filter : {false, true}) {
      if (core::has(tensor_of(f, is_filter), d)) continue;
      auto& shared = is_filter ? shared_filter[i] : shared_input[i];
      shared.emplace_back(f, lists, one_round, is_filter);
    }
  }
}

std::vector<subtree> list_subtrees(const proof_tables& tables) {
  const facts& f = tables.all;
  std::vector<subtree> all;
  for (int d = 0; d < free_dims; ++d) {
    if (!f.may_be_parallel(0, d)) continue;
    for (std::size_t i = 0; i < f.clusters.size(); ++i) {
      for (const number tile : f.tiles[static_cast<std::size_t>(d)]) {
        all.push_back({d, i, tile, false, std::numeric_limits<double>::infinity()});
      }
    }
  }
  for_each_index(all.size(), [&](std::size_t i) {
    subtree& s = all[i];
    const outer_split dealt = split_outer(f, s.dim, f.clusters[s.clusters].clusters, s.tile);
    s.counts_right = dealt.counts_right;
    s.factors = traffic_factors_of(dealt);
    if (s.counts_right) s.bound = bound_of(tables, dealt, s.clusters);
  });
  std::ranges::stable_sort(all, {}, [](const subtree& s) {
    const number sum = std::accumulate(s.factors.begin(), s.factors.end(), number{0});
    return std::tuple(!s.counts_right, s.bound, sum);
  });
  return all;
}

}  // namespace cugamma::maestro_proof
