#include <fmt/format.h>

#include "bindings.hpp"
#include "cugamma/mapping/genome_fields.hpp"

/// The layout of genome records, for numpy.
namespace cugamma::python {
namespace {

template <class Number>
nb::object member(const char* name, const Number&) {
  return nb::make_tuple(name, fmt::format("<u{}", sizeof(Number)).c_str());
}
template <class Number, std::size_t Count>
nb::object member(const char* name, const std::array<Number, Count>&) {
  return nb::make_tuple(name, fmt::format("<u{}", sizeof(Number)).c_str(), Count);
}

/// The members of genome, as numpy.dtype takes them: name, format and, of an array, length.
nb::list genome_members() {
  const genome g;
  nb::list members;
  members.append(member("tile_kcyx", g.tile_kcyx));
  members.append(member("tile_rs", g.tile_rs));
  members.append(member("loops", g.loops));
  members.append(member("cluster_sizes", g.cluster_sizes));
  members.append(member("layer_index", g.layer_index));
  members.append(member("accelerator_index", g.accelerator_index));
  members.append(member("num_pes_and_levels", g.num_pes_and_levels));
  return members;
}

nb::tuple place(genome_field f) { return nb::make_tuple(f.wide_word(), f.wide_shift(), f.width); }

/// One place for each number from first to end - 1.
template <class Place>
nb::list places(int first, int end, const Place& place_of) {
  nb::list all;
  for (int i = first; i < end; ++i) all.append(place_of(i));
  return all;
}

nb::dict fields_of_genomes() {
  using f = genome_fields;
  const auto by_level = [](int first, const auto& of_level) {
    return places(first, max_genome_levels, of_level);
  };
  nb::dict fields;
  fields["tile"] = by_level(0, [](int level) {
    return places(0, gene_dimension_count, [=](int d) { return place(f::tile(level, d)); });
  });
  fields["order"] = by_level(0, [](int level) {
    return places(0, gene_dimension_count, [=](int p) { return place(f::order(level, p)); });
  });
  fields["parallel"] = by_level(0, [](int level) { return place(f::parallel(level)); });
  fields["second_parallel"] =
      by_level(0, [](int level) { return place(f::second_parallel(level)); });
  fields["cluster_size"] = by_level(1, [](int level) { return place(f::cluster_size(level)); });
  fields["layer_index"] = place(f::layer_index());
  fields["accelerator_index"] = place(f::accelerator_index());
  fields["levels"] = place(f::level_count());
  fields["num_pes"] = place(f::own_pes());
  return fields;
}

}  // namespace

void bind_genomes(nb::module_& module) {
  module.def("_genome_members",
             &genome_members,
             "The members of a record, as numpy.dtype takes them: name, format, length.");
  module.def("_genome_fields",
             &fields_of_genomes,
             "Where each field lies: (64-bit word, shift, width), nested by level (of cluster_size "
             "from level 1 on) and by dimension or position.");
}

}  // namespace cugamma::python
