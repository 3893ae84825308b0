#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/mapping/mapping.hpp"
#include "cugamma/models/belief.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/report.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

class host_scoring;
class device_scoring;

/// A reason not to believe a model's figures of a mapping: a test that they fail.
struct doubt {
  std::uint32_t bit = 0;          ///< of cost::status, within implausible_mask
  std::string_view name;          ///< of the test: "macs"
  std::string_view rejected_key;  ///< of the count of rejected mappings in result.json
  std::string_view passes;        ///< what a mapping that passes does: "counts the layer's MACs"
  std::string_view fails;     ///< what a failing mapping is told: "MACs differ from the layer's"
  std::string_view rejected;  ///< after a count of mappings: "with a wrong total of MACs"
  bool needs_unit_stride = false;           ///< the test is off for strided layers
  belief rejects_from = belief::plausible;  ///< plausible, or strict for strict searches alone
};
inline constexpr int max_doubts = 4;

/// An objective that one model offers besides the common ones.
struct extra_objective {
  std::string_view name;  ///< as --objective takes it
  std::string_view about;
};

/// A format in which a model reads or writes mappings.
struct mapping_format {
  std::string_view name;       ///< "MAESTRO mapping file"
  std::string_view extension;  ///< ".m"
};

/// A cost model: what a mapping of a layer onto an accelerator costs. A row of the registry
/// (src/host/models/registry.cpp); docs/cost-models.md tells how to add one.
struct cost_model {
  std::string_view name;   ///< as --cost-model takes it
  std::string_view about;  ///< one sentence

  /// Why the model cannot hold a layer or an accelerator; nothing if it can.
  std::optional<std::string> (*obstacle)(const layer& l, const accelerator& a) = nullptr;

  /// The model's plain reference, on the host. An illegal mapping has only figures.status.
  /// preconditions: no obstacle; num_pes, simd_lanes, noc_bw and offchip_bw are at least 1
  report (*explain)(const layer& l, const accelerator& a, const mapping& m) = nullptr;

  /// The cost alone, as explain gives it. Same preconditions.
  cost (*price)(const layer& l, const accelerator& a, const mapping& m) = nullptr;

  /// Makes the model's scoring in bulk on the host, which the cpu back end runs (see
  /// src/host/models/host_scoring.hpp); null: the model has its reference alone.
  std::unique_ptr<host_scoring> (*make_scoring)() = nullptr;

  /// Makes the model's scoring in bulk on a device, which the cuda back end runs (see
  /// src/kernels/device_scoring.hpp); null: the model has no kernels. The same in builds without
  /// CUDA, where it is never called.
  std::unique_ptr<device_scoring> (*make_device_scoring)() = nullptr;
  /// A search maps the unit-stride form of a strided layer in its place.
  bool searches_unit_stride = false;
  /// Parallel dimensions that a cluster level may have.
  int most_parallel_dimensions = 2;
  /// What cost::second_energy_nj is, as columns of front.csv name it.
  std::string_view second_energy = {};
  /// See search_space::counts_exact_sizes.
  bool counts_exact_sizes = false;

  std::span<const report_column> columns;
  std::span<const doubt> doubts;  ///< at most max_doubts
  std::span<const extra_objective> objectives;
  std::span<const mapping_format> formats;
};

/// A cost model whose problems, machines and mappings are its own, as files of its own describe
/// them; commands for layers and accelerators do not take it. The other kind of row of the
/// registry.
struct file_cost_model {
  std::string_view name;   ///< as --cost-model takes it
  std::string_view about;  ///< one sentence
  std::string_view files;  ///< what it reads in place of networks, accelerators and mapping files
};

/// The model of every call that names none.
inline constexpr std::string_view default_cost_model = "maestro";

/// The model of searches that name none: its figures are those of the loop nest.
inline constexpr std::string_view default_search_model = "exact";

/// The layer that a search with a model maps in place of another: the same, or its unit-stride
/// form.
layer searched_form(const cost_model& model, const layer& l);

/// All cost models of layers on accelerators, the default one first.
std::span<const cost_model* const> cost_models();

/// All cost models with files of their own.
std::span<const file_cost_model* const> file_cost_models();

/// A cost model of layers on accelerators by name. Throws input_error that lists all names for an
/// unknown one, and says of one with files of its own what it reads.
const cost_model& find_cost_model(std::string_view name);

/// A cost model with files of its own by name; null: there is none.
const file_cost_model* find_file_cost_model(std::string_view name);

/// Lets cost_models() and find_cost_model() know one more model, which must outlive the program.
/// Throws input_error if its name is taken. Not to be called while other threads look models up.
void register_cost_model(const cost_model& model);

/// The value of a column; nothing if the model has none of this name or the mapping is illegal.
std::optional<double> find_value(const cost_model& model, const report& r, std::string_view column);

/// The status bits for which a search that trusts a model so far turns mappings away.
std::uint32_t rejecting_bits(const cost_model& model, belief trust);

/// Whether such a search turns mappings away for a doubt.
bool is_rejecting(const doubt& d, belief trust);

/// What a status says, for people: the reasons of all bits that are set, the lowest first:
/// {"tile exceeds dim", ...}.
std::vector<std::string> reasons(std::uint32_t status, const cost_model& model);
std::vector<std::string> reasons(std::uint32_t status);  ///< of the default model

}  // namespace cugamma
