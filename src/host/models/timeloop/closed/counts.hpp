#pragma once

#include "models/timeloop/closed/traffic.hpp"

namespace cugamma::timeloop::closed {

/// Words of one instance; energy of all instances.
struct level_counts {
  std::int64_t reads;
  std::int64_t fills;
  std::int64_t updates;
  double network_pj;
};

/// How counting a tensor ended.
enum class counted : std::uint8_t { whole, broken_down, left_over };

CUGAMMA_HD inline bool keeps(const genome& g, int level, int tensor) {
  return (g.keep[level] >> tensor & 1) != 0;
}

/// The outermost level that keeps a tensor; -1: none.
CUGAMMA_HD inline int outermost_keeper(const genome& g, int levels, int tensor) {
  int level = levels - 1;
  while (level >= 0 && !keeps(g, level, tensor)) --level;
  return level;
}

namespace detail {

/// To the nearest, half away from zero.
CUGAMMA_HD constexpr std::int64_t rounded(double x) {
  const auto whole = static_cast<std::int64_t>(x);
  const double rest = x - static_cast<double>(whole);
  return whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0);
}

CUGAMMA_HD constexpr double floor_of(double x) {
  return static_cast<double>(static_cast<std::int64_t>(x));
}

/// As reference::network_pj. part: of a tensor whose updates are not added up on the way, else -1.
CUGAMMA_HD inline double network_pj(const traffic& w,
                                    const level_row& l,
                                    double part,
                                    std::int64_t instances) {
  double wires = 0, routers = 0;
  for (int i = 0; i < w.count; ++i) {
    const record& r = w.records[i];
    const double accesses = part < 0 ? r.accesses : 2 * r.accesses - part;
    if (accesses <= 0) continue;
    const double hops = r.hops / accesses;
    routers = floor_of(routers + (1 + floor_of(hops)) * accesses);
    wires += hops * accesses;
  }
  return (wires * l.hop_pj + routers * l.router_pj +
          w.link_transfers * (l.hop_pj + 2 * l.router_pj)) *
         static_cast<double>(instances);
}

/// A level's share of the whole tensor, if all instances share it out.
CUGAMMA_HD inline void find_partitions(const tensor_row& t,
                                       const nest& n,
                                       const std::int64_t* words,
                                       int levels,
                                       std::int64_t* partitions) {
  std::int64_t part = partitions[levels - 1] = words[levels];
  for (int b = levels - 2; b >= 0; --b) {
    if (n.fans[b + 1].count > 0) {
      part = part * words[b + 1] / volume(t, n.at_once[b + 1]);
    }
    partitions[b] = part;
  }
}

/// Reads, fills and updates of a level. False: Timeloop would stop.
CUGAMMA_HD inline bool set_counts(bool is_output,
                                  bool is_outermost,
                                  double content,
                                  double share,
                                  double from_peers,
                                  double part,
                                  level_counts& c) {
  const double all = content + from_peers;
  if (!is_output) {
    c.reads = rounded(all);
    c.fills = static_cast<std::int64_t>(share + from_peers);
    return true;
  }
  c.updates = rounded(content);
  c.reads = rounded(all - part);
  c.fills = rounded(is_outermost ? share + from_peers : share + from_peers - part);
  return all >= part && c.fills >= 0;
}

}  // namespace detail

/// For a back end that leaves over what takes an element list.
struct no_elements {
  CUGAMMA_HD bool find_traffic(const tables&, const nest&, int, int, traffic&) const {
    return false;
  }
};

/// Counts a tensor at every level; entries of levels that do not keep it are 0. elements: finds
/// traffic by a list of elements, if it can.
/// preconditions: a level keeps it
template <class Elements>
CUGAMMA_HD counted count_tensor(const tables& tables,
                                const genome& g,
                                const nest& n,
                                int tensor,
                                level_counts* out,
                                Elements& elements) {
  const tensor_row& t = tables.tensors[tensor];
  const int levels = tables.shape.num_levels, last = outermost_keeper(g, levels, tensor);
  for (int b = 0; b < levels; ++b) out[b] = {};
  std::int64_t partitions[max_levels];
  if (t.is_output) detail::find_partitions(t, n, n.words[tensor], levels, partitions);
  bool is_sound = true;
  double inner_content = 0;
  for (int b = 0; b <= last; ++b) {
    traffic w;
    if (!find_traffic(tables, n, tensor, b, w) && !elements.find_traffic(tables, n, tensor, b, w)) {
      return counted::left_over;
    }
    const auto used = static_cast<double>(n.fans[b].used());
    if (b > 0 && keeps(g, b - 1, tensor)) {
      double share = n.fans[b].count == 0 ? w.records[0].accesses : 0;
      for (int i = 0; i < w.count && n.fans[b].count > 0; ++i) {
        share += w.records[i].accesses * static_cast<double>(w.records[i].multicast) / used;
      }
      const double peers = w.link_transfers / static_cast<double>(n.instances(b - 1));
      const double part = t.is_output ? static_cast<double>(partitions[b - 1]) : 0;
      is_sound &=
          detail::set_counts(t.is_output, false, inner_content, share, peers, part, out[b - 1]);
    } else if (b > 0) {
      const double more = inner_content * used / w.delivered();
      for (int i = 0; i < w.count; ++i) w.records[i].accesses *= more;
      w.link_transfers = 0;
    }
    inner_content = w.accesses();
    const level_row& l = tables.levels[b];
    if (l.has_network_energy) {
      const bool is_kept = keeps(g, b, tensor);
      const double part = !t.is_output || l.supports_reduction ? -1
                          : is_kept                            ? static_cast<double>(partitions[b])
                                                               : 0;
      out[b].network_pj = detail::network_pj(w, l, part, n.instances(b));
    }
  }
  const double part = t.is_output ? static_cast<double>(partitions[last]) : 0;
  is_sound &= detail::set_counts(t.is_output, true, inner_content, 0, 0, part, out[last]);
  return is_sound ? counted::whole : counted::broken_down;
}

}  // namespace cugamma::timeloop::closed
