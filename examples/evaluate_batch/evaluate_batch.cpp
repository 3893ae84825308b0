#include <cstdio>
#include <cugamma/evaluate/evaluator.hpp>
#include <cugamma/formats/mapping_file.hpp>
#include <cugamma/mapping/to_genome.hpp>
#include <vector>

constexpr const char* mapping_text = R"(Network net { Layer conv { Type: CONV
  Dimensions { K: 64, C: 64, Y: 58, X: 58, R: 3, S: 3 }
  Dataflow {
    SpatialMap(1,1) Y'; TemporalMap(8,8) K; TemporalMap(4,4) C;
    TemporalMap(56,56) X'; TemporalMap(3,3) R; TemporalMap(3,3) S;
    Cluster(8, P);
    SpatialMap(1,1) K; TemporalMap(1,1) C; TemporalMap(1,1) Y';
    TemporalMap(1,1) X'; TemporalMap(3,3) R; TemporalMap(3,3) S;
  } } })";

int main() {
  using namespace cugamma;
  const named_mapping conv = parse_mapping_file(mapping_text, "conv").layers[0];
  const accelerator chip{.num_pes = 168};
  std::vector<genome> candidates(4, to_genome(conv.l, *conv.m).value());
  for (int i = 0; i < 4; ++i) set_tile(candidates[i], 0, dimension::K, 8 << i);
  std::vector<cost> costs(candidates.size());
  make_evaluator("auto")->evaluate({{&conv.l, 1}, {&chip, 1}, candidates}, costs);
  for (const cost& c : costs)
    std::printf("%lld cycles, status %u\n", static_cast<long long>(c.runtime_cycles), c.status);
}
