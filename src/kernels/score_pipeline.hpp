#pragma once

#include <tbb/task_arena.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "chunk_plan.hpp"
#include "cuda_device.hpp"
#include "cuda_resources.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "device_ranker.hpp"
#include "device_scoring.hpp"
#include "launch_replay.hpp"
#include "score_input.hpp"

namespace cugamma {

/// Scores populations of any size on one device: chunks take turns on a few streams, each with its
/// own page-locked staging memory, so that one uploads while another computes and a third returns.
/// What the model's kernels leave to the host, it finishes chunk by chunk as they return. All
/// memory is kept; a steady state allocates nothing. After an error the pipeline is idle and can be
/// used again.
class score_pipeline {
 public:
  /// options: `model`, which has a device scoring; `threads` that finish what is left to the host;
  /// `profile`: measure the kernels, on one stream so that they do not overlap.
  score_pipeline(const cuda_device& d, const evaluator_options& options);

  /// Makes the tables of a batch the ones that the next calls score with.
  void begin(const batch& b);

  /// Writes one cost for each genome.
  void score(std::span<const genome> genomes, std::span<cost> out);

  /// Scores genomes and leaves them and their costs on the device until the next call.
  resident_population score_resident(std::span<const genome> genomes);

  /// Scores genomes that make(to) writes on the device by work of stream(), and leaves them there
  /// likewise.
  template <class Make>
  resident_population score_made(std::size_t count, const Make& make) {
    const drain_on_exit drain(slots_);
    make(begin_made(count));
    return finish_made(count);
  }

  /// A cost of the population that was left on the device.
  cost resident_cost(std::size_t index);

  /// Whether, since begin(), a mapping named a layer or an accelerator that is not in the batch.
  bool found_index_out_of_range() const { return index_out_of_range_.data()[0] != 0; }

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
    pinned_buffer<std::uint32_t> staged_left;
    device_buffer<std::uint32_t> left;
    // What is under way: genomes, and where on the host their costs belong or, of a population that
    // stays on the device, which of its mappings are the first; empty: nothing.
    std::span<const genome> in;
    std::span<cost> out;
    std::size_t first = 0;
    bool is_staged = false;
  };

  // Leaves no work behind that still writes to the caller's memory when an error ends a call early.
  class drain_on_exit {
   public:
    explicit drain_on_exit(std::span<slot> slots) : slots_(slots) {}
    drain_on_exit(const drain_on_exit&) = delete;
    drain_on_exit& operator=(const drain_on_exit&) = delete;
    ~drain_on_exit() {
      for (slot& s : slots_) {
        s.stream.drain();
        s.in = {};
        s.out = {};
      }
    }

   private:
    std::span<slot> slots_;
  };

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
  void finish_resident(slot& s);
  genome* begin_made(std::size_t count);
  resident_population finish_made(std::size_t count);
  bool has_left(const slot& s) const;
  void finish_left(const slot& s, std::span<const genome> genomes, std::span<cost> costs);
  void add_kernel_time(const slot& s);
  void count_bytes(std::size_t genomes, std::size_t costs);
  std::size_t held_bytes() const;

  cuda_device device_;
  bool timed_;
  device_profile profile_;
  tbb::task_arena arena_;  // for what is left to the host
  // Before the buffers and the model's tables, which are freed on its streams.
  std::vector<slot> slots_;
  std::unique_ptr<device_scoring> scoring_;
  launch_replay replay_;
  pinned_buffer<std::uint32_t> index_out_of_range_{1};
  std::uint32_t layer_count_ = 0;
  std::uint32_t accelerator_count_ = 0;
  device_buffer<genome> resident_genomes_;
  device_buffer<cost> resident_costs_;
};

}  // namespace cugamma
