#include "models/figure_columns.hpp"

#include <algorithm>

namespace cugamma {

const std::vector<named_figure>& named_figures() {
  static const std::vector<named_figure> all{
      {"runtime", {{"runtime_cycles"}}},
      {"MACs", {{"macs"}, {"num_macs"}}},
      {"L2 reads input", {{"l2_reads_input"}, {"input_l2_read"}}},
      {"L2 reads filter", {{"l2_reads_filter"}, {"filter_l2_read"}}},
      {"L2 writes output", {{"l2_writes_output"}, {"output_l2_write"}}},
      {"L1 accesses",
       {{"l1_accesses"},
        {"input_l1_read",
         "input_l1_write",
         "filter_l1_read",
         "filter_l1_write",
         "output_l1_read",
         "output_l1_write"}}},
      {"L2 accesses",
       {{"l2_accesses"},
        {"input_l2_read",
         "input_l2_write",
         "filter_l2_read",
         "filter_l2_write",
         "output_l2_read",
         "output_l2_write"}}},
      {"energy", {{"energy_nj"}}},
      {"energy without cluster buffers", {{"energy_without_clusters_nj"}, {"energy_nj"}}},
      {"L1 size", {{"l1_size"}, {"l1_size_req"}}},
      {"L2 size", {{"l2_size"}, {"l2_size_req"}}},
  };
  return all;
}

std::vector<column_names> spellings_of(std::string_view name) {
  const auto found = std::ranges::find(named_figures(), name, &named_figure::name);
  return found != named_figures().end() ? found->spellings : std::vector<column_names>{{name}};
}

}  // namespace cugamma
