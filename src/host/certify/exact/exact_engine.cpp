#include "certify/exact/exact_engine.hpp"

#include "certify/exact/energy/energy_proof.hpp"
#include "certify/exact/floors.hpp"
#include "certify/exact/latency_proof.hpp"
#include "certify/exact/question.hpp"

namespace cugamma {
namespace {

engine_result prove(const certify_problem& problem, proof& p, bool wants_records) {
  const exact::question q = exact::make_question(problem);
  if (exact::search_obstacle(problem.space)) {
    p.raise(exact::floor_of(q, problem.space));
    return {.subtrees = 0, .opened = 0, .records = {}, .has_certificate = false};
  }
  const auto prove_by_ranges = [&] { return exact::prove_energy(problem, q, p, wants_records); };
  if (q.has_energy) return prove_by_ranges();
  engine_result of_bounds = exact::prove_latency(q, p, wants_records);
  if (q.has_exact_cycles || p.is_over()) return of_bounds;
  const double lower = p.lower();
  engine_result of_mappings = prove_by_ranges();
  return p.lower() > lower ? of_mappings : of_bounds;
}

}  // namespace

const certify_engine exact_engine{.model = "exact",
                                  .obstacle = exact::question_obstacle,
                                  .prove = prove};

}  // namespace cugamma
