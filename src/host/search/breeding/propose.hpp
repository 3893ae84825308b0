#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "mapping/operators/child.hpp"
#include "mapping/operators/drawing.hpp"
#include "search/breeding/proposal.hpp"

/// Makes individuals, as many at a time as Lanes has. Included by one file for each kind of lanes.
namespace cugamma {
namespace {

/// Streams of the individuals that are drawn differ from those that are bred.
constexpr std::uint32_t drawing_streams = 0x80000000u;

/// Individuals in a row, and where they go.
template <class Lanes>
class lane_breeder {
 public:
  using number = typename Lanes::number;
  static constexpr std::size_t width = Lanes::width;

  lane_breeder(const proposal_job& job, genome* out, std::uint64_t* identities)
      : job_(job), plan_(*job.plan), out_(out), identities_(identities) {}

  template <class Depth>
  void run(const std::uint32_t* individuals, std::size_t count) {
    if (job_.parent_count < 2) {
      for (std::size_t i = 0; i < count; ++i) drawn_[i] = static_cast<std::uint32_t>(i);
      drawn_count_ = count;
    } else {
      breed<Depth>(individuals, count);
    }
    for (std::size_t i = 0; i < drawn_count_; i += width) draw<Depth>(individuals, i);
  }

 private:
  /// Steps, of one individual a lane, between asking the cache for parents and reading them.
  static constexpr std::size_t ahead = 4;
  /// Genomes are copied in blocks of four words.
  static constexpr std::size_t block_words = 4;
  static constexpr std::size_t block_bytes = block_words * sizeof(std::uint32_t);
  static constexpr std::size_t blocks = sizeof(genome) / block_bytes;
  static_assert(sizeof(genome) % block_bytes == 0);
  static constexpr std::size_t row = width * block_words;

  struct begun {
    random_words<number> random{0, 0, number(0), number(0), 0};
    number crossed;
    alignas(64) std::uint32_t mother[width];
    alignas(64) std::uint32_t father[width];
    alignas(64) std::uint32_t offset[width];
    alignas(64) std::uint32_t copy[blocks][row];
    alignas(64) std::uint32_t crossed_words[2 * width];
  };

  random_words<number> stream(number individual, std::uint32_t kind) const {
    return {job_.seed, job_.generation, individual, number(0), job_.attempt | kind};
  }
  /// Of one of an individual's even draws.
  random_words<number> stream_of_draw(number individual, number draw) const {
    return {job_.seed, job_.generation, individual, draw + number(1), job_.attempt};
  }

  template <class Depth>
  void breed(const std::uint32_t* individuals, std::size_t count) {
    const std::size_t steps = (count + width - 1) / width;
    const auto lanes_of = [&](std::size_t step) { return std::min(width, count - step * width); };
    const auto begin_step = [&](std::size_t step) {
      if (step < steps) begin(begun_[step % ahead], individuals, step * width, lanes_of(step));
    };
    const auto fetch_step = [&](std::size_t step) {
      if (step < steps) fetch(begun_[step % ahead]);
    };
    for (std::size_t step = 0; step < ahead; ++step) begin_step(step);
    fetch_step(0);
    for (std::size_t step = 0; step < steps; ++step) {
      fetch_step(step + 1);
      make_children<Depth>(begun_[step % ahead], step * width, lanes_of(step));
      begin_step(step + ahead);
    }
  }

  /// Makes the children of parents that were fetched.
  template <class Depth>
  void make_children(begun& b, std::size_t first, std::size_t count) {
    operators::packed<number> child = load(b.copy);
    const auto [low, high] = Lanes::load_pairs(b.crossed_words);
    operators::cross(child, b.crossed, low, high);
    const auto g = operators::make_child<Depth>(child, plan_, b.random);
    std::uint32_t at[width];
    for (std::size_t lane = 0; lane < count; ++lane) {
      at[lane] = static_cast<std::uint32_t>(first + lane);
    }
    finish(g, at, count);
  }

