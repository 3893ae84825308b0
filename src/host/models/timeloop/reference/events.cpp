#include "models/timeloop/reference/events.hpp"

#include <algorithm>
#include <cstdlib>

namespace cugamma::timeloop::reference {
namespace {

/// A temporal loop as a level's inner tile sees it.
struct advance {
  coordinates step;  ///< of the loop alone
  coordinates jump;  ///< of the tile when the loop advances and the inner ones start again
  std::int64_t bound = 1;
  std::int64_t repeats = 0;  ///< how often it advances
};

/// The temporal loops of a level and of those outside of it. Timeloop runs only the first two
/// iterations of each loop, so inner loops start again from their second, not from their last.
std::vector<advance> advances_of(const nest& n, const tensor& t, int level) {
  std::vector<advance> all;
  coordinates behind(t.axes.size(), 0);
  for (auto l = n.levels.begin() + level; l < n.levels.end(); ++l) {
    box inside = l->at_once;
    for (const loop& x : l->temporal) {
      const auto d = static_cast<std::size_t>(x.dimension);
      advance a{step(t, x.dimension, inside[d]), {}, x.bound, 0};
      for (std::size_t k = 0; k < behind.size(); ++k) {
        a.jump.push_back(a.step[k] - behind[k]);
        behind[k] += a.step[k];
      }
      inside[d] *= x.bound;
      all.push_back(std::move(a));
    }
  }
  std::int64_t outside = 1;
  for (auto a = all.rbegin(); a != all.rend(); ++a) {
    a->repeats = (a->bound - 1) * outside;
    outside *= a->bound;
  }
  return all;
}

bool is_zero(const coordinates& c) {
  return std::ranges::all_of(c, [](std::int64_t x) { return x == 0; });
}

/// Words of a moved tile that it did not hold before.
std::int64_t new_words(const coordinates& tile, const coordinates& jump) {
  std::int64_t all = 1, kept = 1;
  for (std::size_t k = 0; k < tile.size(); ++k) {
    all *= tile[k];
    kept *= std::max<std::int64_t>(0, tile[k] - std::abs(jump[k]));
  }
  return all - kept;
}

/// Each MAC takes a word of each tensor in each cycle.
std::vector<event> events_of_macs(const nest& n, const tensor& t) {
  if (n.levels[0].spatial.empty()) return {{1, n.cycles(), {}}};
  std::vector<event> events = {{1, 1, {}}};
  for (const advance& a : advances_of(n, t, 0)) events.push_back({1, a.repeats, a.jump});
  return events;
}

/// Events of a tensor that the innermost loop moves, by `part` words each time: neighbours serve
/// what another instance was handed just before in the same shape.
std::vector<event> events_of_moving(const std::vector<advance>& advances,
                                    const coordinates& first_step,
                                    std::int64_t full,
                                    std::int64_t part) {
  const bool is_apart = part == full;  // successive tiles share nothing
  const auto jump_if_alike = [&](const advance& a) -> std::optional<coordinates> {
    const bool is_alike = !is_zero(a.jump) && (a.jump == first_step || is_apart);
    return is_alike ? std::optional(a.jump) : std::nullopt;
  };
  const auto first_jump = [&](bool may_be_served) {
    return may_be_served ? std::optional(first_step) : std::nullopt;
  };
  const advance& first = advances.front();
  std::vector<event> events = {{part, first.bound - 1, first_jump(is_apart)}};
  for (std::size_t j = 1; j < advances.size(); ++j) {
    events.push_back({part,
                      (first.bound - 1) * advances[j].repeats,
                      first_jump(jump_if_alike(advances[j]).has_value())});
  }
  for (std::size_t j = 1; j < advances.size(); ++j) {
    const advance& a = advances[j];
    if (is_zero(a.jump)) continue;
    events.push_back({a.jump == first_step ? part : full, a.repeats, jump_if_alike(a)});
  }
  return events;
}

}  // namespace

std::vector<event> events_of(const nest& n, const tensor& t, int level) {
  if (level == 0) return events_of_macs(n, t);
  const coordinates tile = extents(t, n.levels[static_cast<std::size_t>(level)].below);
  const std::int64_t full = new_words(tile, tile);
  std::vector<event> events = {{full, 1, {}}};
  const std::vector<advance> advances = advances_of(n, t, level);
  const auto mover = std::ranges::find_if(advances, [](auto& a) { return !is_zero(a.step); });
  if (mover == advances.end()) return events;
  const std::int64_t part = new_words(tile, mover->step);
  if (mover == advances.begin()) {
    std::ranges::copy(events_of_moving(advances, mover->step, full, part),
                      std::back_inserter(events));
    return events;
  }
  for (const advance& a : advances) {
    if (is_zero(a.jump)) continue;
    events.push_back({a.jump == mover->step ? part : full, a.repeats, {}});
  }
  return events;
}

}  // namespace cugamma::timeloop::reference
