#pragma once

#include <cstdint>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"

/// The exact model of any genome, by its general form: what the back ends run on the host for the
/// mappings that the closed form leaves over.
namespace cugamma::exact {

/// The cost of a genome; `a` has the PEs of those that have none of their own.
cost price(const genome& g, const layer& l, const accelerator& a);

/// The runtime alone. precondition: the genome is legal
std::int64_t runtime_of(const genome& g, const layer& l, const accelerator& a);

}  // namespace cugamma::exact
