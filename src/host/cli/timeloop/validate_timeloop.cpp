#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cxxopts.hpp>

#include "cli/commands.hpp"
#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"
#include "cli/timeloop/given_problem.hpp"
#include "cli/timeloop/timeloop_commands.hpp"
#include "cugamma/evaluate/timeloop_back_ends.hpp"
#include "cugamma/formats/timeloop_output.hpp"
#include "numbers/random.hpp"

namespace cugamma::cli {
namespace {

using seconds = std::chrono::duration<double>;

cxxopts::Options validate_options() {
  cxxopts::Options options(
      "cugamma validate --cost-model timeloop",
      "Scores random mappings of a problem onto an architecture, valid and invalid ones, on "
      "several "
      "back ends and compares every field. Exit status: 0 all equal, 4 a difference, printed as "
      "map.yaml.\n");
  options.positional_help("ARCHITECTURE PROBLEM");
  auto add = options.add_options();
  add("file", "YAML files", cxxopts::value<std::vector<std::string>>());
  add("cost-model", "timeloop", cxxopts::value<std::string>(), "NAME");
  add("count", "mappings", cxxopts::value<std::string>()->default_value("1000000"), "N");
  add("seed", "decides the mappings", cxxopts::value<std::string>()->default_value("1"), "N");
  add("backends",
      "back ends to compare (default: all that can run)",
      cxxopts::value<std::vector<std::string>>(),
      "NAME,...");
  add("h,help", "print this help");
  options.parse_positional("file");
  return options;
}

/// A back end, what it made of the current mappings, and how long it took over all.
struct back_end_trial {
  std::string name;
  timeloop::score_function score;
  std::vector<timeloop::cost> costs;
  seconds spent{0};
};

std::vector<back_end_trial> make_trials(const cxxopts::ParseResult& given,
                                        const timeloop::file_contents& c) {
  std::vector<back_end_trial> all;
  for (const std::string& name : back_ends_asked_for(given)) {
    all.push_back({name, timeloop::make_back_end(name, *c.machine, *c.layer), {}, {}});
  }
  return all;
}

/// Factors at random places, of which one time in two most are in the outermost loops, so that
/// tiles fit; orders and tensors kept at random.
timeloop::genome draw(const timeloop::genome_shape& shape, random_stream& random) {
  timeloop::mapping m;
  m.levels.assign(static_cast<std::size_t>(shape.num_levels), timeloop::empty_loops());
  const bool mostly_outermost = random.below(2) == 0;
  for (int i = 0; i < shape.num_primes; ++i) {
    int at = random.below(shape.num_places);
    if (mostly_outermost && random.below(4) != 0) at = shape.num_places - 1;
    const timeloop::place& p = shape.places[static_cast<std::size_t>(at)];
    timeloop::level_loops& l = m.levels[static_cast<std::size_t>(p.level)];
    (p.is_spatial ? l.spatial : l.temporal)[shape.dimension_of[static_cast<std::size_t>(i)]] *=
        shape.primes[static_cast<std::size_t>(i)];
  }
  for (timeloop::level_loops& l : m.levels) {
    for (auto* order : {&l.temporal_order, &l.spatial_order}) {
      for (int i = shape.num_dimensions; i > 1; --i) {
        std::swap((*order)[static_cast<std::size_t>(i - 1)],
                  (*order)[static_cast<std::size_t>(random.below(i))]);
      }
    }
    l.split = random.below(shape.num_dimensions + 1);
    l.keep = static_cast<std::uint8_t>((random.next() | random.next()) &
                                       ((1u << shape.num_tensors) - 1));
  }
  if (random.below(4) != 0) {
    m.levels.back().keep = static_cast<std::uint8_t>((1u << shape.num_tensors) - 1);
  }
  return timeloop::encode(m, shape);
}

/// The first mapping on which a back end differs from the first one, reported; true if there is
/// one.
bool report_difference(const timeloop::file_contents& c,
                       const timeloop::genome_shape& shape,
                       std::span<const timeloop::genome> genomes,
                       const std::vector<back_end_trial>& all) {
  const auto text = [&](const timeloop::cost& x) {
    std::string accesses;
    for (int level = shape.num_levels - 1; level >= 0; --level) {
      accesses += fmt::format(", {} of {}",
                              x.accesses[static_cast<std::size_t>(level)],
                              c.machine->levels[static_cast<std::size_t>(level)].name);
    }
    const std::string why =
        x.why == timeloop::rejection::none
            ? "valid"
            : fmt::format("{} at level {}", name_of(x.why), static_cast<int>(x.at));
    return fmt::format("{} cycles, {} pJ, accesses{}, {}",
                       x.cycles,
                       x.energy_pj,
                       accesses.substr(1),
                       why);
  };
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    for (const back_end_trial& other : all) {
      timeloop::cost first = all[0].costs[i];
      timeloop::cost second = other.costs[i];
      first.excess = second.excess = 0;  // a hint for searches that the reference does not give
      if (first == second) continue;
      put("{}: {}\n{}: {}\n{}",
          all[0].name,
          text(first),
          other.name,
          text(second),
          timeloop::mapping_yaml(*c.machine, *c.layer, timeloop::decode(genomes[i], shape)));
      return true;
    }
  }
  return false;
}

}  // namespace

int run_timeloop_validate(int argc, char** argv) {
  cxxopts::Options options = validate_options();
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(options.help());
    return exit_ok;
  }
  const timeloop::file_contents c = read_given_problem(given, "validate");
  const auto count = whole_option<std::uint64_t>(given, "count");
  const auto seed = whole_option<std::uint64_t>(given, "seed");
  const timeloop::genome_shape shape = timeloop::make_genome_shape(*c.machine, *c.layer);
  std::vector<back_end_trial> all = make_trials(given, c);
  std::uint64_t valid = 0;
  std::vector<timeloop::genome> genomes;
  for (std::uint64_t first = 0; first < count; first += genomes.size()) {
    genomes.resize(std::min<std::uint64_t>(count - first, 1 << 14));
    for (std::size_t i = 0; i < genomes.size(); ++i) {
      random_stream random(seed, 0, first + i);
      genomes[i] = draw(shape, random);
    }
    for (back_end_trial& one : all) {
      one.costs.resize(genomes.size());
      const auto start = std::chrono::steady_clock::now();
      one.score(genomes, one.costs);
      one.spent += std::chrono::steady_clock::now() - start;
    }
    if (report_difference(c, shape, genomes, all)) return exit_different;
    valid += static_cast<std::uint64_t>(
        std::ranges::count(all[0].costs, timeloop::rejection::none, &timeloop::cost::why));
  }
  put("cost model timeloop, {} mappings, {} valid: every field equal on every back end\n",
      count,
      valid);
  for (const back_end_trial& one : all) {
    put("  {:<10} {:>12.0f} mappings/s\n",
        one.name,
        static_cast<double>(count) / one.spent.count());
  }
  return exit_ok;
}

}  // namespace cugamma::cli