  /// Chooses the parents and asks for them.
  void begin(begun& b, const std::uint32_t* individuals, std::size_t first, std::size_t count) {
    alignas(64) std::uint32_t who[width];
    for (std::size_t lane = 0; lane < width; ++lane) {
      who[lane] = individuals[first + std::min(lane, count - 1)];
    }
    b.random = stream(Lanes::load(who), 0);
    const auto c =
        operators::choose_parents(plan_.rates, job_.parent_count, job_.immigrants, b.random);
    b.crossed = c.crossed;
    Lanes::store(c.mother, b.mother);
    Lanes::store(c.father, b.father);
    Lanes::store(operators::crossed_bytes(c.crossed), b.offset);
    for (std::size_t lane = 0; lane < width; ++lane) {
      __builtin_prefetch(job_.parents + b.mother[lane]);
      const auto* father = reinterpret_cast<const char*>(job_.parents + b.father[lane]);
      __builtin_prefetch(father + b.offset[lane]);
    }
    const std::uint32_t immigrants = Lanes::bits(c.immigrates);
    for (std::size_t lane = 0; lane < count; ++lane) {
      drawn_[drawn_count_] = static_cast<std::uint32_t>(first + lane);
      drawn_count_ += immigrants >> lane & 1;
    }
  }

  /// Copies what the children take from their parents, four words of all of them together.
  void fetch(begun& b) {
    for (std::size_t lane = 0; lane < width; ++lane) {
      const auto* mother = reinterpret_cast<const char*>(job_.parents + b.mother[lane]);
      for (std::size_t block = 0; block < blocks; ++block) {
        std::memcpy(&b.copy[block][lane * block_words], mother + block_bytes * block, block_bytes);
      }
      const auto* father = reinterpret_cast<const char*>(job_.parents + b.father[lane]);
      std::memcpy(&b.crossed_words[2 * lane],
                  father + b.offset[lane],
                  operators::crossed_byte_count);
    }
  }

  static operators::packed<number> load(const std::uint32_t (&copy)[blocks][row]) {
    operators::packed<number> w;
    for (std::size_t block = 0; block < blocks; ++block) {
      Lanes::load_blocks(copy[block], &w[block * block_words]);
    }
    return w;
  }

  static void store(const operators::packed<number>& w, std::uint32_t (&rows)[blocks][row]) {
    for (std::size_t block = 0; block < blocks; ++block) {
      Lanes::store_blocks(&w[block * block_words], rows[block]);
    }
  }

  template <class Depth>
  void draw(const std::uint32_t* individuals, std::size_t first) {
    const std::size_t count = std::min(width, drawn_count_ - first);
    alignas(64) std::uint32_t who[width];
    for (std::size_t lane = 0; lane < width; ++lane) {
      who[lane] = individuals[drawn_[first + std::min(lane, count - 1)]];
    }
    operators::genes<number, Depth> even{};
    if (job_.draws.guided_below > 0) even = best_of_handful<Depth>(who, count);
    random_words<number> random = stream(Lanes::load(who), drawing_streams);
    const number place = random.word_below(number(job_.draws.population));
    finish(operators::complete(even, plan_, job_.draws, place, random), drawn_ + first, count);
  }

