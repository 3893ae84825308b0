#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/page/sections.hpp"
#include "formats/page/tables/sortable_table.hpp"

namespace cugamma::report {

/// The layers' names, in the order in which the runs bring them. key: of a layer's name
std::vector<std::string> names_of_layers(const std::vector<run>& runs, std::string_view key);

/// The layer of that name; a missing value if the run has none.
result_node layer_named(const run& r, std::string_view key, const std::string& name);

/// Which colour stands for which run.
std::string run_legend(const std::vector<run>& runs);

/// The colour of a run's bars.
std::string css_of(const run& r);

/// A value of result.json that says what a run was, null as "unlimited".
table_cell setting_cell(const result_node& value);

/// A run's total with its ratio to the first run's.
table_cell total_cell(double value, double baseline);

/// A layer of several runs, folded to its name and what is said of it (HTML) unless `open`.
std::string compared_layer(const std::string& name,
                           const std::string& about,
                           const std::string& cards,
                           bool open);

}  // namespace cugamma::report
