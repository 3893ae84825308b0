#include "models/maestro/maestro_model.hpp"

#include <algorithm>
#include <array>

#include "models/maestro/cpu/maestro_scoring.hpp"
#include "models/maestro/maestro_columns.hpp"
#include "models/maestro/maestro_device.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma {
namespace {

// Layers of every type and accelerators of every size: what cannot be mapped is illegal, not beyond
// the model.
std::optional<std::string> obstacle(const layer&, const accelerator& a) {
  if (a.cluster_buffer_elems == unlimited) return std::nullopt;
  return "a limit of the cluster buffers, which maestro does not size";
}

report explain(const layer& l, const accelerator& a, const mapping& m) {
  const maestro_report all = evaluate_reference(l, a, m);
  report r{all.figures, {}};
  if (!is_legal(all.figures.status)) return r;
  for (const maestro_column& c : maestro_columns) r.values.push_back(c.value(all));
  return r;
}

cost price(const layer& l, const accelerator& a, const mapping& m) {
  return evaluate_reference(l, a, m).figures;
}

const std::array columns = [] {
  std::array<report_column, maestro_column_count + 1> all;
  std::ranges::transform(maestro_columns, all.begin(), &maestro_column::column);
  return all;
}();

// The four tests of plausibility, docs/model.md.
constexpr std::array doubts{
    doubt{.bit = implausible_macs,
          .name = "macs",
          .rejected_key = "implausible_macs",
          .passes = "counts the layer's MACs",
          .fails = "MACs differ from the layer's",
          .rejected = "with a wrong total of MACs",
          .needs_unit_stride = true},
    doubt{.bit = implausible_runtime,
          .name = "runtime",
          .rejected_key = "implausible_runtime",
          .passes = "no faster than the PEs",
          .fails = "faster than the PEs",
          .rejected = "faster than the PEs allow"},
    doubt{.bit = implausible_traffic,
          .name = "l2_traffic",
          .rejected_key = "implausible_traffic",
          .passes = "L2 moves each tensor at least once",
          .fails = "L2 moves less than a tensor",
          .rejected = "that move less than a tensor"},
    doubt{.bit = implausible_inner_work,
          .name = "inner_work",
          .rejected_key = "implausible_inner_work",
          .passes = "inner levels count their tiles' MACs",
          .fails = "an inner level miscounts its tile",
          .rejected = "with wrong MACs in an inner level",
          .rejects_from = belief::strict},
};

constexpr std::array objectives{
    extra_objective{"maestro-energy", "the energy column of MAESTRO's CSV, which GAMMA reads"},
    extra_objective{"maestro-edp", "that energy times the latency"},
};

constexpr std::array formats{mapping_format{"MAESTRO mapping file", ".m"}};

}  // namespace

const cost_model maestro_model{
    .name = "maestro",
    .about = "MAESTRO's analytical model, figure for figure, with its miscounts reported as doubts",
    .obstacle = obstacle,
    .explain = explain,
    .price = price,
    .make_scoring = make_maestro_scoring,
    .make_device_scoring = make_maestro_device_scoring,
    .searches_unit_stride = true,
    .second_energy = "maestro_energy_nj",
    .columns = columns,
    .doubts = doubts,
    .objectives = objectives,
    .formats = formats};

}  // namespace cugamma
