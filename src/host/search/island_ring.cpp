#include "search/island_ring.hpp"

#include <algorithm>
#include <string>

#include "cugamma/processes/run_peers.hpp"
#include "cugamma/search/islands.hpp"
#include "search/byte_stream.hpp"

namespace cugamma {
namespace {

// A fiftieth of an island travels, but no more than a message of some tens of kilobytes.
constexpr std::int64_t travelling_part = 50;
constexpr std::int64_t most_travelling = 256;

std::string bytes_of(std::span<const migrant> migrants) {
  byte_writer out;
  out.put_all(migrants);
  return out.bytes();
}

std::vector<migrant> migrants_of(std::string_view bytes) {
  return byte_reader(bytes).get_all<migrant>();
}

}  // namespace

island_ring::island_ring(std::span<genetic_search> searches,
                         const run_options& options,
                         std::int64_t begun)
    : searches_(searches),
      evaluations_(options.stop.evaluations),
      islands_(options.islands),
      interval_(options.migration_interval),
      peers_(options.peers) {
  if (exchanges()) next_arrival_.assign(searches.size(), (begun / interval_ + 1) * interval_ + 1);
}

std::int64_t island_ring::evaluations_left(std::size_t place) const {
  const std::int64_t island = number_of(place) % islands_;
  return share_of(evaluations_, island, islands_) - searches_[place].evaluations();
}

std::vector<migrant> island_ring::leaving(std::size_t place, std::int64_t generations) const {
  const genetic_search& from = searches_[place];
  // A search that ended sends nobody.
  if (!leave_after(generations) || from.generation() != generations) return {};
  const auto count =
      std::clamp<std::int64_t>(from.population() / travelling_part, 1, most_travelling);
  return from.emigrants(static_cast<std::size_t>(count));
}

void island_ring::send_off(std::size_t place,
                           std::int64_t generations,
                           std::span<const migrant> migrants) {
  if (!leave_after(generations)) return;
  const std::int64_t to = neighbour(number_of(place), 1);
  const address there = address_of(to);
  if (peers_ == nullptr || there.process == peers_->rank()) {
    searches_[there.place].immigrate(migrants, generations + 1);
  } else {
    peers_->send(there.process, static_cast<int>(to), bytes_of(migrants));
  }
}

void island_ring::take_in(std::size_t place, std::int64_t generation) {
  if (!exchanges() || peers_ == nullptr) return;
  const std::int64_t number = number_of(place);
  const address from = address_of(neighbour(number, -1));
  for (std::int64_t& due = next_arrival_[place]; due <= generation; due += interval_) {
    if (from.process == peers_->rank()) continue;
    const std::string message = peers_->receive(from.process, static_cast<int>(number));
    searches_[place].immigrate(migrants_of(message), due);
  }
}

std::int64_t island_ring::number_of(std::size_t place) const {
  const auto at = static_cast<std::int64_t>(place);
  return peers_ == nullptr ? at : at * peers_->size() + peers_->rank();
}

island_ring::address island_ring::address_of(std::int64_t number) const {
  if (peers_ == nullptr) return {0, static_cast<std::size_t>(number)};
  return {static_cast<int>(number % peers_->size()),
          static_cast<std::size_t>(number / peers_->size())};
}

std::int64_t island_ring::neighbour(std::int64_t number, int step) const {
  const std::int64_t first = number - number % islands_;
  return first + (number - first + step + islands_) % islands_;
}

}  // namespace cugamma
