#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/to_genome.hpp"
#include "models/maestro/legality.hpp"

namespace cugamma {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const named_mapping& read) {
  const std::string text = write_mapping(read.name, read.l, *read.m);
  const mapping_file again = parse_mapping_file(text, "again.m");
  require(again.layers.size() == 1 && again.layers[0].l == read.l);
  require(again.layers[0].m == read.m || read.m->levels[0].directive_count == 0);
  if (const auto g = to_genome(read.l, *read.m)) require(to_mapping(*g, read.l) == *read.m);
  named_mapping fitted = read;
  fit_tiles(fitted);
  const std::uint32_t status = check_legality(fitted.l, {}, *fitted.m);
  require(illegal_places(fitted, {}, status).empty() == (status == 0));
}

void check_dataflow(std::string_view text) {
  layer conv;
  conv.size = {8, 3, 9, 9, 3, 3, 1, 1};
  layer product;
  product.type = layer_type::gemm;
  const network net{"net", {{"conv", conv, 2}, {"product", product, 1}}};
  for (const named_mapping& mapped : apply_dataflow(text, "fuzz.m", net).layers) {
    if (mapped.m) check(mapped);
    require(mapped.m.has_value() || !mapped.reasons.empty());
  }
}

}  // namespace
}  // namespace cugamma

/// Any text is read or refused with an input_error; what was read, written and read again is the
/// same, and has a verdict that says where. So is what a Dataflow alone makes of layers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cugamma;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    check_dataflow(text);
  } catch (const input_error&) {
  }
  try {
    for (const named_mapping& read : parse_mapping_file(text, "fuzz.m").layers) {
      if (read.m) check(read);
    }
  } catch (const input_error&) {
  }
  return 0;
}
