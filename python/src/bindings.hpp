#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <string>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/search/genetic_search.hpp"

namespace cugamma::python {

namespace nb = nanobind;

/// Records as rows of bytes: numpy views them under the dtypes of the package, without a copy.
using record_rows = nb::ndarray<std::uint8_t, nb::shape<-1, 64>, nb::c_contig, nb::device::cpu>;
using const_record_rows =
    nb::ndarray<const std::uint8_t, nb::shape<-1, 64>, nb::c_contig, nb::device::cpu>;

/// The rows as what they hold. Throws input_error if they do not start on a multiple of 16 bytes.
std::span<const genome> genomes_of(const const_record_rows& rows);
std::span<const cost> costs_of(const const_record_rows& rows);
std::span<cost> costs_of(const record_rows& rows);

/// A new array that holds copies of records.
nb::object rows_from(std::span<const genome> genomes);
nb::object rows_from(std::span<const cost> costs);

/// What is evaluated, from Python's lists and arrays.
batch batch_of(const std::vector<layer>& layers,
               const std::vector<accelerator>& accelerators,
               const const_record_rows& genomes);

/// The individuals that a search did not use, by the keys of list_rejections.
nb::dict rejected_dict(const rejection_counts& counts, const search_options& options);

/// The MACs of a layer; 0 if its filter is larger than its input, as a MAESTRO file may have it.
std::int64_t macs_of(const layer& l);

/// As Python's warnings. Throws what they are turned into, if the user wants errors.
void warn(const std::vector<std::string>& warnings);

void bind_nouns(nb::module_& module);
void bind_machines(nb::module_& module);
void bind_genomes(nb::module_& module);
void bind_networks(nb::module_& module);
void bind_constraints(nb::module_& module);
void bind_evaluation(nb::module_& module);
void bind_search(nb::module_& module);
void bind_network_search(nb::module_& module);
void bind_timeloop(nb::module_& module);

}  // namespace cugamma::python
