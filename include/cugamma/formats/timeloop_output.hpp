#pragma once

#include <string>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/figures.hpp"
#include "cugamma/models/timeloop/mapping.hpp"
#include "cugamma/models/timeloop/problem.hpp"

/// The files that Timeloop's programs write (docs/timeloop-files.md).
namespace cugamma::timeloop {

/// map.yaml: every level, dimension and tensor, in the form that Timeloop's programs take.
std::string mapping_yaml(const architecture& a, const problem& p, const mapping& m);

/// A problem in the form that Timeloop's programs take; reads back the same.
std::string problem_yaml(const problem& p);

/// The energies and the areas of an architecture as Accelergy's reference tables ERT and ART: the
/// file without tables reads the same beside them, but for areas, which they have in single
/// precision.
std::string energy_table_yaml(const architecture& a);
std::string area_table_yaml(const architecture& a);

/// map.txt: the loop nest, each level with the words of its tiles. precondition: `f` is valid
std::string nest_text(const architecture& a, const problem& p, const mapping& m, const figures& f);

/// stats.txt: the figures of every level and network, then the block Summary Stats. precondition:
/// `f` is valid
std::string statistics_text(const architecture& a, const problem& p, const figures& f);

/// map+stats.xml, as far as Timeloop's script parse_timeloop_output.py reads it. precondition: `f`
/// is valid
std::string statistics_xml(const architecture& a, const problem& p, const figures& f);

/// All figures as JSON; of a rejected mapping: valid, reason, at.
std::string figures_text(const architecture& a, const problem& p, const figures& f);

/// Why a mapping is rejected, in words: "capacity at level Rf". precondition: it is
std::string rejection_text(const architecture& a, const figures& f);

}  // namespace cugamma::timeloop
