#include "arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace cugamma::python {
namespace {

/// "; did you mean X?" where a name is near one that there is, letter case not mattering.
std::string suggestion(const std::string& name, const std::vector<std::string>& names) {
  nb::dict known;
  for (const std::string& each : names) {
    const nb::str shown(each.c_str());
    known[shown.attr("lower")()] = shown;
  }
  const nb::object near = nb::module_::import_("difflib").attr(
      "get_close_matches")(nb::str(name.c_str()).attr("lower")(), known, 1);
  if (nb::len(near) == 0) return "";
  return fmt::format("; did you mean {}?", nb::str(known[near[0]]).c_str());
}

}  // namespace

std::string found_text(nb::handle value) {
  constexpr std::size_t longest = 60;
  std::string text = nb::repr(value).c_str();
  if (text.size() > longest) text = text.substr(0, longest) + "...";
  return fmt::format("{} ({})", text, nb::str(value.type().attr("__name__")).c_str());
}

std::string path_from(std::string_view name, const nb::object& given) {
  const nb::object path = nb::steal(PyOS_FSPath(given.ptr()));
  if (!path.is_valid() || !nb::isinstance<nb::str>(path)) {
    PyErr_Clear();
    throw call_error(fmt::format("{}: found {}, expected a path", name, found_text(given)));
  }
  return nb::str(path).c_str();
}

arguments::arguments(std::string_view call,
                     const nb::args& in_order,
                     const nb::kwargs& by_name,
                     const std::vector<std::string>& names,
                     std::size_t positional) {
  if (in_order.size() > positional) {
    throw call_error(
        fmt::format("{}: found {} arguments without a name, expected at most {}; by name: {}",
                    call,
                    in_order.size(),
                    positional,
                    fmt::join(names, ", ")));
  }
  for (std::size_t i = 0; i < in_order.size(); ++i) given_[names[i].c_str()] = in_order[i];
  for (const auto [key, value] : by_name) {
    const std::string name = nb::str(key).c_str();
    if (std::ranges::find(names, name) == names.end()) {
      throw call_error(fmt::format("{}: found the argument {}{}; expected {}",
                                   call,
                                   name,
                                   suggestion(name, names),
                                   fmt::join(names, ", ")));
    }
    if (given_.contains(key)) throw call_error(fmt::format("{}: {} is given twice", call, name));
    given_[key] = value;
  }
}

nb::object arguments::find(std::string_view name) const {
  const nb::str key(name.data(), name.size());
  return given_.contains(key) ? nb::object(given_[key]) : nb::none();
}

void arguments::read(std::string_view name, double& into) const {
  const nb::object given = find(name);
  if (given.is_none()) return;
  const double value = nb::isinstance<nb::str>(given) ? -1.0 : PyFloat_AsDouble(given.ptr());
  if (nb::isinstance<nb::str>(given) || PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    throw call_error(fmt::format("{}: found {}, expected a number", name, found_text(given)));
  }
  into = value;
}

void arguments::read(std::string_view name, std::string& into) const {
  const nb::object given = find(name);
  if (given.is_none()) return;
  if (!nb::isinstance<nb::str>(given)) {
    throw call_error(fmt::format("{}: found {}, expected a str", name, found_text(given)));
  }
  into = nb::str(given).c_str();
}

std::int64_t arguments::whole_number(std::string_view name,
                                     const nb::object& given,
                                     std::int64_t least,
                                     std::int64_t most) {
  const nb::object index = nb::steal(PyNumber_Index(given.ptr()));
  if (!index.is_valid()) {
    PyErr_Clear();
    throw call_error(fmt::format("{}: found {}, expected a whole number", name, found_text(given)));
  }
  int overflow = 0;
  const std::int64_t value = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  if (overflow != 0 || value < least || value > most) {
    throw call_error(
        fmt::format("{}: found {}, expected {} to {}", name, found_text(given), least, most));
  }
  return value;
}

}  // namespace cugamma::python
