#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "cuda_resources.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "score_input.hpp"

namespace cugamma {

/// A table of facts on the device, one row for each layer or accelerator of a batch; sent again
/// only when the batch's own table has changed.
template <class Source, class Row>
class device_table {
 public:
  using make = Row (*)(const Source&);

  void update(std::span<const Source> source, make make_row, const cuda_stream& s) {
    if (std::ranges::equal(source, source_)) return;
    source_.clear();
    staged_.reserve(source.size());
    std::ranges::transform(source, staged_.data(), make_row);
    rows_.reserve(source.size(), s);
    upload<Row>(staged_.first(source.size()), rows_, s);
    s.synchronize();
    source_.assign(source.begin(), source.end());
  }
  const Row* data() const { return rows_.data(); }
  std::span<const Source> source() const { return source_; }

 private:
  std::vector<Source> source_;
  pinned_buffer<Row> staged_;
  device_buffer<Row> rows_;
};

/// A population together with the tables that a model's kernels read.
template <class LayerRow, class AcceleratorRow>
struct tabled_input : score_input {
  const LayerRow* layers = nullptr;
  const AcceleratorRow* accelerators = nullptr;
};

/// The tables of a model whose rows are made from a layer and from an accelerator each.
template <class LayerRow, class AcceleratorRow>
class device_tables {
 public:
  using layer_table = device_table<layer, LayerRow>;
  using accelerator_table = device_table<accelerator, AcceleratorRow>;

  /// True if they lie elsewhere than after the last call that did not fail.
  bool update(std::span<const layer> layers,
              typename layer_table::make make_layer,
              std::span<const accelerator> accelerators,
              typename accelerator_table::make make_accelerator,
              const cuda_stream& s) {
    layers_.update(layers, make_layer, s);
    accelerators_.update(accelerators, make_accelerator, s);
    const places now{layers_.data(), accelerators_.data()};
    return std::exchange(places_, now) != now;
  }

  tabled_input<LayerRow, AcceleratorRow> with(const score_input& in) const {
    return {in, layers_.data(), accelerators_.data()};
  }
  const layer& layer_of(const genome& g) const { return layers_.source()[g.layer_index]; }
  const accelerator& accelerator_of(const genome& g) const {
    return accelerators_.source()[g.accelerator_index];
  }

 private:
  using places = std::pair<const LayerRow*, const AcceleratorRow*>;

  places places_{};
  layer_table layers_;
  accelerator_table accelerators_;
};

}  // namespace cugamma
