#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "certify/timeloop/facts.hpp"

/// Certificates of optima under Timeloop's model (docs/certify-timeloop.md, "The certificate").
namespace cugamma::timeloop::proving {

/// What was done with a subtree that its bound did not settle.
struct opened_subtree {
  double bound = 0;
  choice chosen;
  /// Whether it was cut into parts, those of all splits of its next dimension; else all its
  /// mappings were gone through.
  bool is_cut = false;
  std::int32_t unfit = 0;    ///< of its parts, those whose tiles or spatial loops do not fit
  std::int32_t settled = 0;  ///< those that fit and were never opened
  /// No settled part has a bound below this one; of what was gone through, the value of the best
  /// mapping that beat all known before. Infinite: there is none.
  double least = std::numeric_limits<double>::infinity();
};

/// A proof that opens more subtrees leaves no certificate.
inline constexpr std::size_t most_opened = 500'000;

/// What is certified of a problem.
struct certified_bounds {
  double lower = 0, upper = 0;  ///< infinite where no mapping is known
  std::optional<genome> best;   ///< its value is upper
};

/// The text of a certificate: a line for the header, one for the best mapping, one for each
/// subtree that was opened.
std::string certificate_text(const facts& f,
                             const certified_bounds& proved,
                             const std::vector<opened_subtree>& opened);

}  // namespace cugamma::timeloop::proving
