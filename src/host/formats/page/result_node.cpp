#include "formats/page/result_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace cugamma::report {
namespace {

const nlohmann::json& missing() {
  static const nlohmann::json null;
  return null;
}

double spelled_number(const std::string& text) {
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  return std::numeric_limits<double>::quiet_NaN();
}

/// owner.key, or owner["key"] where the key is not a plain word.
std::string joined(const std::string& owner, std::string_view key) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  if (!std::ranges::all_of(key, plain)) return fmt::format("{}[\"{}\"]", owner, key);
  return owner.empty() ? std::string(key) : fmt::format("{}.{}", owner, key);
}

}  // namespace

result_node::result_node(const nlohmann::json& root, std::string path)
    : value_(&root), path_(std::move(path)) {}

result_node result_node::operator[](std::string_view key) const {
  std::string path = joined(path_, key);
  const auto found = value_->is_object() ? value_->find(std::string(key)) : value_->end();
  const bool there = value_->is_object() && found != value_->end();
  return result_node(there ? *found : missing(), std::move(path));
}

result_node result_node::at(std::size_t i) const {
  const bool there = value_->is_array() && i < value_->size();
  return result_node(there ? (*value_)[i] : missing(), fmt::format("{}[{}]", path_, i));
}

std::vector<result_node> result_node::elements() const {
  std::vector<result_node> out;
  for (std::size_t i = 0; value_->is_array() && i < value_->size(); ++i) out.push_back(at(i));
  return out;
}

std::vector<std::string> result_node::keys() const {
  std::vector<std::string> out;
  if (!value_->is_object()) return out;
  for (const auto& [key, value] : value_->items()) out.push_back(key);
  return out;
}

bool result_node::present() const { return !value_->is_null(); }

bool result_node::is_number() const { return value_->is_number(); }

double result_node::number() const {
  if (value_->is_number()) return value_->get<double>();
  if (value_->is_string()) return spelled_number(value_->get<std::string>());
  return std::numeric_limits<double>::quiet_NaN();
}

double result_node::number_or(double other) const { return is_number() ? number() : other; }

std::string result_node::text() const {
  if (value_->is_string()) return value_->get<std::string>();
  return value_->dump();
}

}  // namespace cugamma::report
