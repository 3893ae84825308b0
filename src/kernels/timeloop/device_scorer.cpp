#include <algorithm>
#include <vector>

#include "cuda_device.hpp"
#include "cuda_resources.hpp"
#include "cugamma/models/timeloop/device_scoring.hpp"
#include "timeloop/score_kernel.hpp"

namespace cugamma::timeloop {
namespace {

/// Mappings that the device holds at a time.
constexpr std::size_t most_at_once = std::size_t{1} << 20;

}  // namespace

struct device_scorer::state {
  state(const architecture& a, const problem& p)
      : host(a, p), tables(closed::make_tables(a, p)), device(find_cuda_device()) {
    use_device(device.index);
  }

  void score_part(std::span<const genome> in, std::span<cost> out);
  void finish(std::span<const genome> in, std::span<cost> out);

  scorer host;
  closed::tables tables;
  cuda_device device;
  cuda_stream stream;  // before the buffers, which are freed on it
  device_buffer<genome> genomes;
  device_buffer<cost> costs;
  device_buffer<std::uint32_t> not_simple;
  device_buffer<std::uint32_t> left;
  cuda_event start{cuda_event::kind::timed};
  cuda_event end{cuda_event::kind::timed};
  effort last;
};

void device_scorer::state::score_part(std::span<const genome> in, std::span<cost> out) {
  genomes.reserve(in.size(), stream);
  costs.reserve(in.size(), stream);
  not_simple.reserve(in.size() + 1, stream);
  left.reserve(in.size() + 1, stream);
  upload(in, genomes, stream);
  zero(not_simple, 1, stream);
  zero(left, 1, stream);
  const score_input input{genomes.data(),
                          costs.data(),
                          tables.may_be_simple ? not_simple.data() : nullptr,
                          left.data(),
                          static_cast<std::uint32_t>(in.size())};
  start.record(stream);
  launch_score(input, tables, device.multiprocessors, stream.get());
  end.record(stream);
  download(costs, out, stream);
  finish(in, out);
}

/// Scores on the host what the kernel left over.
void device_scorer::state::finish(std::span<const genome> in, std::span<cost> out) {
  std::uint32_t count = 0;
  download(left, std::span(&count, 1), stream);
  stream.synchronize();
  last.kernel_seconds += end.seconds_since(start);
  last.on_host += count;
  if (count == 0) return;
  std::vector<std::uint32_t> places(count);
  download(left, std::span(places), stream, 1);
  stream.synchronize();
  std::vector<genome> some(count);
  std::vector<cost> costs_of_some(count);
  std::ranges::transform(places, some.begin(), [&](std::uint32_t i) { return in[i]; });
  host.score(some, costs_of_some);
  for (std::uint32_t i = 0; i < count; ++i) out[places[i]] = costs_of_some[i];
}

device_scorer::device_scorer(const architecture& a, const problem& p)
    : state_(std::make_unique<state>(a, p)) {}
device_scorer::~device_scorer() = default;
device_scorer::device_scorer(device_scorer&&) noexcept = default;
device_scorer& device_scorer::operator=(device_scorer&&) noexcept = default;

const genome_shape& device_scorer::shape() const { return state_->host.shape(); }

const device_scorer::effort& device_scorer::last_effort() const { return state_->last; }

void device_scorer::score(std::span<const genome> genomes, std::span<cost> costs) {
  use_device(state_->device.index);
  state_->last = {};
  for (std::size_t first = 0; first < genomes.size(); first += most_at_once) {
    const std::size_t count = std::min(most_at_once, genomes.size() - first);
    try {
      state_->score_part(genomes.subspan(first, count), costs.subspan(first, count));
    } catch (...) {
      state_->stream.drain();  // it may still write to the caller's memory
      throw;
    }
  }
}

}  // namespace cugamma::timeloop
