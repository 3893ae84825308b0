#include "certify/exact/exact_engine.hpp"

#include "certify/exact/latency_proof.hpp"
#include "certify/exact/question.hpp"

namespace cugamma {
namespace {

std::optional<std::string> obstacle(const certify_problem& p) {
  if (p.goal != objective::latency) return "under the exact cost model only latency can be proved";
  return exact::question_obstacle(p);
}

engine_result prove(const certify_problem& problem, proof& p, bool) {
  const exact::question q = exact::make_question(problem);
  return exact::prove_latency(q, p);
}

}  // namespace

const certify_engine exact_engine{.model = "exact", .obstacle = obstacle, .prove = prove};

}  // namespace cugamma
