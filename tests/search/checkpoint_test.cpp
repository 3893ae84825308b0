#include "cugamma/search/checkpoint.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "search/checkpoint_bytes.hpp"

namespace cugamma {
namespace {

namespace fs = std::filesystem;

layer conv() {
  layer l;
  l.size = {64, 16, 58, 58, 3, 3, 1, 1};
  return l;
}

accelerator machine() {
  accelerator a;
  a.num_pes = 168;
  a.l1_size_elems = 512;
  return a;
}

genetic_search make_search(std::uint64_t seed = 1) {
  search_options options;
  options.seed = seed;
  return genetic_search(make_search_space(conv(), machine()), machine(), options);
}

void advance(genetic_search& search, int generations) {
  const auto score = make_evaluator("cpu");
  const layer l = conv();
  const accelerator a = machine();
  for (int i = 0; i < generations; ++i) {
    const auto genomes = search.ask(std::numeric_limits<std::int64_t>::max());
    std::vector<cost> costs(genomes.size());
    score->evaluate({{&l, 1}, {&a, 1}, genomes}, costs);
    search.tell(costs);
  }
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const input_error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class CheckpointFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              ("cugamma-checkpoint-" + std::to_string(::getpid()) +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static checkpoint state() {
    checkpoint out;
    out.arguments = {"--model=vgg16", "--seed=3"};
    out.run.seconds = 1.5;
    out.run.generations = 2;
    out.run.evaluations = 40;
    out.run.logs.resize(1);
    out.run.logs[0].history = {{0, 20, std::nullopt}, {1, 40, search_rank{0, {7, 8}}, 3, 0.5}};
    genetic_search search = make_search();
    advance(search, 2);
    out.searches = {search.save()};
    return out;
  }

  std::string bytes() const {
    std::ifstream file(folder_ / "checkpoint.bin", std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
  }
  void overwrite(const std::string& with) const {
    std::ofstream(folder_ / "checkpoint.bin", std::ios::binary) << with;
  }
  std::string message() const {
    return message_of([&] { read_checkpoint(folder_.string()); });
  }

  fs::path folder_;
};

TEST(SearchState, ARestoredSearchGoesOnAsTheSavedOne) {
  genetic_search whole = make_search();
  advance(whole, 5);
  genetic_search other = make_search();
  other.restore(whole.save());
  advance(whole, 70);  // beyond a restart for lack of gain, so that all of the state matters
  advance(other, 70);
  EXPECT_EQ(whole.save().size(), other.save().size());
  EXPECT_EQ(whole.best()->mapping, other.best()->mapping);
  EXPECT_EQ(whole.evaluations(), other.evaluations());
  EXPECT_EQ(whole.rejected(), other.rejected());
  const auto a = whole.ask(100);
  const auto b = other.ask(100);
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST(SearchState, OfAnotherSearchIsRefused) {
  genetic_search one = make_search(1);
  advance(one, 1);
  genetic_search two = make_search(2);
  EXPECT_TRUE(
      has(message_of([&] { two.restore(one.save()); }), "another layer, accelerator, space"));
}

TEST(SearchState, CutShortIsRefused) {
  genetic_search search = make_search();
  advance(search, 3);
  const std::string saved = search.save();
  for (std::size_t size = 0; size < saved.size(); size += 7)
    EXPECT_NE(message_of([&] { make_search().restore(std::string_view(saved).substr(0, size)); }),
              "");
}

/// A right checksum does not make a state of anything.
TEST(ForgedCheckpoint, IsRefused) {
  checkpoint state;
  state.arguments = {"--seed=1"};
  state.run.logs.resize(1);
  state.run.logs[0].history.resize(1);
  genetic_search search = make_search();
  advance(search, 2);
  state.searches = {search.save()};
  const std::string whole = checkpoint_payload(state);
  EXPECT_EQ(parse_checkpoint(checkpoint_file(whole)).searches, state.searches);

  EXPECT_NE(message_of([&] { parse_checkpoint(checkpoint_file(whole + "more")); }), "");
  std::string yes_or_no = whole;
  // Number and length of the arguments, the argument, seconds, shares, counts, number of searches,
  // seconds and entries of a log, generation and evaluations of its entry; then whether it has a
  // best.
  yes_or_no[8 + 8 + 8 + 8 + sizeof(time_shares) + 16 + 8 + 8 + 8 + 16] = 2;
  EXPECT_EQ(message_of([&] { parse_checkpoint(checkpoint_file(yes_or_no)); }),
            "a yes or no is neither");
  state.run.generations = -1;
  EXPECT_EQ(message_of([&] { parse_checkpoint(checkpoint_file(checkpoint_payload(state))); }),
            "is no state of a search");
}

TEST_F(CheckpointFiles, ReadBackWhatWasWritten) {
  write_checkpoint(folder_.string(), state());
  const checkpoint found = read_checkpoint(folder_.string());
  EXPECT_EQ(found.arguments, state().arguments);
  EXPECT_EQ(found.run.seconds, 1.5);
  EXPECT_EQ(found.run.generations, 2);
  EXPECT_EQ(found.run.evaluations, 40);
  EXPECT_EQ(found.run.logs[0].history[1].best, state().run.logs[0].history[1].best);
  EXPECT_FALSE(found.run.logs[0].history[0].best.has_value());
  EXPECT_EQ(found.run.logs[0].history[1].front_size, 3);
  EXPECT_EQ(found.run.logs[0].history[1].hypervolume, 0.5);
  make_search().restore(found.searches[0]);
}

TEST_F(CheckpointFiles, KeepTwoGenerations) {
  write_checkpoint(folder_.string(), state());
  const std::string first = bytes();
  checkpoint second = state();
  second.run.evaluations = 60;
  write_checkpoint(folder_.string(), second);
  EXPECT_EQ(read_checkpoint(folder_.string()).run.evaluations, 60);
  const std::string previous = (folder_ / "checkpoint.previous.bin").string();
  EXPECT_EQ(read_checkpoint(previous).run.evaluations, 40);
  fs::remove(folder_ / "checkpoint.bin");  // as between the two renamings
  EXPECT_EQ(read_checkpoint(folder_.string()).run.evaluations, 40);
}

TEST_F(CheckpointFiles, CutShortAnywhereAreRefused) {
  write_checkpoint(folder_.string(), state());
  const std::string whole = bytes();
  for (std::size_t size = 0; size < whole.size(); size += 1 + size / 16) {
    overwrite(whole.substr(0, size));
    EXPECT_TRUE(has(message(), "cut short")) << size << ": " << message();
  }
}

TEST_F(CheckpointFiles, AlteredAnywhereAreRefused) {
  write_checkpoint(folder_.string(), state());
  const std::string whole = bytes();
  for (std::size_t at = 0; at < whole.size(); at += 1 + at / 16) {
    std::string altered = whole;
    altered[at] = static_cast<char>(altered[at] ^ 0x10);
    overwrite(altered);
    EXPECT_NE(message(), "") << at;
  }
}

TEST_F(CheckpointFiles, SayWhatIsWrong) {
  write_checkpoint(folder_.string(), state());
  const std::string whole = bytes();
  const std::size_t version_at = std::string("cugamma-checkpoint\n").size();
  std::string other = whole;
  other[version_at] = 10;
  overwrite(other);
  EXPECT_TRUE(has(message(), "checkpoint.bin: has the format version 10, this program reads 9"));
  overwrite(whole + "x");
  EXPECT_TRUE(has(message(), "altered"));
  overwrite("something else");
  EXPECT_TRUE(has(message(), "is no checkpoint of cugamma"));
}

TEST_F(CheckpointFiles, PointToTheWholeOneBesideADamagedOne) {
  write_checkpoint(folder_.string(), state());
  write_checkpoint(folder_.string(), state());
  overwrite(bytes().substr(0, 100));
  EXPECT_TRUE(has(message(), "checkpoint.previous.bin is whole"));
}

TEST_F(CheckpointFiles, ThatAreNotThereAreSaidSo) {
  fs::create_directories(folder_);
  EXPECT_TRUE(has(message(), "holds no checkpoint"));
  EXPECT_TRUE(has(message_of([&] { read_checkpoint((folder_ / "none").string()); }),
                  "none: cannot be opened for reading: No such file or directory"));
}

TEST_F(CheckpointFiles, ThatCannotBeWrittenAreAnError) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_THROW(write_checkpoint((folder_ / "file").string(), state()), input_error);
}

}  // namespace
}  // namespace cugamma
