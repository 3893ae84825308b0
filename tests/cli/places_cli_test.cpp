#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "cli/program.hpp"

/// Nothing that was computed is lost, whatever happens to the places it goes to.
namespace cugamma {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* search = "$C search --model vgg16 --layer 1 --log-level 0 ";

class PlacesCli : public testing::Test {
 protected:
  program_result run(const std::string& lines) const { return run_script(folder_, lines); }

  program_result run_search(const std::string& arguments) const { return run(search + arguments); }

  bool holds(const std::string& name) const { return fs::exists(folder_ / name); }

  json result_in(const std::string& name) const { return json::parse(text_of(folder_ / name)); }

  /// Files of the test's folder whose names begin so.
  std::vector<std::string> files_like(const std::string& begin) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(begin)) names.push_back(name);
    }
    return names;
  }

  /// A file that tells that the search goes on beyond its first generation.
  void wait_for(started_program& program, const std::string& name) const {
    while (!holds(name) && !program.has_ended()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  scratch_folder folder_;
};

TEST_F(PlacesCli, AStderrThatCannotBeWrittenEndsNothing) {
  for (const char* stream : {"2>/dev/full", "2>&-", "2>&1 >/dev/null | true"}) {
    const program_result r = run(std::string("$C search --model vgg16 --layer 1 --log-level 2 "
                                             "--evaluations 300 --out o ") +
                                 stream);
    EXPECT_EQ(r.exit_code, 0) << stream;
    EXPECT_EQ(result_in("o/result.json")["layers"][0]["evaluations"], 300) << stream;
    fs::remove_all(folder_ / "o");
  }
  for (const char* stream : {"2>/dev/full", "2>&-"}) {
    EXPECT_EQ(run(std::string("$C evaluate nosuch.m ") + stream).exit_code, 1);
    EXPECT_EQ(run(std::string("'" CUGAMMA_MAESTRO_PROGRAM "' --Mapping_file=nosuch.m ") + stream)
                  .exit_code,
              1);
  }
}

TEST_F(PlacesCli, AFolderThatCannotBeUsedIsRefusedAtOnce) {
  folder_.write("file", "");
  fs::create_directories(folder_ / "taken/result.json");
  fs::create_directories(folder_ / "two");
  folder_.write("two/conv1_1", "");
  for (const char* arguments : {"--time-limit 36000 --out file",
                                "--time-limit 36000 --out /dev/null",
                                "--time-limit 36000 --out file/below",
                                "--time-limit 36000 --out /proc/nosuch",
                                "--time-limit 36000 --out taken",
                                "--time-limit 36000 --layer 1,2 --out two",
                                "--time-limit 36000 --checkpoint file",
                                "--time-limit 36000 --checkpoint /dev/full"}) {
    const program_result r = run_search(arguments);
    EXPECT_EQ(r.exit_code, 1) << arguments;
    EXPECT_NE(r.err, "") << arguments;
  }
  const program_result r = run(
      "$C flexibility --model vgg16 --layer 1 --constraint dla --evaluations 1000000 --out file");
  EXPECT_EQ(r.exit_code, 1);
  EXPECT_NE(r.err.find("--out: file: "), std::string::npos) << r.err;
}

TEST_F(PlacesCli, AStdoutThatCannotBeWrittenIsSaid) {
  ASSERT_EQ(run_search("--evaluations 100 --out kept").exit_code, 0);
  for (const char* command :
       {"$C search --model vgg16 --layer 1 --log-level 0 --evaluations 100 --out o",
        "$C compare --model vgg16 --layer 1 --algorithms random --seeds 2 --evaluations 100",
        "$C evaluate kept/best.m",
        "$C evaluate kept/best.m --format csv",
        "$C flexibility --model vgg16 --layer 1 --constraint dla --evaluations 100 --log-level 0",
        "$C bench --populations 10 --repetitions 1",
        "$C validate --count 10 --model vgg16",
        "$C models",
        "$C networks",
        "$C search --help",
        "$C --help",
        "$C --version",
        "'" CUGAMMA_MAESTRO_PROGRAM "' --Mapping_file=kept/best.m --num_pes=4096"}) {
    for (const char* stream : {" >/dev/full", " >&-"}) {
      const program_result r = run(std::string(command) + stream);
      EXPECT_EQ(r.exit_code, 1) << command << stream;
      EXPECT_NE(r.err.find("standard output"), std::string::npos) << command << stream << r.err;
    }
  }
  EXPECT_TRUE(holds("o/result.json"));
}

TEST_F(PlacesCli, AResultThatCannotBePrintedIsRescued) {
  const program_result r = run_search("--evaluations 200 >/dev/full");
  EXPECT_EQ(r.exit_code, 1);
  const auto files = files_like("cugamma-result-");
  ASSERT_EQ(files.size(), 1u) << r.err;
  EXPECT_NE(r.err.find(files[0]), std::string::npos) << r.err;
  EXPECT_EQ(result_in(files[0])["layers"][0]["evaluations"], 200);
  EXPECT_EQ(run_search("--time-limit 36000 >&-").exit_code, 1) << "refused at once";
}

TEST_F(PlacesCli, APipeThatIsClosedLosesNothing) {
  const program_result r = run_search(
      "--evaluations 2000 --population 4 --format json | true; sleep 0.2; ls cugamma-result-*");
  if (r.exit_code != 0) return;  // the pipe took all of it before `true` ended
  EXPECT_EQ(result_in(files_like("cugamma-result-").at(0))["layers"][0]["evaluations"], 2000);
}

TEST_F(PlacesCli, AReaderThatLeavesEarlyIsNoFault) {
  // The program begins to print when its reader has gone.
  const program_result r = run("(sleep 0.2; $C search --help; echo status $? >&2) | true");
  EXPECT_EQ(r.err, "status 141\n");
}

TEST_F(PlacesCli, AFolderThatGoesMidwayIsMadeAgain) {
  started_program running(folder_,
                          CUGAMMA_PROGRAM,
                          "search --model vgg16 --layer 1 --log-level 0 --time-limit 36000 --out o "
                          "--checkpoint ck --checkpoint-every 0");
  wait_for(running, "ck/checkpoint.bin");
  fs::remove_all(folder_ / "o");
  while (!fs::is_regular_file(folder_ / "ck")) {  // the search may make the folder again meanwhile
    std::error_code ignored;
    fs::remove_all(folder_ / "ck", ignored);
    folder_.write("ck", "in the way");
  }
  while (text_of(folder_ / ".stderr").empty() && !running.has_ended()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  running.send(SIGTERM);
  const program_result r = running.wait();
  EXPECT_EQ(r.exit_code, 1) << "interrupted, and its last checkpoint is missing";
  EXPECT_NE(r.err.find("the search goes on"), std::string::npos) << r.err;
  EXPECT_NE(r.err.find("cannot be resumed"), std::string::npos) << r.err;
  EXPECT_NE(r.out.find("runtime"), std::string::npos);
  EXPECT_EQ(result_in("o/result.json")["interrupted"], true);
}

TEST_F(PlacesCli, ACheckpointThatFailsLeavesTheSearchToItsEnd) {
  // A limit on the size of files stands for a full disk: the checkpoint grows, the results do not.
  const program_result r = run(std::string("ulimit -f 40; ") + search +
                               "--evaluations 20000 --population 400 --checkpoint ck "
                               "--checkpoint-every 0 --format table");
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_NE(r.err.find("checkpoint.new: cannot be written: File too large; the search goes on"),
            std::string::npos)
      << r.err;
  EXPECT_FALSE(holds("ck/checkpoint.new")) << "a part of a checkpoint would keep a disk full";
  EXPECT_NE(r.out.find("evaluations   20000"), std::string::npos);
}

TEST_F(PlacesCli, AnOldResultOutlivesAFailedWrite) {
  ASSERT_EQ(run_search("--evaluations 100 --population 10 --out o").exit_code, 0);
  const std::string before = text_of(folder_ / "o/result.json");
  const program_result r =
      run(std::string("ulimit -f 12; ") + search +
          "--evaluations 20000 --population 10 --pareto latency,energy --out o");
  EXPECT_EQ(r.exit_code, 1);
  EXPECT_NE(r.err.find("o/result.json: cannot be written: File too large"), std::string::npos)
      << r.err;
  EXPECT_EQ(text_of(folder_ / "o/result.json"), before);
  EXPECT_NE(r.out.find("front"), std::string::npos) << "printed all the same";
  for (const auto& entry : fs::directory_iterator(folder_ / "o")) {
    EXPECT_NE(entry.path().filename().string().front(), '.') << entry.path();
  }
}

TEST_F(PlacesCli, WhatARunReadsIsNotWrittenOver) {
  ASSERT_EQ(run_search("--evaluations 100 --out o").exit_code, 0);
  const std::string result = text_of(folder_ / "o/result.json");
  const std::string mapping = text_of(folder_ / "o/best.m");
  for (const char* command :
       {"$C report o/result.json -o o/result.json",
        "$C report o/result.json -o o/../o/result.json",
        "$C evaluate o/best.m -o o/best.m",
        "$C search --model vgg16 --layer 1 --init o/result.json --out o",
        "$C search --model vgg16 --layer 1 --init o/best.m --out o",
        "cp o/best.m best.csv; '" CUGAMMA_MAESTRO_PROGRAM "' --Mapping_file=best.csv"}) {
    const program_result r = run(command);
    EXPECT_EQ(r.exit_code, 1) << command;
    EXPECT_NE(r.err.find("is what this run reads"), std::string::npos) << command << r.err;
  }
  EXPECT_EQ(text_of(folder_ / "o/result.json"), result);
  EXPECT_EQ(text_of(folder_ / "o/best.m"), mapping);
  EXPECT_EQ(text_of(folder_ / "best.csv"), mapping);
}

TEST_F(PlacesCli, DevicesAndPipesAreWrittenTo) {
  ASSERT_EQ(run_search("--evaluations 100 --out o").exit_code, 0);
  EXPECT_EQ(run("$C report o/result.json -o /dev/null && test -c /dev/null").exit_code, 0);
  const program_result r = run("$C evaluate o/best.m --format csv -o /dev/stdout | cat");
  EXPECT_NE(r.out.find("layer,status"), std::string::npos) << r.err;
}

TEST_F(PlacesCli, TheSecondRunInAFolderIsRefused) {
  started_program first(folder_,
                        CUGAMMA_PROGRAM,
                        "search --model vgg16 --layer 1 --log-level 0 --time-limit 36000 --out o "
                        "--checkpoint ck");
  wait_for(first, "ck/checkpoint.bin");
  for (const char* place : {"--out o", "--out ./o", "--checkpoint ck", "--out ck", "--resume ck"}) {
    const program_result r = run_search(std::string("--evaluations 100 ") + place);
    EXPECT_EQ(r.exit_code, 1) << place;
    EXPECT_NE(r.err.find("another run"), std::string::npos) << place << r.err;
  }
  first.send(SIGKILL);
  first.wait();
  EXPECT_EQ(run_search("--evaluations 100 --out o --checkpoint o").exit_code, 0)
      << "one folder for both, and the lock died with its process";
}

TEST_F(PlacesCli, AResumedSearchGoesOnInTheFolderThatItWasGiven) {
  ASSERT_EQ(run_search("--evaluations 2000 --checkpoint ck --checkpoint-every 0").exit_code, 0);
  fs::copy(folder_ / "ck", folder_ / "copy");
  const std::string original = text_of(folder_ / "ck/checkpoint.bin");
  const std::string copied = text_of(folder_ / "copy/checkpoint.bin");
  ASSERT_EQ(run("$C search --resume copy --evaluations 4000 --log-level 0").exit_code, 0);
  EXPECT_EQ(text_of(folder_ / "ck/checkpoint.bin"), original);
  EXPECT_NE(text_of(folder_ / "copy/checkpoint.bin"), copied);

  const std::string second = text_of(folder_ / "copy/checkpoint.bin");
  ASSERT_EQ(run("mkdir elsewhere && cd elsewhere && $C search --resume ../copy --evaluations 5000 "
                "--log-level 0 && test -z \"$(ls)\"")
                .exit_code,
            0);
  EXPECT_NE(text_of(folder_ / "copy/checkpoint.bin"), second);

  const std::string third = text_of(folder_ / "copy/checkpoint.bin");
  ASSERT_EQ(run("cd copy && $C search --resume checkpoint.bin --evaluations 6000 --log-level 0")
                .exit_code,
            0);
  EXPECT_NE(text_of(folder_ / "copy/checkpoint.bin"), third) << "a file without a folder's name";

  const std::string fourth = text_of(folder_ / "copy/checkpoint.bin");
  ASSERT_EQ(
      run("$C search --resume copy --checkpoint other --evaluations 7000 --log-level 0").exit_code,
      0);
  EXPECT_EQ(text_of(folder_ / "copy/checkpoint.bin"), fourth);
  EXPECT_TRUE(holds("other/checkpoint.bin"));
}

TEST_F(PlacesCli, AClosedTerminalEndsASearchWithItsResult) {
  for (const int signal : {SIGHUP, SIGXCPU}) {
    started_program running(
        folder_,
        CUGAMMA_PROGRAM,
        "search --model vgg16 --layer 1 --time-limit 36000 --out o --checkpoint "
        "ck");
    wait_for(running, "ck/checkpoint.bin");
    running.send(signal);
    running.send(signal);
    EXPECT_EQ(running.wait().exit_code, 0);
    EXPECT_EQ(result_in("o/result.json")["interrupted"], true);
    fs::remove_all(folder_ / "o");
    fs::remove_all(folder_ / "ck");
  }
}

TEST_F(PlacesCli, NohupKeepsASearchGoing) {
  const program_result r = run(std::string("trap '' HUP; ") + search +
                               "--time-limit 1 --out o & sleep 0.5; kill -HUP $!; wait $!");
  EXPECT_EQ(r.exit_code, 0);
  EXPECT_EQ(result_in("o/result.json")["interrupted"], false);
}

TEST_F(PlacesCli, EveryLayerHasAFolderOfItsOwn) {
  const std::string long_name(300, 'x');
  const std::string wide_name = std::string(119, 'y') + "\xc3\xa9";  // cut between two bytes
  std::string rows = "name,type,K,C,Y,X,R,S\n";
  const std::vector<std::string> names{"a/b",
                                       "a b",
                                       "a_b",
                                       "a",
                                       "a",
                                       "1-a",
                                       "4-a",
                                       "A",
                                       "result.json",
                                       "Report.HTML",
                                       "history.csv",
                                       "front.csv",
                                       "best.m",
                                       "checkpoint.bin",
                                       "checkpoint.new",
                                       "..",
                                       ".",
                                       long_name,
                                       long_name + "2",
                                       wide_name,
                                       "plain"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    rows += names[i] + ",CONV,4," + std::to_string(i + 1) + ",8,8,3,3\n";
  }
  folder_.write("net.csv", rows);
  const program_result r = run(
      "$C search --model net.csv --log-level 0 --evaluations 60 --pareto latency,energy --out o "
      "--checkpoint o");
  ASSERT_EQ(r.exit_code, 0) << r.err;
  const json layers = result_in("o/result.json")["layers"];
  ASSERT_EQ(layers.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(layers[i]["name"], names[i]);
    const fs::path at = folder_.path() / "o" / layers[i]["folder"].get<std::string>();
    EXPECT_EQ(layers[i]["best"]["mapping"], text_of(at / "best.m")) << names[i];
    EXPECT_TRUE(fs::exists(at / "front/0001.m")) << names[i];
  }
  EXPECT_EQ(layers.back()["folder"], "plain");
}

TEST_F(PlacesCli, LinksInFoldersAreNotFollowed) {
  folder_.write("victim", "precious");
  fs::create_directories(folder_ / "other");
  fs::create_directories(folder_ / "o");
  fs::create_directories(folder_ / "ck");
  for (const char* name : {"ck/checkpoint.new",
                           "ck/checkpoint.bin",
                           "ck/checkpoint.previous.bin",
                           "o/result.json",
                           "o/history.csv",
                           "o/report.html"}) {
    fs::create_symlink(folder_ / "victim", folder_ / name);
  }
  fs::create_directory_symlink(folder_ / "other", folder_ / "o/conv1_1");
  const program_result r =
      run_search("--layer 1,2 --evaluations 200 --out o --checkpoint ck --checkpoint-every 0");
  EXPECT_EQ(r.exit_code, 0) << r.err;
  EXPECT_EQ(text_of(folder_ / "victim"), "precious");
  EXPECT_TRUE(fs::is_empty(folder_ / "other"));
  EXPECT_TRUE(holds("o/conv1_1/best.m"));
  EXPECT_FALSE(fs::is_symlink(folder_ / "o/conv1_1"));

  fs::create_symlink(folder_ / "victim", folder_ / "best.csv");
  EXPECT_EQ(
      run("'" CUGAMMA_MAESTRO_PROGRAM "' --Mapping_file=o/conv1_1/best.m --num_pes=4096").exit_code,
      1);
  EXPECT_EQ(text_of(folder_ / "victim"), "precious");
}

TEST_F(PlacesCli, RowsAreAppendedWhole) {
  ASSERT_EQ(run_search("--evaluations 100 --out o").exit_code, 0);
  const std::string maestro =
      "'" CUGAMMA_MAESTRO_PROGRAM "' --Mapping_file=o/best.m --num_pes=4096 >/dev/null";
  ASSERT_EQ(run("for i in 1 2 3 4 5 6 7 8; do " + maestro + " & done; wait").exit_code, 0);
  const std::string csv = text_of(folder_ / "best.csv");
  EXPECT_EQ(std::ranges::count(csv, '\n'), 9) << "a header and eight rows";

  EXPECT_EQ(run("ulimit -f 4; for i in 1 2 3 4 5 6 7 8; do " + maestro + "; done").exit_code, 1);
  const std::string after = text_of(folder_ / "best.csv");
  EXPECT_TRUE(after.starts_with(csv));
  EXPECT_EQ(after.back(), '\n') << "no part of a row";

  fs::remove(folder_ / "best.csv");
  EXPECT_EQ(run("ulimit -f 0; " + maestro + "; test -e best.csv && echo left").out, "");
}

TEST_F(PlacesCli, NamesThatAreNoUtf8AreNoObstacle) {
  folder_.write("net.csv", "name,type,K,C,Y,X,R,S\ncaf\xe9,CONV,4,2,8,8,3,3\n");
  const std::string net = " --model net.csv --log-level 0 --evaluations 60 ";
  EXPECT_EQ(run("$C search" + net + "--format json --out o").exit_code, 0);
  EXPECT_EQ(run("$C compare" + net + "--algorithms random --seeds 1 --format json").exit_code, 0);
  EXPECT_EQ(run("$C flexibility" + net + "--constraint dla --format json").exit_code, 0);
  EXPECT_EQ(run("$C report o/result.json -o page.html").exit_code, 0);
}

}  // namespace
}  // namespace cugamma
