#include <cstring>

#include "arguments.hpp"
#include "bindings.hpp"
#include "cugamma/error.hpp"

namespace cugamma::python {
namespace {

template <class Record, class Rows>
std::span<Record> records(const Rows& rows) {
  if (reinterpret_cast<std::uintptr_t>(rows.data()) % alignof(Record) != 0)
    throw input_error("the array does not start on a multiple of 16 bytes");
  return {reinterpret_cast<Record*>(rows.data()), rows.shape(0)};
}

template <class Record>
nb::object copied(std::span<const Record> from) {
  auto* bytes = new std::uint8_t[from.size_bytes() + 1];
  std::memcpy(bytes, from.data(), from.size_bytes());
  const nb::capsule owner(bytes, [](void* p) noexcept { delete[] static_cast<std::uint8_t*>(p); });
  return nb::ndarray<nb::numpy, std::uint8_t, nb::ndim<2>>(bytes,
                                                           {from.size(), sizeof(Record)},
                                                           owner)
      .cast();
}

}  // namespace

std::span<const genome> genomes_of(const const_record_rows& rows) {
  return records<const genome>(rows);
}
std::span<const cost> costs_of(const const_record_rows& rows) { return records<const cost>(rows); }
std::span<cost> costs_of(const record_rows& rows) { return records<cost>(rows); }

nb::object rows_from(std::span<const genome> genomes) { return copied(genomes); }
nb::object rows_from(std::span<const cost> costs) { return copied(costs); }

batch batch_of(const std::vector<layer>& layers,
               const std::vector<accelerator>& accelerators,
               const const_record_rows& genomes) {
  return {layers, accelerators, genomes_of(genomes)};
}

}  // namespace cugamma::python

NB_MODULE(_core, module) {
  using namespace cugamma;
  // Evaluators and constants live as long as the interpreter, which is no leak.
  nanobind::set_leak_warnings(false);
  module.doc() = "cuGAMMA's library; use the package cugamma.";
  nanobind::exception<input_error> wrong(module, "InputError", PyExc_ValueError);
  wrong.doc() = "What was given cannot be: a name, a value, a file; the text says what is allowed.";
  // Of the kinds that Python's own errors of such calls have, and of ours.
  nanobind::exception<python::call_error> wrong_call(
      module,
      "CallError",
      nanobind::make_tuple(wrong, nanobind::handle(PyExc_TypeError)));
  wrong_call.doc() = "An argument of a name or a type that a function or a class does not know.";
  nanobind::exception<backend_error> wrong_device(module, "BackendError", PyExc_RuntimeError);
  wrong_device.doc() = "A back end that cannot run here, or whose device failed.";
  python::bind_nouns(module);
  python::bind_genomes(module);
  python::bind_networks(module);
  python::bind_constraints(module);
  python::bind_evaluation(module);
  python::bind_search(module);
  python::bind_network_search(module);
  python::bind_timeloop(module);
}
