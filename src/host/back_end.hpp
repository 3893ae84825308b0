#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cugamma/evaluator.hpp"

namespace cugamma {

/// A row of the registry: a back end's name, why it cannot run here (nothing if it can), and how it
/// is made.
struct back_end {
  std::string_view name;
  std::optional<std::string> (*obstacle)();
  std::unique_ptr<evaluator> (*make)(const evaluator_options&);
};

/// For back ends that run everywhere.
inline std::optional<std::string> no_obstacle() { return std::nullopt; }

std::unique_ptr<evaluator> make_reference_evaluator(const evaluator_options& options);
std::unique_ptr<evaluator> make_cpu_evaluator(const evaluator_options& options);

std::optional<std::string> cuda_back_end_obstacle();
/// Throws backend_error naming the obstacle, cuda_error if the device fails.
std::unique_ptr<evaluator> make_cuda_evaluator(const evaluator_options& options);

}  // namespace cugamma
