#include "certify/timeloop/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cugamma::timeloop::proving {
namespace {

bool is_above_one(const problem& p, const axis_term& x) {
  return p.dimensions[static_cast<std::size_t>(x.dimension)].size > 1;
}

/// The terms of an axis whose dimensions have more than one index.
std::vector<axis_term> real_terms(const problem& p, const axis& of_tensor) {
  std::vector<axis_term> terms;
  for (const axis_term& x : of_tensor) {
    if (is_above_one(p, x)) terms.push_back(x);
  }
  return terms;
}

bool is_plain_axis(const std::vector<axis_term>& terms) {
  return terms.size() == 1 && terms[0].coefficient == 1;
}

std::optional<std::string> obstacle_of(const problem& p, const tensor& t) {
  std::set<int> seen;
  for (const axis& a : t.axes) {
    const std::vector<axis_term> terms = real_terms(p, a);
    for (const axis_term& x : terms) {
      const char name = p.dimensions[static_cast<std::size_t>(x.dimension)].name;
      if (seen.insert(x.dimension).second) continue;
      return fmt::format("tensor {}: dimension {} indexes it twice", t.name, name);
    }
    if (terms.size() > 2) {
      return fmt::format("tensor {}: an axis has {} dimensions, expected at most 2",
                         t.name,
                         terms.size());
    }
    if (t.is_output && !terms.empty() && !is_plain_axis(terms)) {
      return fmt::format("tensor {}: an axis of the output has several dimensions or steps above 1",
                         t.name);
    }
  }
  return {};
}

std::optional<std::string> obstacle_of(const storage_level& l) {
  const bool pays_back = l.read_pj < 0 || l.fill_pj < 0 || l.update_pj < 0 || l.leak_pj < 0 ||
                         l.address_generation_pj < 0 || l.router_pj < 0 || l.wire_pj < 0 ||
                         l.energy_per_hop_pj.value_or(0) < 0;
  if (pays_back) return fmt::format("level {}: an energy is below 0", l.name);
  return {};
}

/// What listing the shares of a window may take, in positions.
constexpr double most_positions = 4e9;

std::optional<std::string> obstacle_of(const problem& p,
                                       const tensor& t,
                                       const std::vector<std::vector<split>>& splits) {
  for (const axis& a : t.axes) {
    double positions = 1, pairs = 1;
    for (const axis_term& x : real_terms(p, a)) {
      const auto d = static_cast<std::size_t>(x.dimension);
      positions += static_cast<double>(x.coefficient * p.dimensions[d].size);
      pairs *= static_cast<double>(splits[d].size());
    }
    if (is_plain_axis(real_terms(p, a)) || pairs * positions <= most_positions) continue;
    return fmt::format("tensor {}: an axis is too long: {:.3g} tilings of {:.3g} positions",
                       t.name,
                       pairs,
                       positions);
  }
  return {};
}

std::vector<std::vector<split>> all_splits(const map_space& space) {
  std::vector<std::vector<split>> splits;
  for (int d = 0; d < space.shape.num_dimensions; ++d) splits.push_back(splits_of(space, d));
  return splits;
}

tensor_facts tensor_of(const problem& p, std::size_t index, const facts& f) {
  const tensor& t = p.tensors[index];
  tensor_facts row;
  row.is_output = t.is_output;
  for (std::size_t b = 0; b < f.levels(); ++b) {
    if (f.keeps(b, index)) row.last_keeper = b;
  }
  row.window_of.fill(is_irrelevant);
  for (const axis& a : t.axes) {
    const std::vector<axis_term> terms = real_terms(p, a);
    if (terms.empty()) continue;
    const bool plain = is_plain_axis(terms);
    for (const axis_term& x : terms) {
      row.window_of[static_cast<std::size_t>(x.dimension)] =
          plain ? is_plain : static_cast<int>(row.windows.size());
    }
    if (plain) {
      row.plain_words *=
          static_cast<double>(p.dimensions[static_cast<std::size_t>(terms[0].dimension)].size);
    } else {
      row.windows.emplace_back(terms, f.splits, static_cast<int>(f.levels()), p);
    }
  }
  row.words = row.plain_words;
  for (const window& w : row.windows) row.words *= w.length();
  for (int d = 0; d < f.space.shape.num_dimensions; ++d) {
    const auto at = static_cast<std::size_t>(d);
    if (p.dimensions[at].size > 1 && row.window_of[at] == is_irrelevant) {
      row.irrelevant.push_back(d);
    }
  }
  return row;
}

level_prices prices_of(const closed::level_row& l) {
  level_prices p;
  // Instances of a cluster share an access: at worst all instances are in use.
  const double shared =
      std::min(1.0, static_cast<double>(l.clusters) / static_cast<double>(l.instances));
  const double per_word = shared / static_cast<double>(l.block_size);
  p.read = l.read_pj * per_word;
  p.fill = l.fill_pj * per_word;
  p.update = l.update_pj * per_word;
  p.input_address = p.output_address = l.address_pj * shared;
  p.leak = l.leak_pj;
  p.most_units = static_cast<double>(l.fan_x * l.fan_y);
  return p;
}

/// The dimensions, those that are ever chosen: windows' pairs side by side, else those with the
/// most splits first.
std::vector<int> order_of(const facts& f) {
  std::vector<int> order;
  std::vector<char> is_taken(f.splits.size(), 0);
  const auto take = [&](int d) {
    if (d < 0 || is_taken[static_cast<std::size_t>(d)] != 0) return;
    is_taken[static_cast<std::size_t>(d)] = 1;
    order.push_back(d);
  };
  std::vector<int> by_splits;
  for (int d = 0; d < f.space.shape.num_dimensions; ++d) by_splits.push_back(d);
  std::ranges::stable_sort(by_splits, std::greater{}, [&](int d) {
    return f.splits[static_cast<std::size_t>(d)].size();
  });
  for (const int d : by_splits) {
    take(d);
    for (const tensor_facts& t : f.tensors) {
      const int w = t.window_of[static_cast<std::size_t>(d)];
      if (w < 0) continue;
      take(t.windows[static_cast<std::size_t>(w)].first());
      take(t.windows[static_cast<std::size_t>(w)].second());
    }
  }
  return order;
}

std::vector<std::vector<double>> products_of(const facts& f) {
  std::vector<std::vector<double>> products(f.order.size() + 1);
  std::set<double> all{1};
  products.back() = {1};
  for (std::size_t i = f.order.size(); i-- > 0;) {
    const auto size = f.work.dimensions[static_cast<std::size_t>(f.order[i])].size;
    std::set<double> more;
    for (std::int64_t factor = 1; factor <= size; ++factor) {
      if (size % factor != 0) continue;
      for (const double x : all) more.insert(x * static_cast<double>(factor));
    }
    all = std::move(more);
    products[i].assign(all.begin(), all.end());
  }
  return products;
}

}  // namespace

