#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/search/genetic_search.hpp"
#include "search/byte_stream.hpp"

namespace cugamma {

/// Keeps the front of everything that it is shown.
class pareto_archive {
 public:
  /// Keeps nothing.
  pareto_archive() = default;
  explicit pareto_archive(const search_options& options);

  /// Shows it evaluated individuals, all of one length. True if the front got
  /// better.
  bool show(std::span<const genome> genomes,
            std::span<const cost> costs,
            std::span<const search_rank> ranks);

  const pareto_front& front() const { return front_; }

  void save(byte_writer& out) const;
  /// Takes back what save wrote. Throws input_error for what it cannot have written.
  void restore(byte_reader& in);

 private:
  bool is_beaten(const objective_values& values) const;
  bool take(std::span<const candidate> fresh);
  double hypervolume_of(std::span<const candidate> members) const;
  std::vector<candidate> thinned(std::span<const candidate> members) const;
  std::vector<candidate> with_room_for(std::span<const candidate> fresh) const;

  std::vector<objective> objectives_;
  std::size_t capacity_ = 0;
  pareto_front front_;
};

}  // namespace cugamma
