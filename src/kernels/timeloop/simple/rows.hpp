#pragma once

#include <cstddef>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "models/timeloop/closed/tables.hpp"

/// What the simple form (score.hpp) reads of a mapping, and what it keeps besides registers:
/// nothing is in a thread's local memory.
namespace cugamma::timeloop::simple {

/// A genome, read in aligned words.
class genome_words {
 public:
  /// precondition: the genome begins at a multiple of four bytes
  CUGAMMA_HD explicit genome_words(const genome& g)
      : words_(reinterpret_cast<const std::uint32_t*>(&g)) {}
  /// Bytes from `offset` on, the first in the lowest bits: eight, or five if offset is no multiple
  /// of four.
  CUGAMMA_HD std::uint64_t from(std::size_t offset) const {
    const std::uint64_t low = words_[offset / 4], high = words_[offset / 4 + 1];
    return (high << 32 | low) >> (8 * (offset % 4));
  }

 private:
  const std::uint32_t* words_;
};

/// Numbers that are looked up by an index of the run, in memory that a block's threads share: those
/// of equal index side by side. Of place p and dimension d: index p * dimensions + d. Factor: a
/// whole number that holds any dimension's size
template <class Factor>
class thread_rows {
 public:
  static std::size_t bytes(const genome_shape& s, std::size_t threads) {
    const auto factors = static_cast<std::size_t>(s.num_places * s.num_dimensions);
    const auto insides = factors + static_cast<std::size_t>(s.num_dimensions);
    const auto amounts = static_cast<std::size_t>((s.num_tensors + 1) * s.num_levels);
    return threads * (amounts * sizeof(double) + (factors + insides) * sizeof(Factor));
  }

  /// memory: as many bytes as `bytes` says, aligned as double
  CUGAMMA_HD thread_rows(const genome_shape& s, void* memory, unsigned threads, unsigned thread)
      : threads_(static_cast<int>(threads)),
        amounts_(static_cast<double*>(memory) + thread),
        factors_(reinterpret_cast<Factor*>(static_cast<double*>(memory) +
                                           (s.num_tensors + 1) * s.num_levels * threads_) +
                 thread),
        insides_(factors_ + s.num_places * s.num_dimensions * threads_) {}

  /// The factor of a dimension at a place.
  CUGAMMA_HD Factor& factor(int i) { return factors_[i * threads_]; }
  /// The product of its factors at all places inside of it; past the last place, its size.
  CUGAMMA_HD Factor& inside(int i) { return insides_[i * threads_]; }
  CUGAMMA_HD double& amount(int i) { return amounts_[i * threads_]; }

 private:
  int threads_;
  double* amounts_;
  Factor* factors_;
  Factor* insides_;
};

}  // namespace cugamma::timeloop::simple
