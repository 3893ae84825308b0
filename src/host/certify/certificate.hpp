#pragma once

#include <string>

#include "certify/engine.hpp"
#include "cugamma/certify/certify.hpp"

namespace cugamma {

/// The text of a certificate: a line for the header, one for the best mapping, then the engine's.
/// docs/certify.md describes them.
std::string certificate_text(const certify_problem& problem,
                             const certify_engine& engine,
                             const certified_layer& proved,
                             const engine_result& result);

}  // namespace cugamma
