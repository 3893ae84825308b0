#pragma once

#include <cstddef>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "models/timeloop/closed/tables.hpp"

/// What the simple form reads and keeps of a mapping on a device, as simple::host_genome and
/// simple::host_rows do on the host: nothing of it is in a thread's local memory.
namespace cugamma::timeloop {

/// A genome in device memory, read in aligned words.
class device_genome {
 public:
  /// precondition: the genome begins at a multiple of four bytes
  CUGAMMA_HD explicit device_genome(const genome& g)
      : words_(reinterpret_cast<const std::uint32_t*>(&g)) {}
  CUGAMMA_HD std::uint64_t from(std::size_t offset) const {
    const std::uint64_t low = words_[offset / 4], high = words_[offset / 4 + 1];
    return (high << 32 | low) >> (8 * (offset % 4));
  }

 private:
  const std::uint32_t* words_;
};

/// The numbers of a block's threads, those of equal index side by side.
template <class Factor>
class device_rows {
 public:
  static std::size_t bytes(const genome_shape& s, std::size_t threads) {
    const auto factors = static_cast<std::size_t>(s.num_places * s.num_dimensions);
    const auto insides = factors + static_cast<std::size_t>(s.num_dimensions);
    const auto amounts = static_cast<std::size_t>((s.num_tensors + 1) * s.num_levels);
    return threads * (amounts * sizeof(double) + (factors + insides) * sizeof(Factor));
  }

  /// memory: as many bytes as `bytes` says, aligned as double
  CUGAMMA_HD device_rows(const genome_shape& s, void* memory, unsigned threads, unsigned thread)
      : threads_(static_cast<int>(threads)),
        amounts_(static_cast<double*>(memory) + thread),
        factors_(reinterpret_cast<Factor*>(static_cast<double*>(memory) +
                                           (s.num_tensors + 1) * s.num_levels * threads_) +
                 thread),
        insides_(factors_ + s.num_places * s.num_dimensions * threads_) {}

  CUGAMMA_HD Factor& factor(int i) { return factors_[i * threads_]; }
  CUGAMMA_HD Factor& inside(int i) { return insides_[i * threads_]; }
  CUGAMMA_HD double& amount(int i) { return amounts_[i * threads_]; }

 private:
  int threads_;
  double* amounts_;
  Factor* factors_;
  Factor* insides_;
};

}  // namespace cugamma::timeloop
