#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "certify/engine.hpp"
#include "search/network/shape_searches.hpp"

/// What proofs of the best accelerator ask about one of them (docs/certify.md).
namespace cugamma {

/// A latency that no mapping has, and a limit that none exceeds.
constexpr double infinite = std::numeric_limits<double>::infinity();

/// The request on one accelerator, its latency asked for. Buffers that no mapping of a constraint
/// fits are no bad input here: no mapping counts.
certify_problem problem_on(const network_search_request& request,
                           const layer& mapped,
                           const accelerator& machine);

/// What is known of a layer on some machine: `best` takes more than `cycles` only where it waits
/// for a NoC. Infinite: no mapping fits, or none is known.
struct fastest {
  double cycles = infinite;  ///< no mapping takes fewer
  std::optional<genome> best;
  double taken = infinite;    ///< cycles of the best
  std::int64_t l2_elems = 0;  ///< that the best needs
};

/// The least latencies of a network's shapes with so many PEs and so much L2, or bounds of them.
class latencies {
 public:
  latencies(const network_search_request& request, int threads);

  /// Elements that tiles of one index in PEs need: where no mapping waits for a NoC, the fastest
  /// have such tiles (docs/certify-exact.md, L1).
  std::int64_t l1_elems() const { return l1_elems_; }
  /// With more no mapping is faster.
  std::int64_t most_l2_elems() const { return most_l2_elems_; }
  /// With fewer a layer that may not have smaller clusters has no mapping.
  std::int32_t least_pes() const { return least_pes_; }
  /// Whether no mapping waits for a NoC: then what is proved is the least latency, else a bound.
  bool is_exact() const { return is_exact_; }
  const layer_shapes& shapes() const { return shapes_; }
  const std::vector<fastest>& found() const { return found_; }
  /// Cycles of the network with the mappings in found().
  double taken() const;
  /// The sum of floors().
  double floor() const;
  /// What is known of the machine that was asked about last.
  std::vector<double> floors() const;

  /// No network takes fewer cycles on so many PEs.
  double least(std::int32_t pes) const;

  /// Cycles that the network takes at least; infinite as soon as they are known to be more than
  /// `most`, or if `is_over` says so. found() has mappings otherwise.
  double of(std::int32_t pes,
            std::int64_t l2_elems,
            double most,
            const std::function<bool()>& is_over);

  /// Looks for faster mappings of all shapes, which then are in found(). precondition: of() was
  /// asked about the same machine, and is finite
  void search(std::int32_t pes, std::int64_t l2_elems, const std::function<bool()>& is_over);

 private:
  accelerator machine_of(std::int32_t pes, std::int64_t l2_elems) const;
  fastest priced(std::size_t shape,
                 const accelerator& machine,
                 double cycles,
                 const genome& best) const;
  /// The sum over the network's layers of what is known of their shapes.
  double of_network(const std::function<double(std::size_t)>& of_shape) const;
  double least_of(std::size_t shape, std::int32_t pes) const;

  /// What was found for a shape: it holds for all L2 from that of its mapping to the one given.
  struct known_latency {
    std::int32_t pes = 0;
    std::int64_t l2_elems = 0;
    fastest found;
  };

  fastest prove(std::size_t shape, const accelerator& machine);

  const network_search_request& request_;
  layer_shapes shapes_;
  int threads_;
  std::vector<double> counts_;
  std::vector<double> work_;  ///< MACs
  std::int64_t l1_elems_ = 0;
  std::int64_t most_l2_elems_ = 0;
  std::int32_t least_pes_ = 1;
  bool is_exact_ = true;
  std::vector<std::vector<known_latency>> known_;  ///< by shape
  std::vector<fastest> found_;
};

}  // namespace cugamma
