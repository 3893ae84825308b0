#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A cost model on the host in bulk: what the cpu back end asks of it.
class host_scoring {
 public:
  /// Most mappings of one call of score: so many that those alike fill registers of SIMD lanes, so
  /// few that their costs stay in the L2 cache.
  static constexpr std::size_t most_at_once = 4096;

  virtual ~host_scoring() = default;

  /// Reads the layers and accelerators of a batch.
  virtual void prepare(std::span<const layer> layers,
                       std::span<const accelerator> accelerators) = 0;

  /// Scores mappings that all name the same layer and the same accelerator of the batch. Several
  /// threads call it at once. preconditions: as many costs as mappings, 1 to most_at_once
  virtual void score(std::span<const genome> genomes, std::span<cost> out) const = 0;
};

/// What a model gives as plain functions: a table made of a layer and one of an accelerator, once a
/// batch, and the cost of a genome from these two, equal to the reference's.
template <class Model>
concept plain_model = requires(const layer& l, const accelerator& a, const genome& g) {
  { Model::prepare(l) } -> std::same_as<typename Model::layer_table>;
  { Model::prepare(a) } -> std::same_as<typename Model::accelerator_table>;
  { Model::score(g, Model::prepare(l), Model::prepare(a)) } -> std::same_as<cost>;
};

/// The scoring of such a model, a mapping after the other.
template <plain_model Model>
class plain_scoring final : public host_scoring {
 public:
  void prepare(std::span<const layer> layers, std::span<const accelerator> accelerators) override {
    layers_.clear();
    for (const layer& l : layers) layers_.push_back(Model::prepare(l));
    accelerators_.clear();
    for (const accelerator& a : accelerators) accelerators_.push_back(Model::prepare(a));
  }

  void score(std::span<const genome> genomes, std::span<cost> out) const override {
    const auto& l = layers_[genomes[0].layer_index];
    const auto& a = accelerators_[genomes[0].accelerator_index];
    for (std::size_t i = 0; i < genomes.size(); ++i) out[i] = Model::score(genomes[i], l, a);
  }

 private:
  std::vector<typename Model::layer_table> layers_;
  std::vector<typename Model::accelerator_table> accelerators_;
};

template <plain_model Model>
std::unique_ptr<host_scoring> make_plain_scoring() {
  return std::make_unique<plain_scoring<Model>>();
}

}  // namespace cugamma
