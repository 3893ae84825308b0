#include "models/timeloop/elements.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace cugamma::timeloop {

void element_lists::hand_after(std::int64_t jump, std::int64_t words) {
  auto same = std::ranges::find(served_, jump, &served_words::jump);
  if (same == served_.end()) same = served_.insert(same, served_words{jump, 0, {}, 0});
  same->words += words;
}

void element_lists::list_addresses(const closed::tensor_row& t, const closed::fan_loops& fan) {
  addresses_.assign(1, 0);
  for (int i = 0; i < fan.count; ++i) {
    const closed::loop_row& l = fan.loops[i];
    const std::size_t inside = addresses_.size();
    const std::int64_t step = t.stride[static_cast<std::size_t>(l.dimension)] * l.inside;
    for (std::int64_t index = 1; index < l.bound; ++index) {
      for (std::size_t q = 0; q < inside; ++q) addresses_.push_back(addresses_[q] + index * step);
    }
  }
  all_.assign(addresses_.size(), true);
}

bool element_lists::is_element_at(std::int64_t element, std::int64_t address) const {
  return element >= 0 && element < static_cast<std::int64_t>(addresses_.size()) &&
         addresses_[static_cast<std::size_t>(element)] == address;
}

void element_lists::find_left(served_words& s) const {
  s.left.assign(addresses_.size(), true);
  s.served = 0;
  std::int64_t column = 0;
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    const auto q = static_cast<std::int64_t>(i);
    const std::int64_t wanted = addresses_[i] + s.jump;
    const bool is_served = (column > 0 && is_element_at(q - 1, wanted)) ||
                           (column < columns_ - 1 && is_element_at(q + 1, wanted)) ||
                           is_element_at(q - columns_, wanted) ||
                           is_element_at(q + columns_, wanted);
    if (is_served) {
      s.left[i] = false;
      ++s.served;
    }
    column = column + 1 == columns_ ? 0 : column + 1;
  }
}

/// Words for the same elements share their records.
void element_lists::merge_equal() {
  for (std::size_t i = 0; i < served_.size(); ++i) {
    for (std::size_t j = served_.size(); j-- > i + 1;) {
      if (served_[j].left != served_[i].left) continue;
      served_[i].words += served_[j].words;
      served_.erase(served_.begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

element_lists::group& element_lists::group_of(std::int64_t address) {
  const std::uint64_t mixed = static_cast<std::uint64_t>(address) * 0x9e3779b97f4a7c15u;
  std::size_t slot = mixed >> (64 - std::bit_width(slots_.size() - 1));
  for (;; slot = (slot + 1) & (slots_.size() - 1)) {
    if (slots_[slot] == 0) {
      groups_.push_back({.address = address});
      slots_[slot] = static_cast<std::int32_t>(groups_.size());
    }
    group& g = groups_[static_cast<std::size_t>(slots_[slot] - 1)];
    if (g.address == address) return g;
  }
}

void element_lists::find_groups(const std::vector<bool>& chosen) {
  slots_.assign(std::bit_ceil(2 * addresses_.size()), 0);
  groups_.clear();
  for (std::size_t q = 0; q < addresses_.size(); ++q) {
    if (chosen[q]) ++group_of(addresses_[q]).size;
  }
}

/// Wires that a word takes to each group, as reference/fan.cpp counts them: column by column.
void element_lists::add_hops(const std::vector<bool>& chosen) {
  const auto count = static_cast<std::int64_t>(addresses_.size());
  const double middle = static_cast<double>(rows_ - 1) / 2;
  for (std::int64_t column = 0; column < std::min(columns_, count); ++column) {
    for (std::int64_t q = column; q < count; q += columns_) {
      if (!chosen[static_cast<std::size_t>(q)]) continue;
      group& g = group_of(addresses_[static_cast<std::size_t>(q)]);
      const auto row = static_cast<double>(q / columns_);
      if (g.last_column != column) {
        g.hops += std::max(0.0, middle - row);
        g.last_upward = 0;
        g.last_column = column;
      }
      const double upward = std::max(0.0, row - middle);
      g.hops += upward - g.last_upward;
      g.last_upward = upward;
    }
  }
  for (group& g : groups_) g.hops += static_cast<double>(g.last_column);
}

/// Hands words to the groups that find_groups found.
bool element_lists::add_records(const std::vector<bool>& chosen,
                                std::int64_t words,
                                closed::traffic& w) {
  struct alike {
    std::int64_t groups = 0;
    double hops = 0;
  };
  if (needs_hops_) add_hops(chosen);
  std::map<std::int64_t, alike> sizes;
  for (const group& g : groups_) {
    alike& a = sizes[g.size];
    ++a.groups;
    a.hops += g.hops;
  }
  for (const auto& [size, a] : sizes) {
    const auto accesses = static_cast<double>(a.groups * words);
    const double hops = accesses * (a.hops / static_cast<double>(a.groups));
    if (!closed::detail::add_record(size, a.groups, accesses, hops, w)) return false;
  }
  return true;
}

bool element_lists::find_traffic(const closed::tables& t,
                                 const closed::nest& n,
                                 int tensor,
                                 int level,
                                 closed::traffic& w) {
  const closed::tensor_row& row = t.tensors[static_cast<std::size_t>(tensor)];
  const closed::level_row& l = t.levels[static_cast<std::size_t>(level)];
  const closed::fan_loops& fan = n.fans[level];
  columns_ = std::max(l.fan_x, fan.used_x);
  rows_ = std::max(l.fan_y, fan.used_y);
  needs_hops_ = l.has_network_energy && fan.count > 0;
  to_all_ = 0;
  served_.clear();
  closed::hand_down(t, n, tensor, level, *this);
  list_addresses(row, fan);
  for (served_words& s : served_) find_left(s);
  merge_equal();

  w.count = 0;
  std::int64_t over_links = 0;
  find_groups(all_);
  const std::size_t all_groups = groups_.size();
  std::erase_if(served_, [&](const served_words& s) {
    find_groups(s.left);
    const bool helps = groups_.size() < all_groups;
    (helps ? over_links : to_all_) += helps ? s.served * s.words : s.words;
    return !helps;
  });
  w.link_transfers = static_cast<double>(over_links);
  find_groups(all_);
  bool has_room = add_records(all_, to_all_, w);
  for (const served_words& s : served_) {
    find_groups(s.left);
    has_room = has_room && add_records(s.left, s.words, w);
  }
  return has_room;
}

}  // namespace cugamma::timeloop
