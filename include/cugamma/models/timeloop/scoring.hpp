#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "cugamma/models/timeloop/figures.hpp"
#include "cugamma/models/timeloop/genome.hpp"

namespace cugamma::timeloop {

/// What a search reads of a mapping, the same bits on every back end and in explain. A rejected
/// mapping has only why and where.
struct cost {
  std::int64_t cycles = 0;
  double energy_pj = 0;
  std::array<std::int64_t, max_levels> accesses{};  ///< reads, fills and updates of all instances
  rejection why = rejection::none;
  std::int8_t at = -1;  ///< the level that rejects
  std::int16_t unused = 0;
  float excess = 0;  ///< what a rejected mapping asks over what there is (2: twice the capacity)
  friend constexpr bool operator==(const cost&, const cost&) = default;
};
static_assert(std::is_trivially_copyable_v<cost> && sizeof(cost) == 72);

/// Scores genomes of one problem on one architecture in bulk, on the host. Rejects, besides what
/// Timeloop's model rejects, mappings that exceed the fan-out of a single level, as its mapper
/// does.
class scorer {
 public:
  scorer(const architecture& a, const problem& p);
  ~scorer();
  scorer(scorer&&) noexcept;
  scorer& operator=(scorer&&) noexcept;

  const genome_shape& shape() const;

  /// preconditions: as many costs as genomes; all of them have the shape (has_shape)
  void score(std::span<const genome> genomes, std::span<cost> costs) const;

 private:
  struct tables;
  std::unique_ptr<tables> tables_;
};

}  // namespace cugamma::timeloop
