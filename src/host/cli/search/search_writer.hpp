#pragma once

#include <string>

#include "cli/search/search_outcome.hpp"

namespace cugamma::cli {

/// For people: per layer the best mapping as a loop nest, its figures, the bounds, what was
/// rejected; then how the run went.
std::string as_table(const search_outcome& outcome);

/// {"seed":,"backend":,"model":,"config":{},"accelerator":{},"layers":[{"name":,"best":{
/// "objectives":[],"metrics":{},"status":[],"mapping":""},"evaluations":,"rejected":{},
/// "bound_cycles":,"traffic_bound_cycles":,"above_bound":,"seconds":,"history":[]}],...}. A layer
/// that has a front also has "front" (front_writer.hpp), "hypervolume" and "reference". "best" is
/// null if nothing feasible was found. Numbers read back to the same bits, non-finite ones are
/// strings.
std::string as_json(const search_outcome& outcome);

/// One row a layer and generation: layer,generation,evaluations and a column for each objective; of
/// a front, whose best is that in the first objective, also front_size,hypervolume.
std::string history_csv(const search_outcome& outcome);

/// The text of best.m for a layer. precondition: it has a best mapping
std::string best_mapping_text(const searched_layer& l);

/// Writes a file into a folder, making it if need be. Throws input_error naming what cannot be
/// written.
void write_file(const std::string& folder, const std::string& name, const std::string& text);

/// Writes result.json, report.html, history.csv and best.m (several layers: LAYER/best.m) into the
/// folder, making it if need be; of a front also front.csv and, beside best.m, front/0001.m and so
/// on, in the order of front.csv. Throws input_error naming what cannot be written.
void write_files(const search_outcome& outcome, const std::string& folder);

}  // namespace cugamma::cli
