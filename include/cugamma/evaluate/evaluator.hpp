#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/evaluate/objective.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/order_family.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/cost_model.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// What one call evaluates: every genome names its layer and accelerator by index into these
/// tables. Layers are as searched_form gives them.
struct batch {
  std::span<const layer> layers;
  std::span<const accelerator> accelerators;
  std::span<const genome> genomes;
};

/// Families of mappings, which are numbered one family after another; else as a batch. No family is
/// empty.
struct family_batch {
  std::span<const layer> layers;
  std::span<const accelerator> accelerators;
  std::span<const order_family> families;
  const order_table& orders;
};

/// The best mapping of families.
struct numbered_mapping {
  std::uint64_t number = 0;
  genome mapping;
  cost figures;
  friend constexpr bool operator==(const numbered_mapping&, const numbered_mapping&) = default;
};

/// What the last call of an evaluator did on a device; all zero for back ends that run on the host.
struct device_profile {
  std::string device;         ///< its name
  double kernel_seconds = 0;  ///< only with evaluator_options::profile
  std::int64_t uploaded_bytes = 0;
  std::int64_t downloaded_bytes = 0;
  int multiprocessors = 0;
  double clock_hz = 0;        ///< highest clock of the multiprocessors
  double memory_bytes_s = 0;  ///< peak bandwidth of the device's memory
};

struct evaluator_options;
struct ranking_rule;
struct ranked_mapping;

/// Scores batches of mappings. All back ends give the same bits for the same batch.
class evaluator {
 public:
  virtual ~evaluator() = default;
  evaluator() = default;
  evaluator(const evaluator&) = delete;
  evaluator& operator=(const evaluator&) = delete;

  /// "reference", "cpu" or "cuda".
  virtual std::string_view name() const = 0;

  /// Whether scoring takes the cores that its caller breeds with.
  virtual bool runs_on_host() const { return true; }

  /// Writes one cost for each genome. Throws input_error if out.size() differs from the genomes',
  /// if an index is out of range, or if a layer is one that genomes do not describe (batch, groups,
  /// ngconv, trconv; stride, where the cost model searches the unit-stride form); backend_error if
  /// the back end fails. Legal or not is a matter of each
  /// cost's status, never an exception.
  void evaluate(const batch& b, std::span<cost> out);

  /// Scores a batch and returns its best count mappings in the rule's order, without duplicates, as
  /// rank_best does (see ranking.hpp); a device sends back nothing else. Throws as evaluate does.
  std::vector<ranked_mapping> evaluate_best(const batch& b,
                                            const ranking_rule& rule,
                                            std::size_t count);

  /// Scores all mappings of families and returns the one with the least value of an objective among
  /// those of status 0, of equal ones the first; nothing if there is none. A device makes the
  /// mappings out of their numbers itself. Throws as evaluate does.
  std::optional<numbered_mapping> evaluate_families(const family_batch& b, objective by);

  /// Memory from which the back end reads genomes and to which it writes costs fastest, for as long
  /// as the program runs: page-locked where they cross a bus, which saves a copy each way. Any
  /// other memory will do, too. Allocating throws backend_error if there is none left.
  virtual std::pmr::memory_resource* memory() const { return std::pmr::new_delete_resource(); }

  /// Of the last call.
  virtual device_profile profile() const { return {}; }

 private:
  friend std::unique_ptr<evaluator> make_evaluator(std::string_view name,
                                                   const evaluator_options& options);
  void check_tables(const batch& b, std::size_t out_size) const;

  /// True if do_evaluate and do_evaluate_best report indices out of range themselves, by
  /// check_indices(), as they read the genomes. If false, the caller checks all indices first.
  virtual bool checks_indices_itself() const { return false; }
  virtual void do_evaluate(const batch& b, std::span<cost> out) = 0;
  virtual std::vector<ranked_mapping> do_evaluate_best(const batch& b,
                                                       const ranking_rule& rule,
                                                       std::size_t count);

  virtual std::optional<numbered_mapping> do_evaluate_families(const family_batch& b, objective by);

  bool takes_strides_ = false;
};

struct evaluator_options {
  int threads = 0;  ///< host threads, 0 = all cores
  /// Measure the time in kernels (device_profile::kernel_seconds); transfers then do not overlap.
  bool profile = false;
  /// Which of a back end's devices, by number from 0; below 0: the fastest.
  int device = -1;
  /// What mappings cost.
  const cost_model* model = &find_cost_model(default_cost_model);
};

/// Names of all back ends, those that cannot run here included, the fastest last.
std::vector<std::string> known_evaluators();

/// Whether a back end can score with a cost model, here or elsewhere. Throws input_error for an
/// unknown name.
bool has_cost_model(std::string_view name, const cost_model& model);

/// Why a back end cannot run on this machine or lacks a cost model, or nothing if it can score with
/// it here. Throws input_error for an unknown name.
std::optional<std::string> evaluator_obstacle(
    std::string_view name,
    const cost_model& model = find_cost_model(default_cost_model));

/// Names of the back ends that can score with a cost model on this machine now, the fastest last.
std::vector<std::string> available_evaluators(
    const cost_model& model = find_cost_model(default_cost_model));

/// How many devices of this machine a back end can run on, each with an evaluator of its own; 0 for
/// those that run on the host and for a back end that cannot run here. Throws input_error for an
/// unknown name.
int device_count(std::string_view name);

/// Makes a back end by name; "auto" takes the fastest available that has the cost model. Throws
/// input_error for an unknown name or a negative number of threads, backend_error with the cause
/// for a known one that cannot run here or lacks the cost model. Never falls back silently.
std::unique_ptr<evaluator> make_evaluator(std::string_view name,
                                          const evaluator_options& options = {});

}  // namespace cugamma
