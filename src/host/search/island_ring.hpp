#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/search_run.hpp"

namespace cugamma {

/// Where the islands of a run are and how parents travel among them. Searches are numbered through
/// all processes: a layer's islands follow each other, and search i is in process i modulo their
/// number, so `place` i of a process is its i-th.
class island_ring {
 public:
  /// `generations`: those that the searches went through before.
  island_ring(std::span<genetic_search> searches, const run_options& options, std::int64_t begun);

  /// The evaluations that a search still has of its layer's.
  std::int64_t evaluations_left(std::size_t place) const;

  /// A search's best parents if they leave after this number of generations, else nobody.
  std::vector<migrant> leaving(std::size_t place, std::int64_t generations) const;

  /// Sends on those who leave a search after this number of generations.
  void send_off(std::size_t place, std::int64_t generations, std::span<const migrant> migrants);

  /// Brings in those from other processes that breed up to a generation.
  void take_in(std::size_t place, std::int64_t generation);

 private:
  struct address {
    int process;
    std::size_t place;
  };

  std::int64_t number_of(std::size_t place) const;
  address address_of(std::int64_t number) const;
  /// The search `step` further on in its layer's ring.
  std::int64_t neighbour(std::int64_t number, int step) const;
  bool leave_after(std::int64_t generations) const {
    return exchanges() && generations % interval_ == 0;
  }
  bool exchanges() const { return islands_ > 1 && interval_ > 0; }

  std::span<genetic_search> searches_;
  std::int64_t evaluations_;
  std::int64_t islands_;
  std::int64_t interval_;
  run_peers* peers_;
  std::vector<std::int64_t> next_arrival_;  // of each search: the generation that they breed first
};

}  // namespace cugamma