  /// Of each individual's even draws the one that leaves the fewest PEs idle, the first of equals.
  /// Draws fill the lanes in order, whichever individual they belong to.
  template <class Depth>
  operators::genes<number, Depth> best_of_handful(const std::uint32_t* who, std::size_t count) {
    const auto handful = static_cast<std::size_t>(job_.draws.handful);
    if (handful == 1) {
      random_words<number> random = stream_of_draw(Lanes::load(who), number(0));
      return operators::draw_even<Depth>(plan_, random);
    }
    const std::size_t draws = count * handful;
    handful_best best;
    for (std::size_t first = 0; first < draws; first += width) {
      alignas(64) std::uint32_t individual[width];
      alignas(64) std::uint32_t draw[width];
      for (std::size_t lane = 0; lane < width; ++lane) {
        const std::size_t at = std::min(first + lane, draws - 1);
        individual[lane] = who[at / handful];
        draw[lane] = static_cast<std::uint32_t>(at % handful);
      }
      random_words<number> random = stream_of_draw(Lanes::load(individual), Lanes::load(draw));
      const auto g = operators::draw_even<Depth>(plan_, random);
      keep_better(best, g, first, std::min(width, draws - first));
    }
    for (std::size_t lane = count; lane < width; ++lane) best.copy(count - 1, best.genes, lane);
    return operators::unpack<Depth>(load(best.genes));
  }

  /// Of the individuals of the lanes, the best even draw so far.
  struct handful_best {
    alignas(64) std::uint32_t genes[blocks][row];
    std::uint32_t pe_use[width];

    void copy(std::size_t from_lane, const std::uint32_t (&from)[blocks][row], std::size_t lane) {
      for (std::size_t block = 0; block < blocks; ++block) {
        std::memcpy(&genes[block][lane * block_words],
                    &from[block][from_lane * block_words],
                    block_bytes);
      }
    }
  };

  /// Looks at draws first, first + 1 and so on, a lane each.
  template <class Genes>
  void keep_better(handful_best& best, Genes g, std::size_t first, std::size_t count) {
    alignas(64) std::uint32_t pe_use[width];
    alignas(64) std::uint32_t rows[blocks][row];
    using core::bits_of;
    Lanes::store(bits_of(operators::estimated_pe_use(g, plan_)), pe_use);
    operators::clear_unused(g);
    const operators::packed<number> w = operators::pack(g, plan_.space);
    store(w, rows);
    const auto handful = static_cast<std::size_t>(job_.draws.handful);
    for (std::size_t lane = 0; lane < count; ++lane) {
      const std::size_t whose = (first + lane) / handful;
      if ((first + lane) % handful != 0 && pe_use[lane] <= best.pe_use[whose]) continue;
      best.pe_use[whose] = pe_use[lane];
      best.copy(lane, rows, whose);
    }
  }

  /// Writes individuals and their identities to the given places.
  template <class Genes>
  void finish(Genes g, const std::uint32_t* at, std::size_t count) {
    operators::clear_unused(g);
    const operators::packed<number> w = operators::pack(g, plan_.space);
    const auto id = operators::identity_of(g, w, plan_);
    alignas(64) std::uint32_t rows[blocks][row];
    alignas(64) std::uint32_t ids[2 * width];
    store(w, rows);
    Lanes::store_pairs(id.low, id.high, ids);
    for (std::size_t lane = 0; lane < count; ++lane) {
      auto* to = reinterpret_cast<char*>(out_ + at[lane]);
      for (std::size_t block = 0; block < blocks; ++block) {
        std::memcpy(to + block_bytes * block, &rows[block][lane * block_words], block_bytes);
      }
      std::memcpy(identities_ + at[lane], ids + 2 * lane, 8);
    }
  }

  const proposal_job& job_;
  const breeding_plan& plan_;
  genome* out_;
  std::uint64_t* identities_;
  begun begun_[ahead];
  std::uint32_t drawn_[proposal_block + 1];
  std::size_t drawn_count_ = 0;
};

template <class Lanes>
void propose(const proposal_job& job,
             const std::uint32_t* individuals,
             std::size_t count,
             genome* out,
             std::uint64_t* identities) {
  lane_breeder<Lanes> p(job, out, identities);
  const search_space& space = job.plan->space;
  if (space.levels_min == 2 && space.levels_max == 2) {
    p.template run<operators::two_levels>(individuals, count);
  } else {
    p.template run<operators::any_levels>(individuals, count);
  }
}

}  // namespace
}  // namespace cugamma
