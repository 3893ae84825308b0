#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chunk_plan.hpp"
#include "cuda_device.hpp"
#include "cuda_resources.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "launch_replay.hpp"
#include "score_body.hpp"
#include "score_kernels.hpp"

namespace cugamma {

/// A table of facts on the device, one row for each layer or accelerator of a batch; sent again
/// only when the batch's own table has changed.
template <class Source, class Table>
class cached_table {
 public:
  using make = Table (*)(const Source&);

  void update(std::span<const Source> source, make make_row, const cuda_stream& s) {
    if (std::ranges::equal(source, source_)) return;
    source_.clear();
    staged_.reserve(source.size());
    std::ranges::transform(source, staged_.data(), make_row);
    rows_.reserve(source.size(), s);
    upload<Table>(staged_.first(source.size()), rows_, s);
    s.synchronize();
    source_.assign(source.begin(), source.end());
  }
  const Table* data() const { return rows_.data(); }
  std::uint32_t size() const { return static_cast<std::uint32_t>(source_.size()); }

 private:
  std::vector<Source> source_;
  pinned_buffer<Table> staged_;
  device_buffer<Table> rows_;
};

/// A scored population that stayed on the device.
struct resident_population {
  const genome* genomes = nullptr;
  const cost* costs = nullptr;
  std::uint32_t count = 0;
};

/// Scores populations of any size on one device: chunks take turns on a few streams, each with its
/// own page-locked staging memory, so that one uploads while another computes and a third returns.
/// All memory is kept; a steady state allocates nothing. After an error the pipeline is idle and
/// can be used again.
class score_pipeline {
 public:
  /// timed: measure the kernels, on one stream so that they do not overlap.
  score_pipeline(const cuda_device& d, bool timed);

  /// Makes the tables of a batch the ones that the next calls score with.
  void begin(const batch& b);

  /// Writes one cost for each genome.
  void score(std::span<const genome> genomes, std::span<cost> out);

  /// Scores genomes and leaves them and their costs on the device until the next call.
  resident_population score_resident(std::span<const genome> genomes);

  /// Whether, since begin(), a mapping named a layer or an accelerator that is not in the batch.
  bool found_index_out_of_range() const { return index_out_of_range_.data()[0] != 0; }

  const device::machine_table* machines() const { return machines_.data(); }
  const cuda_stream& stream() const { return slots_.front().stream; }
  /// Since begin().
  const device_profile& profile() const { return profile_; }

 private:
  // One of the streams, with the chunk that is under way on it.
  struct slot {
    cuda_stream stream;
    cuda_event start{cuda_event::kind::timed};
    cuda_event end{cuda_event::kind::timed};
    cuda_event fetched{cuda_event::kind::awaited};
    pinned_buffer<genome> staged_genomes;
    pinned_buffer<cost> staged_costs;
    device_buffer<genome> genomes;
    device_buffer<cost> costs;
    device_buffer<std::uint32_t> left;
    std::span<cost> out;  // where the chunk's costs belong; empty: nothing is under way
    bool is_staged = false;
  };
  class drain_on_exit;

  void launch(slot& s, const genome* genomes, cost* costs, std::size_t count);
  void score_in_place(std::span<const genome> genomes, std::span<cost> out);
  void score_in_chunks(std::span<const genome> genomes, std::span<cost> out);
  void send(slot& s,
            std::span<const genome> chunk,
            const device_buffer<genome>& to,
            std::size_t first,
            bool direct);
  void fetch(slot& s, std::span<cost> out, bool direct);
  void finish(slot& s);
  void add_kernel_time(const slot& s);
  void count_bytes(std::size_t genomes, std::size_t costs);
  std::size_t held_bytes() const;

  cuda_device device_;
  bool timed_;
  device_profile profile_;
  // Before the buffers, which are freed on its streams.
  std::vector<slot> slots_;
  launch_replay replay_;
  pinned_buffer<std::uint32_t> index_out_of_range_{1};
  cached_table<layer, device::layer_table> layers_;
  cached_table<accelerator, device::machine_table> machines_;
  device_buffer<genome> resident_genomes_;
  device_buffer<cost> resident_costs_;
};

}  // namespace cugamma
