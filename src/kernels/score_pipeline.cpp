#include "score_pipeline.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>

#include "cuda_error.hpp"
#include "launch_policy.hpp"
#include "parallel_copy.hpp"

namespace cugamma {
namespace {

// Three, four and six streams are equally fast (H100).
constexpr int stream_count = 4;
// What a mapping takes on the device: itself, its cost, a place in the list of what the closed form
// leaves over.
constexpr std::size_t score_bytes = sizeof(genome) + sizeof(cost) + sizeof(std::uint32_t);

}  // namespace

score_pipeline::score_pipeline(const cuda_device& d, const evaluator_options& options)
    : device_(d),
      timed_(options.profile),
      arena_(options.threads > 0 ? options.threads : tbb::task_arena::automatic),
      scoring_(options.model->make_device_scoring()) {
  use_device(device_.index);
  keep_pool_memory(device_.index);
  slots_.resize(timed_ ? 1 : stream_count);
}

void score_pipeline::begin(const batch& b) {
  use_device(device_.index);
  if (scoring_->prepare(b.layers, b.accelerators, stream())) replay_.forget();
  layer_count_ = static_cast<std::uint32_t>(b.layers.size());
  accelerator_count_ = static_cast<std::uint32_t>(b.accelerators.size());
  index_out_of_range_.data()[0] = 0;
  profile_ = {};
  profile_.device = device_.name;
  profile_.multiprocessors = device_.multiprocessors;
  profile_.clock_hz = device_.clock_hz;
  profile_.memory_bytes_s = device_.memory_bytes_s;
}

void score_pipeline::score(std::span<const genome> genomes, std::span<cost> out) {
  const drain_on_exit drain(slots_);
  if (choose_launch(out.size(), device_.multiprocessors).mapped) {
    score_in_place(genomes, out);
  } else {
    score_in_chunks(genomes, out);
  }
  count_bytes(genomes.size(), out.size());
}

// Starts scoring genomes that the device can reach.
void score_pipeline::launch(slot& s, const genome* genomes, cost* costs, std::size_t count) {
  s.left.reserve(count + left_heads, s.stream);
  const score_input in{genomes,
                       costs,
                       s.left.data(),
                       static_cast<std::uint32_t>(count),
                       layer_count_,
                       accelerator_count_,
                       index_out_of_range_.data()};
  const auto kernels = [&] {
    // All of it, since the whole list is fetched where the host has work to do.
    const bool fetched = scoring_->leaves_work_to_the_host();
    zero(s.left, fetched ? count + left_heads : left_heads, s.stream);
    scoring_->launch(in, device_.multiprocessors, s.stream);
  };
  if (timed_) s.start.record(s.stream);
  if (choose_launch(count, device_.multiprocessors).mapped && !timed_) {
    replay_.run(in, s.stream, kernels);
  } else {
    kernels();
  }
  if (timed_) s.end.record(s.stream);
  if (!scoring_->leaves_work_to_the_host()) return;
  s.staged_left.reserve(count + left_heads);
  const auto list = s.staged_left.first(count + left_heads);
  download(s.left, list, s.stream);
  profile_.downloaded_bytes += static_cast<std::int64_t>(list.size_bytes());
}

// Whether the kernels left work of a slot's last population to the host.
bool score_pipeline::has_left(const slot& s) const {
  if (!scoring_->leaves_work_to_the_host()) return false;
  return s.staged_left.data()[unfinished_head] != 0;
}

// Finishes what they left, once the costs are here.
void score_pipeline::finish_left(const slot& s,
                                 std::span<const genome> genomes,
                                 std::span<cost> costs) {
  if (!has_left(s)) return;
  const std::uint32_t* list = s.staged_left.data();
  const std::uint32_t of_runtime = list[0], all = list[0] + list[1];
  const auto count = static_cast<std::uint32_t>(genomes.size());
  arena_.execute([&] {
    tbb::parallel_for(std::uint32_t{0}, all, [&](std::uint32_t k) {
      const bool is_whole = k >= of_runtime;
      const std::uint32_t i = list[is_whole ? left_from_back(count, k - of_runtime) : left_at(k)];
      if (i == finished) return;
      scoring_->finish(genomes[i], is_whole ? lacking::everything : lacking::runtime, costs[i]);
    });
  });
}

void score_pipeline::add_kernel_time(const slot& s) {
  if (timed_) profile_.kernel_seconds += s.end.seconds_since(s.start);
}

void score_pipeline::score_in_place(std::span<const genome> genomes, std::span<cost> out) {
  slot& s = slots_.front();
  const bool direct_in = is_pinned(genomes.data()), direct_out = is_pinned(out.data());
  if (!direct_in) {
    s.staged_genomes.reserve(genomes.size());
    std::ranges::copy(genomes, s.staged_genomes.data());
  }
  if (!direct_out) s.staged_costs.reserve(out.size());
  launch(s,
         direct_in ? genomes.data() : s.staged_genomes.data(),
         direct_out ? out.data() : s.staged_costs.data(),
         out.size());
  s.stream.synchronize();
  if (!direct_out) std::ranges::copy(s.staged_costs.first(out.size()), out.begin());
  finish_left(s, genomes, out);
  add_kernel_time(s);
}

void score_pipeline::score_in_chunks(std::span<const genome> genomes, std::span<cost> out) {
  const chunk_plan plan = plan_chunks(genomes.size(),
                                      score_bytes,
                                      free_device_memory(device_.index) + held_bytes(),
                                      static_cast<int>(slots_.size()));
  if (plan.chunk == 0) throw backend_error("back end 'cuda': no device memory is free");
  const bool direct_in = is_pinned(genomes.data()), direct_out = is_pinned(out.data());
  for (std::size_t i = 0; i < plan.count; ++i) {
    slot& s = slots_[i % static_cast<std::size_t>(plan.streams)];
    finish(s);
    const std::size_t first = i * plan.chunk;
    const std::size_t size = std::min(plan.chunk, genomes.size() - first);
    s.genomes.reserve(size, s.stream);
    s.costs.reserve(size, s.stream);
    send(s, genomes.subspan(first, size), s.genomes, 0, direct_in);
    launch(s, s.genomes.data(), s.costs.data(), size);
    s.in = genomes.subspan(first, size);
    fetch(s, out.subspan(first, size), direct_out);
  }
  for (slot& s : slots_) finish(s);
}

// Starts the upload of a chunk to its place in a device buffer.
void score_pipeline::send(slot& s,
                          std::span<const genome> chunk,
                          const device_buffer<genome>& to,
                          std::size_t first,
                          bool direct) {
  if (!direct) {
    s.staged_genomes.reserve(chunk.size());
    copy_in_parallel(chunk, s.staged_genomes.data());
    chunk = s.staged_genomes.first(chunk.size());
  }
  upload(chunk, to, s.stream, first);
}

// Starts the download of a chunk's costs.
void score_pipeline::fetch(slot& s, std::span<cost> out, bool direct) {
  s.out = out;
  s.is_staged = !direct;
  if (s.is_staged) s.staged_costs.reserve(out.size());
  download(s.costs, s.is_staged ? s.staged_costs.first(out.size()) : out, s.stream);
  s.fetched.record(s.stream);
}

// Waits for the chunk under way on a slot and hands out its costs. Sleeps meanwhile, so that the
// core is free to breed.
void score_pipeline::finish(slot& s) {
  if (s.out.empty()) return;
  s.fetched.synchronize();
  if (s.is_staged) {
    copy_in_parallel<cost>(s.staged_costs.first(s.out.size()), s.out.data());
  }
  finish_left(s, s.in, s.out);
  s.in = {};
  s.out = {};
  add_kernel_time(s);
}

// Scores a population and leaves it, with its costs, on the device.
resident_population score_pipeline::score_resident(std::span<const genome> genomes) {
  const drain_on_exit drain(slots_);
  const cuda_stream& owner = slots_.front().stream;
  resident_genomes_.reserve(genomes.size(), owner);
  resident_costs_.reserve(genomes.size(), owner);
  owner.synchronize();
  const bool direct = is_pinned(genomes.data());
  const std::size_t chunk = preferred_chunk(genomes.size());
  for (std::size_t first = 0, i = 0; first < genomes.size(); first += chunk, ++i) {
    slot& s = slots_[i % slots_.size()];
    finish_resident(s);
    s.in = genomes.subspan(first, std::min(chunk, genomes.size() - first));
    s.first = first;
    send(s, s.in, resident_genomes_, first, direct);
    launch(s, resident_genomes_.data() + first, resident_costs_.data() + first, s.in.size());
  }
  for (slot& s : slots_) finish_resident(s);
  count_bytes(genomes.size(), 0);
  return {resident_genomes_.data(),
          resident_costs_.data(),
          static_cast<std::uint32_t>(genomes.size())};
}

// Waits for the chunk under way on a slot. If the host has work left, its costs are fetched for
// that and put back.
void score_pipeline::finish_resident(slot& s) {
  s.stream.synchronize();
  if (!s.in.empty() && has_left(s)) {
    s.staged_costs.reserve(s.in.size());
    const auto costs = s.staged_costs.first(s.in.size());
    download(resident_costs_, costs, s.stream, s.first);
    s.stream.synchronize();
    finish_left(s, s.in, costs);
    upload<cost>(costs, resident_costs_, s.stream, s.first);
    s.stream.synchronize();
    profile_.downloaded_bytes += static_cast<std::int64_t>(costs.size_bytes());
    profile_.uploaded_bytes += static_cast<std::int64_t>(costs.size_bytes());
  }
  s.in = {};
}

// Where genomes are written that are made on the device.
genome* score_pipeline::begin_made(std::size_t count) {
  resident_genomes_.reserve(count, stream());
  resident_costs_.reserve(count, stream());
  return resident_genomes_.data();
}

resident_population score_pipeline::finish_made(std::size_t count) {
  slot& s = slots_.front();
  launch(s, resident_genomes_.data(), resident_costs_.data(), count);
  s.stream.synchronize();
  if (has_left(s)) {
    s.staged_genomes.reserve(count);
    download(resident_genomes_, s.staged_genomes.first(count), s.stream);
    s.in = s.staged_genomes.first(count);
    s.first = 0;
    finish_resident(s);
  }
  return {resident_genomes_.data(), resident_costs_.data(), static_cast<std::uint32_t>(count)};
}

cost score_pipeline::resident_cost(std::size_t index) {
  slot& s = slots_.front();
  s.staged_costs.reserve(1);
  download(resident_costs_, s.staged_costs.first(1), s.stream, index);
  s.stream.synchronize();
  return s.staged_costs.data()[0];
}

// Device memory that the slots hold already and a new plan may use.
std::size_t score_pipeline::held_bytes() const {
  std::size_t bytes = 0;
  for (const slot& s : slots_) {
    bytes += s.genomes.size() * sizeof(genome) + s.costs.size() * sizeof(cost) +
             s.left.size() * sizeof(std::uint32_t);
  }
  return bytes;
}

void score_pipeline::count_bytes(std::size_t genomes, std::size_t costs) {
  profile_.uploaded_bytes += static_cast<std::int64_t>(genomes * sizeof(genome));
  profile_.downloaded_bytes += static_cast<std::int64_t>(costs * sizeof(cost));
}

}  // namespace cugamma
