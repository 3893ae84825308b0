#include "certify/machine_latencies.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "certify/exact/latency_proof.hpp"
#include "certify/exact/question.hpp"
#include "certify/on_threads.hpp"

namespace cugamma {

certify_problem problem_on(const network_search_request& request,
                           const layer& mapped,
                           const accelerator& machine) {
  certify_problem problem;
  accelerator roomy = machine;
  roomy.l1_size_elems = roomy.l2_size_elems = unlimited;
  problem.space = space_on(request, mapped, roomy);
  problem.space.l1_size_elems = machine.l1_size_elems;
  problem.space.l2_size_elems = machine.l2_size_elems;
  problem.machine = machine;
  problem.goal = objective::latency;
  return problem;
}

latencies::latencies(const network_search_request& request, int threads)
    : request_(request), shapes_(list_shapes(request)), threads_(threads) {
  counts_.resize(shapes_.layers.size());
  for (std::size_t i = 0; i < request.layers.size(); ++i) {
    counts_[shapes_.shape_of[i]] += static_cast<double>(request.layers[i].count);
  }
  accelerator any = request.machine;
  any.l1_size_elems = any.l2_size_elems = unlimited;
  for (const layer& l : shapes_.layers) {
    const exact::question q = exact::make_question(problem_on(request, l, any));
    const std::int64_t least = q.buffer_for({1, 1, 1, 1});
    l1_elems_ = std::max(l1_elems_, least);
    most_l2_elems_ = std::max(most_l2_elems_, q.buffer_for(q.size));
    least_pes_ = std::max(least_pes_, q.least_cluster);
    is_exact_ = is_exact_ && q.has_exact_cycles;
    work_.push_back(static_cast<double>(layer_macs(l)));
  }
  known_.resize(shapes_.layers.size());
}

double latencies::taken() const {
  return of_network([&](std::size_t shape) { return found_[shape].taken; });
}

double latencies::floor() const {
  return of_network([&](std::size_t shape) { return found_[shape].cycles; });
}

std::vector<double> latencies::floors() const {
  std::vector<double> all;
  for (const fastest& f : found_) all.push_back(f.cycles);
  return all;
}

double latencies::least(std::int32_t pes) const {
  return of_network([&](std::size_t shape) { return least_of(shape, pes); });
}

double latencies::of(std::int32_t pes,
                     std::int64_t l2_elems,
                     double most,
                     const std::function<bool()>& is_over) {
  const accelerator machine = machine_of(pes, l2_elems);
  found_.assign(work_.size(), {});
  for (std::size_t i = 0; i < work_.size(); ++i) found_[i].cycles = least_of(i, pes);
  std::atomic<std::size_t> next = 0;
  std::atomic<double> sum = least(pes);
  on_threads(threads_, [&](int) {
    for (std::size_t i = next++; i < work_.size() && sum <= most && !is_over(); i = next++) {
      found_[i] = prove(i, machine);
      sum += counts_[i] * (found_[i].cycles - least_of(i, pes));
    }
  });
  if (!std::ranges::all_of(found_, [](const fastest& f) { return f.best.has_value(); })) {
    return infinite;
  }
  return floor() <= most ? floor() : infinite;
}

void latencies::search(std::int32_t pes,
                       std::int64_t l2_elems,
                       const std::function<bool()>& is_over) {
  for (std::size_t i = 0; i < found_.size() && !is_over(); ++i) {
    if (found_[i].taken == found_[i].cycles) continue;
    network_search_request asked = request_;
    asked.layers = {{shapes_.names[i], shapes_.layers[i], 1}};
    asked.machine = machine_of(pes, l2_elems);
    asked.search_pes = false;
    asked.search.objectives = {objective::latency};
    asked.search.limits = {};
    asked.area_budget_mm2 = 0;
    asked.search.area_budget_um2 = infinite;
    asked.stop = {};
    asked.stop.evaluations = request_.stop.evaluations;
    asked.stop.interrupted = is_over;
    const searched_layer found = search_network(asked).layers.front();
    if (!found.best || found.best->figures.status != 0) continue;
    const double taken = static_cast<double>(found.best->figures.runtime_cycles);
    if (taken >= found_[i].taken) continue;
    found_[i] = priced(i, asked.machine, found_[i].cycles, found.best->mapping);
  }
}

accelerator latencies::machine_of(std::int32_t pes, std::int64_t l2_elems) const {
  accelerator machine = request_.machine;
  machine.num_pes = pes;
  machine.l1_size_elems = l1_elems_;
  machine.l2_size_elems = l2_elems;
  return machine;
}

fastest latencies::priced(std::size_t shape,
                          const accelerator& machine,
                          double cycles,
                          const genome& best) const {
  const mapping m = to_mapping(best, shapes_.layers[shape]);
  const report r = request_.search.model->explain(shapes_.layers[shape], machine, m);
  return {cycles, best, static_cast<double>(r.figures.runtime_cycles), r.figures.l2_size_elems};
}

double latencies::of_network(const std::function<double(std::size_t)>& of_shape) const {
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) sum += counts_[i] * of_shape(i);
  return sum;
}

double latencies::least_of(std::size_t shape, std::int32_t pes) const {
  return std::ceil(work_[shape] / pes);
}

fastest latencies::prove(std::size_t shape, const accelerator& machine) {
  std::vector<known_latency>& known = known_[shape];
  // A bound of one L2 says less of a smaller one.
  std::erase_if(known, [&](const known_latency& k) {
    return k.pes != machine.num_pes || (!is_exact_ && k.l2_elems != machine.l2_size_elems);
  });
  for (const known_latency& k : known) {
    if (machine.l2_size_elems <= k.l2_elems && machine.l2_size_elems >= k.found.l2_elems) {
      return k.found;
    }
  }
  const certify_problem problem = problem_on(request_, shapes_.layers[shape], machine);
  proof p{{}};
  // On narrow NoCs bounds alone: they hold for accelerators with any L1.
  exact::prove_latency(exact::make_question(problem), p, false);
  fastest f{p.lower(), {}, infinite, 0};
  if (const auto best = p.best()) {
    f = priced(shape, machine, p.lower(), *best);
    known.push_back({machine.num_pes, machine.l2_size_elems, f});
  }
  return f;
}

}  // namespace cugamma
