#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cugamma/evaluate/evaluator.hpp"

namespace cugamma {

/// A row of the registry: a back end's name, why it cannot run here (nothing if it can), which cost
/// models it has, how many devices it can choose from, and how it is made.
struct back_end {
  std::string_view name;
  std::optional<std::string> (*obstacle)();
  bool (*has_model)(const cost_model& model);  ///< whether it can score with a cost model
  int (*device_count)();
  std::unique_ptr<evaluator> (*make)(const evaluator_options&);
};

/// For back ends that run everywhere.
inline std::optional<std::string> no_obstacle() { return std::nullopt; }

/// For back ends that ask a model's reference.
inline bool has_every_model(const cost_model&) { return true; }

/// For those that run a model's scoring on the host.
inline bool has_host_scoring(const cost_model& model) { return model.make_scoring != nullptr; }

/// For those that run a model's kernels.
inline bool has_device_scoring(const cost_model& model) {
  return model.make_device_scoring != nullptr;
}

/// For those without devices.
inline int no_devices() { return 0; }

/// Throws input_error that names the first mapping whose layer or accelerator is not in the tables.
void check_indices(const batch& b);

std::unique_ptr<evaluator> make_reference_evaluator(const evaluator_options& options);
std::unique_ptr<evaluator> make_cpu_evaluator(const evaluator_options& options);

std::optional<std::string> cuda_back_end_obstacle();
int cuda_device_count();
/// Throws backend_error naming the obstacle, cuda_error if the device fails.
std::unique_ptr<evaluator> make_cuda_evaluator(const evaluator_options& options);

}  // namespace cugamma
