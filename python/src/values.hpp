#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/operators.h>

#include <cstring>
#include <string_view>
#include <type_traits>

#include "cugamma/error.hpp"

namespace cugamma::python {

namespace nb = nanobind;

/// The hash of a record whose equal values have equal bytes.
template <typename Record>
std::size_t hash_of_bytes(const Record& record) {
  static_assert(std::has_unique_object_representations_v<Record>);
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(&record), sizeof(Record)});
}

/// == and hash by value.
template <typename Record, typename Hash>
void bind_value(nb::class_<Record>& bound, const Hash& hash) {
  bound.def(nb::self == nb::self).def("__hash__", [hash](const Record& self) {
    // Python reads the bits as a signed number, and -1 as an error.
    return static_cast<Py_hash_t>(hash(self) >> 1);
  });
}

/// copy.copy and pickle: the bytes of a plain record, in this machine's order, that `is_sound`
/// accepts when they come back.
template <typename Record, typename Check>
void bind_bytes(nb::class_<Record>& bound, const Check& is_sound) {
  static_assert(std::is_trivially_copyable_v<Record>);
  bound.def("__getstate__", [](const Record& self) {
    return nb::bytes(reinterpret_cast<const char*>(&self), sizeof self);
  });
  bound.def("__setstate__", [is_sound](Record& self, const nb::bytes& state) {
    Record record;
    if (state.size() != sizeof record) throw input_error("a pickle of another version");
    std::memcpy(&record, state.c_str(), sizeof record);
    is_sound(record);
    new (&self) Record(record);
  });
}

}  // namespace cugamma::python
