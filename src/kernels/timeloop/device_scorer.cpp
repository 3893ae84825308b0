#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <vector>

#include "chunk_plan.hpp"
#include "cuda_device.hpp"
#include "cuda_resources.hpp"
#include "cugamma/models/timeloop/device_scoring.hpp"
#include "parallel_copy.hpp"
#include "timeloop/score_kernel.hpp"

namespace cugamma::timeloop {
namespace {

/// Chunks under way at a time: one comes, one is scored, one goes, and one is staged.
constexpr std::size_t most_slots = 4;

}  // namespace

struct device_scorer::state {
  /// A chunk on its way. Buffers are freed on the stream, which comes before them.
  struct slot {
    cuda_stream stream;
    cuda_event start{cuda_event::kind::timed};
    cuda_event end{cuda_event::kind::timed};
    device_buffer<genome> genomes;
    device_buffer<cost> costs;
    device_buffer<std::uint32_t> not_simple;
    device_buffer<std::uint32_t> left;
    pinned_buffer<genome> staged_genomes;
    pinned_buffer<cost> staged_costs;
    pinned_buffer<std::uint32_t> staged_left;
    std::span<const genome> in;  ///< empty: nothing is under way
    std::span<cost> out;
  };

  state(const architecture& a, const problem& p, bool is_timed)
      : host(a, p), tables(closed::make_tables(a, p)), device(find_cuda_device()), timed(is_timed) {
    use_device(device.index);
    slots.resize(timed ? 1 : most_slots);
  }

  void begin(slot& s, std::span<const genome> in, std::span<cost> out);
  void finish(slot& s);
  void finish_left(const slot& s);

  scorer host;
  closed::tables tables;
  cuda_device device;
  bool timed;
  std::vector<slot> slots;
  effort last;
};

/// Starts all that a chunk takes.
void device_scorer::state::begin(slot& s, std::span<const genome> in, std::span<cost> out) {
  const std::size_t count = in.size();
  s.genomes.reserve(count, s.stream);
  s.costs.reserve(count, s.stream);
  s.not_simple.reserve(count + 1, s.stream);
  s.left.reserve(count + 1, s.stream);
  s.staged_genomes.reserve(count);
  s.staged_costs.reserve(count);
  s.staged_left.reserve(count + 1);
  copy_in_parallel(in, s.staged_genomes.data());
  upload<genome>(s.staged_genomes.first(count), s.genomes, s.stream);
  zero(s.not_simple, 1, s.stream);
  zero(s.left, count + 1, s.stream);  // all of it, since the whole list is fetched
  const score_input input{s.genomes.data(),
                          s.costs.data(),
                          tables.may_be_simple ? s.not_simple.data() : nullptr,
                          s.left.data(),
                          static_cast<std::uint32_t>(count)};
  s.start.record(s.stream);
  launch_score(input, tables, device.multiprocessors, s.stream.get());
  s.end.record(s.stream);
  download(s.costs, s.staged_costs.first(count), s.stream);
  download(s.left, s.staged_left.first(count + 1), s.stream);
  s.in = in;
  s.out = out;
}

/// Waits for the chunk under way on a slot and hands out its costs.
void device_scorer::state::finish(slot& s) {
  if (s.in.empty()) return;
  s.stream.synchronize();
  copy_in_parallel<cost>(s.staged_costs.first(s.out.size()), s.out.data());
  finish_left(s);
  if (timed) last.kernel_seconds += s.end.seconds_since(s.start);
  s.in = {};
  s.out = {};
}

/// Scores on the host what the kernel left over of a chunk.
void device_scorer::state::finish_left(const slot& s) {
  const std::size_t count = s.staged_left.data()[0];
  const std::span places(s.staged_left.data() + 1, count);
  last.on_host += count;
  constexpr std::size_t grain = 64;
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, grain), [&](const auto& r) {
    std::vector<genome> genomes(r.size());
    std::vector<cost> costs(r.size());
    const auto here = places.subspan(r.begin(), r.size());
    std::ranges::transform(here, genomes.begin(), [&](std::uint32_t i) { return s.in[i]; });
    host.score(genomes, costs);
    for (std::size_t i = 0; i < here.size(); ++i) s.out[here[i]] = costs[i];
  });
}

device_scorer::device_scorer(const architecture& a, const problem& p, bool timed)
    : state_(std::make_unique<state>(a, p, timed)) {}
device_scorer::~device_scorer() = default;
device_scorer::device_scorer(device_scorer&&) noexcept = default;
device_scorer& device_scorer::operator=(device_scorer&&) noexcept = default;

const genome_shape& device_scorer::shape() const { return state_->host.shape(); }

const device_scorer::effort& device_scorer::last_effort() const { return state_->last; }

void device_scorer::score(std::span<const genome> genomes, std::span<cost> costs) {
  use_device(state_->device.index);
  state_->last = {};
  std::vector<state::slot>& slots = state_->slots;
  const std::size_t chunk = slots.size() == 1 ? most_chunk : preferred_chunk(genomes.size());
  const auto score_chunks = [&] {
    for (std::size_t first = 0, i = 0; first < genomes.size(); first += chunk, ++i) {
      state::slot& s = slots[i % slots.size()];
      const std::size_t count = std::min(chunk, genomes.size() - first);
      state_->finish(s);
      state_->begin(s, genomes.subspan(first, count), costs.subspan(first, count));
    }
    for (state::slot& s : slots) state_->finish(s);
  };
  try {
    // So that a thread that waits here takes up no task that waits for this device.
    tbb::this_task_arena::isolate(score_chunks);
  } catch (...) {
    for (state::slot& s : slots) {
      s.stream.drain();
      s.in = {};
      s.out = {};
    }
    throw;
  }
}

}  // namespace cugamma::timeloop
