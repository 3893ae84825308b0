#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/mapping/style_mapping.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma::python {

using namespace nb::literals;

void bind_constraints(nb::module_& module) {
  nb::class_<mapping_constraint>(module,
                                 "Constraint",
                                 "What an accelerator's hardware asks of a mapping.")
      .def_static(
          "parse",
          [](const std::string& text, const std::string& file) {
            return parse_constraint(text, file);
          },
          "text"_a,
          "file"_a = "<text>",
          "The constraint of a YAML text (docs/constraints.md). Raises InputError.")
      .def_static(
          "_find",
          [](const std::string& name) { return read_constraint(find_constraint(name)); },
          "name"_a)
      .def(
          "flex",
          [](const mapping_constraint& c, const std::string& axes) {
            return with_flexibility(c, parse_flexibility(axes));
          },
          "axes"_a,
          "The constraint with these axes free: none, all, letters of TOPS (tile, order, "
          "parallelism, shape), or four bits. Raises InputError.")
      .def(
          "mapped_layer",
          [](const mapping_constraint& c, const layer& l, const std::string& cost_model) {
            return constrained_layer(c, searched_form(find_cost_model(cost_model), l));
          },
          "layer"_a,
          "cost_model"_a = std::string(default_search_model),
          "The layer that is mapped in place of a given one: as the cost model searches it, or its "
          "matrix product.")
      .def(
          "_style_rows",
          [](const mapping_constraint& c, const layer& l, const accelerator& a) {
            const styled_layer styled = style_mapping(c, unit_stride(l), a);
            return nb::make_tuple(styled.mapped,
                                  rows_from(std::span<const genome>(&styled.mapping, 1)));
          },
          "layer"_a,
          "accelerator"_a)
      .def_ro("name", &mapping_constraint::name)
      .def_prop_ro("levels", [](const mapping_constraint& c) { return c.levels.size(); })
      .def("__repr__", [](const mapping_constraint& c) {
        return nb::str("<Constraint {} from {}>").format(c.name, c.file);
      });
  module.def("classic_styles", &classic_styles, "Styles with one mapping a layer.");
}

}  // namespace cugamma::python
