#pragma once

#include <string>
#include <string_view>

#include "cli/evaluate/evaluation.hpp"

namespace cugamma::cli {

/// The header of MAESTRO's CSV, without the end of the line (DSE_csv_writer.hpp of commit 4eb08d1).
std::string maestro_csv_header();

/// MAESTRO's row for a layer that is "ok", as it writes it for a layer alone in its file: six
/// significant digits, and of a name with separators only the last word.
std::string maestro_csv_row(std::string_view network,
                            const accelerator& machine,
                            const layer_result& result);

/// The name of MAESTRO's CSV for a mapping file: the file's name up to the first dot.
std::string maestro_csv_name(std::string_view mapping_path);

}  // namespace cugamma::cli
