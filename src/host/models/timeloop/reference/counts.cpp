#include "models/timeloop/reference/counts.hpp"

#include <cmath>

namespace cugamma::timeloop::reference {
namespace {

using levels = std::vector<tensor_at_level>;

void set_partitions(const nest& n, const tensor& t, levels& all) {
  all.back().partition = all.back().tile;
  for (std::size_t b = all.size() - 1; b-- > 0;) {
    const level_nest& outer = n.levels[b + 1];
    const std::int64_t together = outer.spatial.empty() ? all[b].tile : volume(t, outer.at_once);
    all[b].partition = all[b + 1].partition * all[b].tile / together;
  }
}

void set_shares(const nest& n, levels& all) {
  for (std::size_t b = 0; b + 1 < all.size(); ++b) {
    const auto elements = static_cast<double>(n.levels[b + 1].used());
    for (const transfer_record& r : all[b + 1].below.records) {
      all[b].share += r.accesses * r.multicast / elements;
    }
  }
}

void forget_buffer(tensor_at_level& l) {
  l.tile = l.partition = 0;
  l.content = l.share = 0;
}

/// A level that does not keep the tensor passes its accesses on to the next outer one.
void pass_on(const nest& n, levels& all) {
  for (std::size_t b = 0; b < all.size(); ++b) {
    if (all[b].is_kept) continue;
    if (b + 1 < all.size()) {
      tensor_at_level& outer = all[b + 1];
      const double demand = all[b].content * static_cast<double>(n.levels[b + 1].used());
      const double more = demand / outer.below.delivered();
      for (transfer_record& r : outer.below.records) r.accesses *= more;
      outer.below.link_transfers = 0;
      outer.content = outer.below.accesses();
    }
    forget_buffer(all[b]);
  }
}

/// Nothing reaches the levels outside of the outermost one that keeps the tensor.
void end_at_outermost_keeper(levels& all) {
  for (auto l = all.rbegin(); l != all.rend(); ++l) {
    if (l->is_kept) {
      l->share = 0;
      return;
    }
    l->below = {};
  }
}

void set_peers(const nest& n, levels& all) {
  for (std::size_t b = all.size() - 1; b > 0; --b) {
    const auto instances = static_cast<double>(n.instances(static_cast<int>(b) - 1));
    all[b - 1].from_peers = all[b].below.link_transfers / instances;
  }
}

std::int64_t rounded(double x) { return static_cast<std::int64_t>(std::round(x)); }

void count_input(tensor_at_level& l) {
  l.reads = rounded(l.content + l.from_peers);
  l.fills = static_cast<std::int64_t>(l.share + l.from_peers);
}

/// The first access of each word needs no read. Returns whether the counts make sense.
bool count_output(tensor_at_level& l, bool is_outermost) {
  const auto first = static_cast<double>(l.partition);
  const double all = l.content + l.from_peers;
  l.updates = rounded(l.content);
  l.reads = l.temporal_reductions = rounded(all - first);
  l.fills = rounded(is_outermost ? l.share + l.from_peers : l.share + l.from_peers - first);
  return all >= first && l.fills >= 0;
}

/// Without adders on the way, an update reads what it adds to first: but not the first of a word.
void double_updates(const architecture& a, levels& all) {
  for (std::size_t b = 0; b < all.size(); ++b) {
    if (a.levels[b].supports_reduction) continue;
    for (transfer_record& r : all[b].below.records) {
      r.accesses = 2 * r.accesses - static_cast<double>(all[b].partition);
    }
  }
}

}  // namespace

tensor_counts counts_of(const architecture& a,
                        const nest& n,
                        const tensor& t,
                        const std::vector<bool>& keep) {
  tensor_counts c;
  levels& all = c.levels;
  all.resize(keep.size());
  for (std::size_t b = 0; b < keep.size(); ++b) {
    all[b].is_kept = keep[b];
    all[b].tile = volume(t, n.levels[b].tile);
    const int level = static_cast<int>(b);
    all[b].below = traffic_of(n, t, level, fan_out_of(a, level));
    all[b].content = all[b].below.accesses();
  }
  set_partitions(n, t, all);
  set_shares(n, all);
  pass_on(n, all);
  end_at_outermost_keeper(all);
  set_peers(n, all);
  bool is_outermost = true;
  for (auto l = all.rbegin(); l != all.rend(); ++l) {
    if (!l->is_kept) continue;
    if (!t.is_output) {
      count_input(*l);
    } else if (!count_output(*l, is_outermost)) {
      c.breaks_down = true;
    }
    is_outermost = false;
  }
  if (t.is_output) double_updates(a, all);
  return c;
}

}  // namespace cugamma::timeloop::reference
