#include "timeloop.hpp"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/timeloop_files.hpp"
#include "cugamma/formats/timeloop_output.hpp"
#include "cugamma/models/timeloop/explain.hpp"

namespace cugamma::python {
namespace {

using namespace nb::literals;

/// Throws input_error if a part is missing.
const timeloop::architecture& machine_of(const timeloop::file_contents& c) {
  if (!c.machine) throw input_error("found no key architecture");
  return *c.machine;
}
const timeloop::problem& problem_of(const timeloop::file_contents& c) {
  if (!c.layer) throw input_error("found no key problem");
  return *c.layer;
}

}  // namespace

timeloop::file_contents contents_of(const named_texts& texts, const timeloop::problem* layer) {
  std::vector<timeloop::file_text> files;
  for (const auto& [name, text] : texts) files.push_back({name, text});
  return timeloop::parse_files(files, layer);
}

nb::dict evaluated(const timeloop::architecture& a,
                   const timeloop::problem& p,
                   const timeloop::given_mapping& given) {
  timeloop::figures f;
  f.why = given.why;
  if (given.why == timeloop::rejection::none) f = timeloop::explain(a, p, given.loops);
  const bool is_valid = f.why == timeloop::rejection::none;
  nb::dict result;
  result["file"] = given.file;
  result["figures"] = timeloop::figures_text(a, p, f);
  result["reason"] = is_valid               ? ""
                     : given.reason.empty() ? timeloop::rejection_text(a, f)
                                            : given.reason;
  if (!is_valid) return result;
  result["map.yaml"] = timeloop::mapping_yaml(a, p, given.loops);
  result["map.txt"] = timeloop::nest_text(a, p, given.loops, f);
  result["stats.txt"] = timeloop::statistics_text(a, p, f);
  result["map+stats.xml"] = timeloop::statistics_xml(a, p, f);
  return result;
}

void bind_timeloop(nb::module_& module) {
  module.def(
      "_timeloop_evaluate",
      [](const named_texts& texts) {
        const timeloop::file_contents c = contents_of(texts);
        warn(c.warnings);
        nb::list all;
        for (const timeloop::given_mapping& given : c.mappings) {
          all.append(evaluated(machine_of(c), problem_of(c), given));
        }
        return all;
      },
      "texts"_a,
      "Every mapping of Timeloop's files, each given as its name and text. Raises InputError.");
  module.def(
      "_timeloop_tables",
      [](const named_texts& texts) {
        const timeloop::file_contents c = contents_of(texts);
        return std::pair(timeloop::energy_table_yaml(machine_of(c)),
                         timeloop::area_table_yaml(machine_of(c)));
      },
      "texts"_a,
      "The ERT and the ART of an architecture, as texts. Raises InputError.");
  bind_timeloop_search(module);
}

}  // namespace cugamma::python
