// The search of Timeloop's mappings.
#include "cugamma/search/timeloop_search.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/formats/timeloop_output.hpp"
#include "cugamma/models/timeloop/explain.hpp"
#include "models/timeloop/golden_cases.hpp"

namespace cugamma::timeloop {
namespace {

constexpr const char* one_tensor_a_scratchpad =
    "mapspace_constraints:\n"
    "- {target: InSpad, type: datatype, keep: [A], bypass: [B, Z]}\n"
    "- {target: WtSpad, type: datatype, keep: [B], bypass: [A, Z]}\n"
    "- {target: PsSpad, type: datatype, keep: [Z], bypass: [A, B]}\n"
    "- {target: Shared, type: datatype, keep: [A, Z], bypass: [B]}\n"
    "- {target: Shared, type: spatial, factors: N=12 M<=4, permutation: NMK, split: 1}\n"
    "- {target: Dram, type: temporal, permutation: KMN, factors: K>=2}\n";

struct golden_search {
  std::vector<file_text> files;
  file_contents contents;
};

golden_search make_search(const std::string& architecture,
                          const std::string& problem,
                          const std::string& more = "") {
  golden_search s;
  s.files = {{"arch.yaml", architecture}, {"problem.yaml", problem}};
  if (!more.empty()) s.files.push_back({"more.yaml", more});
  s.contents = parse_files(s.files);
  return s;
}

golden_search golden(const std::string& machine,
                     const std::string& problem,
                     const std::string& more = "") {
  return make_search(golden_texts("archs.json").at(machine),
                     golden_texts("problems.json").at(problem),
                     more);
}

search_result search(const golden_search& s, const search_options& options) {
  return search_mappings(*s.contents.machine, *s.contents.layer, *s.contents.space, options);
}

search_options with_evaluations(std::int64_t count, std::uint64_t seed = 1) {
  search_options o;
  o.evaluations = count;
  o.seed = seed;
  return o;
}

mapping loops_of(const golden_search& s, const candidate& found) {
  return decode(found.mapping, make_genome_shape(*s.contents.machine, *s.contents.layer));
}

/// The plain reference says of a candidate what the search says, also when its map.yaml was written
/// and read back.
void expect_confirmed(const golden_search& s, const candidate& found) {
  std::vector<file_text> files = s.files;
  files.push_back(
      {"map.yaml", mapping_yaml(*s.contents.machine, *s.contents.layer, loops_of(s, found))});
  const file_contents read = parse_files(files);
  ASSERT_EQ(read.mappings.size(), 1u);
  ASSERT_EQ(read.mappings[0].why, rejection::none) << read.mappings[0].reason;
  const figures f = explain(*read.machine, *read.layer, read.mappings[0].loops);
  ASSERT_EQ(f.why, rejection::none);
  EXPECT_EQ(f.cycles, found.figures.cycles);
  EXPECT_EQ(f.energy_pj, found.figures.energy_pj);
}

std::int64_t rejections(const search_result& r) {
  return std::accumulate(r.rejected.begin(), r.rejected.end(), std::int64_t{0});
}

TEST(TimeloopSearch, IsConfirmedByTheReferenceOnEveryMachine) {
  for (const golden_table& table : golden_tables) {
    const std::string machine(table.name);
    const std::string text = golden_texts("archs.json").at(machine);
    const bool names_tensors = text.find("per_dataspace") != std::string::npos;
    for (const char* problem : {"conv_stride2", "conv_dilated", "dw_s2", "gemm_small", "mttkrp"}) {
      const bool is_convolution = problem[0] != 'g' && problem[0] != 'm';
      if (names_tensors && !is_convolution) continue;
      const golden_search s = golden(machine, problem);
      search_options o = with_evaluations(300);
      o.explores_bypass = machine == "lanes";
      const search_result r = search(s, o);
      SCOPED_TRACE(machine + " " + problem);
      ASSERT_TRUE(r.best);
      EXPECT_GT(r.evaluations, 0);
      EXPECT_LE(r.evaluations, 300);
      expect_confirmed(s, *r.best);
      EXPECT_EQ(r.best->values[0],
                r.best->figures.energy_pj * static_cast<double>(r.best->figures.cycles));
    }
  }
}

TEST(TimeloopSearch, ProposesWhatIsValid) {
  for (const char* machine : {"trio", "rows"}) {
    const search_result r = search(golden(machine, "vgg_conv1_1"), with_evaluations(3000));
    EXPECT_EQ(rejections(r), 0) << machine;
    EXPECT_LT(r.proposals, 3 * r.evaluations) << machine;
  }
}

TEST(TimeloopSearch, KeepsConstraints) {
  const golden_search s = golden("rows", "gemm_bert", one_tensor_a_scratchpad);
  search_options o = with_evaluations(2000);
  for (const bool explores : {false, true}) {
    o.explores_bypass = explores;
    const search_result r = search(s, o);
    ASSERT_TRUE(r.best);
    for (const improvement& i : r.history) {
      const auto broken = broken_constraint(*s.contents.space,
                                            *s.contents.machine,
                                            *s.contents.layer,
                                            loops_of(s, i.found));
      EXPECT_FALSE(broken) << *broken;
    }
    expect_confirmed(s, *r.best);
  }
}

TEST(TimeloopSearch, WithoutBypassEveryLevelKeepsEveryTensor) {
  const golden_search s = golden("trio", "conv_small");
  search_options o = with_evaluations(500);
  const mapping kept = loops_of(s, *search(s, o).best);
  for (const level_loops& l : kept.levels) EXPECT_EQ(l.keep & 7, 7);
  o.explores_bypass = true;
  o.evaluations = 5000;
  const search_result free = search(s, o);
  EXPECT_LE(free.best->values[0], search(s, with_evaluations(5000)).best->values[0]);
}

TEST(TimeloopSearch, IsAFunctionOfSeedAndOptions) {
  const golden_search s = golden("trio", "conv_1x1");
  for (const int islands : {1, 3}) {
    search_options o = with_evaluations(3000, 7);
    o.islands = islands;
    const search_result one = search(s, o);
    const search_result again = search(s, o);
    ASSERT_EQ(one.history.size(), again.history.size());
    EXPECT_EQ(one.best->mapping, again.best->mapping);
    EXPECT_EQ(one.evaluations, again.evaluations);
    EXPECT_LE(one.evaluations, 3000);
    o.seed = 8;
    EXPECT_NE(search(s, o).best->mapping, one.best->mapping);
  }
}

TEST(TimeloopSearch, ALimitIsKept) {
  const golden_search s = golden("trio", "conv_1x1");
  search_options o = with_evaluations(3000);
  o.objectives = parse_objectives("latency", *s.contents.machine);
  const double energy = search(s, o).best->figures.energy_pj;
  o.limits = parse_limits(fmt::format("energy={}", energy * 0.95), *s.contents.machine);
  const search_result limited = search(s, o);
  ASSERT_TRUE(limited.best);
  EXPECT_LE(limited.best->figures.energy_pj, energy * 0.95);
  EXPECT_GT(limited.over_limit, 0);
  o.limits = parse_limits("utilization=0.9", *s.contents.machine);
  const search_result busy = search(s, o);
  ASSERT_TRUE(busy.best);
  const figures f = explain(*s.contents.machine, *s.contents.layer, loops_of(s, *busy.best));
  EXPECT_GE(f.utilization, 0.9 * (1 - 1e-12));
}

TEST(TimeloopSearch, AFrontHasWhatNothingElseBeats) {
  const golden_search s = golden("rows", "vgg_conv1_1");
  search_options o = with_evaluations(4000);
  o.objectives = parse_objectives("latency,energy", *s.contents.machine);
  o.is_front = true;
  const search_result r = search(s, o);
  ASSERT_GE(r.front.size(), 2u);
  EXPECT_EQ(r.front.front().values[0], r.best->values[0]);
  for (const candidate& a : r.front) {
    expect_confirmed(s, a);
    for (const candidate& b : r.front) EXPECT_FALSE(dominates(a.values, b.values));
  }
}

TEST(TimeloopSearch, EndsWhereASpaceEndsOrHasNothingValid) {
  const std::string tiny =
      "problem: {shape: {name: t, dimensions: [M], data_spaces: ["
      "{name: A, projection: [[[M]]]}, "
      "{name: Z, projection: [[[M]]], read_write: true}]}, instance: {M: 2}}";
  const golden_search s = make_search(golden_texts("archs.json").at("trio"), tiny);
  const search_result r = search(s, with_evaluations(1'000'000));
  EXPECT_TRUE(r.best);
  EXPECT_LT(r.evaluations, 1000);

  const std::string impossible =
      "mapspace_constraints:\n- {target: Rf, type: temporal, factors: C=64 K=256}\n";
  const search_result none = search(golden("trio", "conv_1x1", impossible), with_evaluations(1000));
  EXPECT_FALSE(none.best);
}

/// Whether a search reaches an optimum, and never goes below it, by 100,000 evaluations.
bool reaches(const golden_search& s, search_options o, double optimum) {
  for (o.evaluations = 3125; o.evaluations <= 100'000; o.evaluations *= 2) {
    const double found = search(s, o).best->values[0];
    EXPECT_GE(found, optimum * (1 - 1e-12));
    if (found <= optimum * (1 + 1e-12)) return true;
  }
  return false;
}

/// Proven optima, of every accelerator and objective.
class ProvenOptima : public testing::TestWithParam<std::size_t> {};

TEST_P(ProvenOptima, AreReachedByEveryOneOfTenSeeds) {
  const nlohmann::json table = golden_texts("optima.json");
  const nlohmann::json& proven = table.at("optima").at(GetParam());
  const std::string machine = proven.at("machine");
  const bool is_golden = !table.at("machines").contains(machine);
  const std::string architecture =
      is_golden ? golden_texts("archs.json").at(machine) : table.at("machines").at(machine);
  std::string problem = proven.at("problem");
  if (problem == "bert_gemm_512_768_768") problem = "gemm_512_768_768";
  const golden_search s = make_search(architecture, table.at("problems").at(problem));
  std::string goal = proven.at("objective");
  search_options o;
  o.objectives = parse_objectives(goal, *s.contents.machine);
  for (o.seed = 1; o.seed <= 10; ++o.seed) {
    EXPECT_TRUE(reaches(s, o, proven.at("optimum")))
        << proven.at("machine") << " " << problem << " " << goal << ", seed " << o.seed;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ProvenOptima, testing::Range<std::size_t>(0, 19));

TEST(TimeloopObjectives, AreReadByName) {
  const architecture a = *golden("trio", "conv_1x1").contents.machine;
  const auto read = parse_objectives("EDP,delay,accesses-1,last_level_accesses", a);
  ASSERT_EQ(read.size(), 4u);
  EXPECT_EQ(name_of(read[0]), "edp");
  EXPECT_EQ(name_of(read[1]), "latency");
  EXPECT_EQ(name_of(read[2]), "accesses-1");
  EXPECT_EQ(name_of(read[3]), "accesses-2");
  for (const char* bad : {"",
                          "edpp",
                          "accesses-3",
                          "accesses-",
                          "accesses--1",
                          "edp,",
                          "area",
                          "edp,edp,edp,edp,edp"}) {
    EXPECT_THROW(parse_objectives(bad, a), input_error) << bad;
  }
  for (const char* bad : {"", "energy", "energy=", "energy=-1", "energy=1x", "energy=inf", "x=1"}) {
    EXPECT_THROW(parse_limits(bad, a), input_error) << bad;
  }
}

/// What a search hands over to go on from: after a generation of its own choice, and at the end.
std::vector<std::string> states_of(const golden_search& s, search_options o, int generation) {
  std::vector<std::string> states;
  o.wants_state = [&generation] { return generation-- == 0; };
  o.keep_state = [&states](std::string state) { states.push_back(std::move(state)); };
  search(s, o);
  return states;
}

void expect_same(const search_result& a, const search_result& b) {
  ASSERT_TRUE(a.best && b.best);
  EXPECT_EQ(a.best->mapping, b.best->mapping);
  EXPECT_EQ(a.evaluations, b.evaluations);
  EXPECT_EQ(a.proposals, b.proposals);
  EXPECT_EQ(a.front.size(), b.front.size());
  EXPECT_TRUE(std::ranges::equal(a.history,
                                 b.history,
                                 {},
                                 &improvement::evaluations,
                                 &improvement::evaluations));
}

TEST(TimeloopSearch, GoesOnFromAStateAsIfItHadNeverStopped) {
  const golden_search s = golden("rows", "gemm_bert", one_tensor_a_scratchpad);
  search_options islands = with_evaluations(4000, 3), front = with_evaluations(4000);
  islands.islands = 3;
  islands.migration_interval = 4;
  front.is_front = true;
  front.objectives = {{figure::latency}, {figure::energy}};
  for (const search_options& o : {with_evaluations(4000), islands, front}) {
    const search_result whole = search(s, o);
    for (const int generation : {0, 3}) {
      const auto states = states_of(s, o, generation);
      ASSERT_EQ(states.size(), 2u);
      for (const std::string& state : states) {  // the last one is of a search that is over
        search_options resumed = o;
        resumed.state = state;
        expect_same(search(s, resumed), whole);
      }
    }
  }
}

TEST(TimeloopSearch, RefusesAStateThatIsDamagedForgedOrOfAnotherSearch) {
  const golden_search s = golden("trio", "gemm_bert");
  const search_options o = with_evaluations(1000);
  const std::string state = states_of(s, o, 2).front();
  const auto goes_on = [&](const golden_search& from, search_options options, std::string with) {
    options.state = std::move(with);
    search(from, options);
  };
  EXPECT_NO_THROW(goes_on(s, o, state));
  EXPECT_THROW(goes_on(s, with_evaluations(1000, 2), state), input_error);
  EXPECT_THROW(goes_on(golden("trio", "gemm_small"), o, state), input_error);
  EXPECT_THROW(goes_on(golden("duo", "gemm_bert"), o, state), input_error);
  for (std::size_t size = 1; size < state.size(); size += state.size() / 50 + 1) {
    EXPECT_THROW(goes_on(s, o, state.substr(0, size)), input_error) << size;
  }
  EXPECT_THROW(goes_on(s, o, state + " "), input_error);
  // A better figure than the mapping has: the doubles of every candidate's energy, one after
  // another.
  const double energy = search(s, with_evaluations(1000)).history.front().found.figures.energy_pj;
  std::string bytes(sizeof energy, ' ');
  std::memcpy(bytes.data(), &energy, sizeof energy);
  const std::size_t at = state.find(bytes);
  ASSERT_NE(at, std::string::npos);
  std::string forged = state;
  forged[at + 6] ^= 1;
  EXPECT_THROW(goes_on(s, o, forged), input_error);
  // Any byte of it may differ: the search goes on or says that it cannot.
  for (std::size_t i = 0; i < state.size(); i += state.size() / 200 + 1) {
    std::string altered = state;
    altered[i] ^= 0x81;
    try {
      goes_on(s, o, altered);
    } catch (const input_error&) {
    }
  }
}

}  // namespace
}  // namespace cugamma::timeloop
