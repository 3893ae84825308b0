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
  if (!q.has_energy && !q.has_exact_cycles) {
    engine_result result = exact::prove_latency(q, p, wants_records);
    if (p.is_over()) return result;
    return exact::prove_energy(q, p, problem.back_end, problem.threads, wants_records);
  }
  return q.has_energy ? exact::prove_energy(q, p, problem.back_end, problem.threads, wants_records)
                      : exact::prove_latency(q, p, wants_records);
}

}  // namespace

const certify_engine exact_engine{.model = "exact",
                                  .obstacle = exact::question_obstacle,
                                  .prove = prove};

}  // namespace cugamma