std::optional<std::string> obstacle(const architecture& a, const problem& p, const constraints& c) {
  for (const storage_level& l : a.levels) {
    if (auto found = obstacle_of(l)) return found;
  }
  for (const tensor& t : p.tensors) {
    if (auto found = obstacle_of(p, t)) return found;
  }
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    const auto bypasses = [&](const level_constraint& l) { return (l.bypass >> t & 1) != 0; };
    if (std::ranges::all_of(c.levels, bypasses)) {
      return fmt::format("tensor {}: every level bypasses it", p.tensors[t].name);
    }
  }
  const auto splits = all_splits(make_map_space(a, p, c, false));
  for (std::size_t d = 0; d < splits.size(); ++d) {
    if (splits[d].size() <= most_splits) continue;
    return fmt::format("dimension {} = {} can be shared out in more than {} ways",
                       p.dimensions[d].name,
                       p.dimensions[d].size,
                       most_splits);
  }
  for (const tensor& t : p.tensors) {
    if (auto found = obstacle_of(p, t, splits)) return found;
  }
  return {};
}

facts facts_of(const architecture& a, const problem& p, const constraints& c, figure goal) {
  facts f;
  f.machine = a;
  f.work = p;
  f.rules = c;
  f.goal = goal;
  f.space = make_map_space(a, p, c, false);
  f.rows = closed::make_tables(a, p);
  f.splits = all_splits(f.space);
  f.macs = static_cast<double>(macs(p));
  for (std::size_t t = 0; t < p.tensors.size(); ++t) f.tensors.push_back(tensor_of(p, t, f));
  for (std::size_t b = 0; b < f.levels(); ++b) f.prices[b] = prices_of(f.rows.levels[b]);
  f.order = order_of(f);
  f.products = products_of(f);
  return f;
}

choice nothing_chosen() {
  choice c;
  c.at.fill(-1);
  return c;
}

}  // namespace cugamma::timeloop::proving
