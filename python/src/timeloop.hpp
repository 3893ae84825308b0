#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <utility>
#include <vector>

#include "cugamma/formats/timeloop_files.hpp"

namespace cugamma::python {

/// Timeloop's files, each as its name and text.
using named_texts = std::vector<std::pair<std::string, std::string>>;

timeloop::file_contents contents_of(const named_texts& texts,
                                    const timeloop::problem* layer = nullptr);

/// A mapping's figures as JSON and, of one that is not rejected, the texts of Timeloop's files.
nanobind::dict evaluated(const timeloop::architecture& a,
                         const timeloop::problem& p,
                         const timeloop::given_mapping& given);

void bind_timeloop_search(nanobind::module_& module);

}  // namespace cugamma::python
