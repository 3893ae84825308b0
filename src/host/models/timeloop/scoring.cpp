#include "cugamma/models/timeloop/scoring.hpp"

#include <cassert>

#include "cugamma/models/timeloop/explain.hpp"
#include "models/timeloop/closed/price.hpp"
#include "models/timeloop/elements.hpp"
#include "models/timeloop/figures_cost.hpp"
#include "models/timeloop/simple/score.hpp"

namespace cugamma::timeloop {

struct scorer::tables {
  architecture accelerator;
  problem work;
  closed::tables closed;

  bool score_simple(const genome& g, cost& out) const;
  cost explained(const genome& g) const;
};

bool scorer::tables::score_simple(const genome& g, cost& out) const {
  simple::host_rows rows;
  const simple::host_genome in(g);
  if (closed.shape.num_tensors <= 3) return simple::score<3>(closed, in, rows, out);
  return simple::score<max_tensors>(closed, in, rows, out);
}

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
  element_lists elements;
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    if (tables_->closed.may_be_simple && tables_->score_simple(genomes[i], costs[i])) continue;
    if (!closed::score(genomes[i], tables_->closed, elements, costs[i])) {
      costs[i] = tables_->explained(genomes[i]);
    }
  }
}

}  // namespace cugamma::timeloop
