#include "cugamma/models/timeloop/scoring.hpp"

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>

#include "cugamma/models/timeloop/explain.hpp"
#include "models/lane_sets.hpp"
#include "models/timeloop/closed/price.hpp"
#include "models/timeloop/elements.hpp"
#include "models/timeloop/figures_cost.hpp"
#include "models/timeloop/lanes/lane_score.hpp"

namespace cugamma::timeloop {

namespace {

const timeloop_lanes& usable_lanes() {
#if HWY_ARCH_X86_64
  return widest_lanes({&lanes_base, &lanes_avx2, &lanes_avx512});
#else
  return lanes_base;
#endif
}

/// Mappings that are scored in lanes before any that these leave over.
constexpr std::size_t most_at_once = 256;

}  // namespace

struct scorer::tables {
  architecture accelerator;
  problem work;
  closed::tables closed;

  cost explained(const genome& g) const;
};

/// What the reference says, for mappings whose traffic has more records than closed::traffic holds.
cost scorer::tables::explained(const genome& g) const {
  const figures f = explain(accelerator, work, decode(g, closed.shape));
  if (f.why == rejection::breakdown) return closed::broken_down();
  closed::nest n;
  closed::read_nest(g, closed, n);
  const cost c = closed::check(closed, g, n);
  return c.why == rejection::none ? cost_of(f) : c;
}

scorer::scorer(const architecture& a, const problem& p)
    : tables_(new tables{a, p, closed::make_tables(a, p)}) {}
scorer::~scorer() = default;
scorer::scorer(scorer&&) noexcept = default;
scorer& scorer::operator=(scorer&&) noexcept = default;

const genome_shape& scorer::shape() const { return tables_->closed.shape; }

void scorer::score(std::span<const genome> genomes, std::span<cost> costs) const {
  assert(costs.size() >= genomes.size());
  std::array<std::uint32_t, most_at_once> left;
  element_lists elements;
  for (std::size_t first = 0; first < genomes.size(); first += most_at_once) {
    const auto some = genomes.subspan(first, std::min(most_at_once, genomes.size() - first));
    const auto out = costs.subspan(first, some.size());
    std::size_t num_left = some.size();
    if (tables_->closed.may_be_simple) {
      num_left = usable_lanes().score(tables_->closed, some, out, left);
    } else {
      std::iota(left.begin(), left.begin() + num_left, 0u);
    }
    for (const std::uint32_t i : std::span(left).first(num_left)) {
      if (closed::score(some[i], tables_->closed, elements, out[i])) continue;
      out[i] = tables_->explained(some[i]);
    }
  }
}

}  // namespace cugamma::timeloop
