#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/program.hpp"
#include "cugamma/error.hpp"

/// What the programs say when something is wrong with what they were given.
namespace cugamma {
namespace {

namespace fs = std::filesystem;

constexpr const char* search = "$C search --model vgg16 --layer 1 --log-level 0 ";

class MessagesCli : public testing::Test {
 protected:
  program_result run(const std::string& lines) const { return run_script(folder_, lines); }

  void expect_refused(const std::string& command, const std::string& message) const {
    const program_result r = run(command);
    EXPECT_EQ(r.exit_code, 1) << command << r.err;
    EXPECT_NE(r.err.find(message), std::string::npos) << command << ": " << r.err;
  }

  scratch_folder folder_;
};

bool has_control_characters(const std::string& text) {
  return std::ranges::any_of(text, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return (code < 0x20 && c != '\n' && c != '\t') || code == 0x7f;
  });
}

TEST(Printable, ControlCharactersBecomeEscapes) {
  EXPECT_EQ(printable("plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
            "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(printable("a\x1b[31mb\r\x7f"), "a\\u001b[31mb\\u000d\\u007f");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\u0000b");
  EXPECT_EQ(printable("\xc2\x9b[2J \xc2\x85"), "\\u009b[2J \\u0085") << "C1 in UTF-8";
  EXPECT_EQ(printable("\x9b[2J caf\xe9 \xc3"), "\\x9b[2J caf\\xe9 \\xc3") << "no UTF-8";
  EXPECT_EQ(printable("a\nb\tc"), "a\\u000ab\\u0009c");
  EXPECT_EQ(printable("a\nb\tc", "\n\t"), "a\nb\tc");
  EXPECT_STREQ(input_error(std::string_view("x\0y", 3)).what(), "x\\u0000y");
}

TEST_F(MessagesCli, AnOnnxModelIsSentToItsConverter) {
  folder_.write("net.onnx", std::string("\x08\x0e\0", 3));
  expect_refused("$C search --model net.onnx",
                 "net.onnx: found an ONNX model, expected a table; "
                 "`python -m cugamma.from_onnx net.onnx");
  expect_refused("$C evaluate --style dla --model net.onnx", "found an ONNX model");
}

TEST_F(MessagesCli, NamesReachTheTerminalWithoutControlCharacters) {
  folder_.write("net.csv",
                "name,type,K,C,Y,X,R,S\nA\x1b[31mB,CONV,4,2,8,8,3,3\nC\xc2\x9b"
                "D,CONV,4,3,8,8,3,3\n");
  folder_.write("bad.csv", std::string("name,type,K,C,Y,X,R,S\nx,C\x1b[2J\0V,4,2,8,8,3,3\n", 47));
  for (const char* command :
       {"$C search --model net.csv --evaluations 60 --out o",
        "$C search --model net.csv --evaluations 60 --l1-size 1",
        "$C search --model net.csv --evaluations 60 --pareto latency,energy",
        "$C compare --model net.csv --evaluations 60 --seeds 1 --algorithms random",
        "$C compare --model net.csv --evaluations 60 --seeds 1 --algorithms random --format csv",
        "$C evaluate --style dla --model net.csv",
        "$C evaluate --style dla --model net.csv --format csv",
        "$C search --model bad.csv",
        "$C search --model vgg16 --layer \"$(printf 'a\\033[2Jb\\nc')\"",
        "$C \"$(printf 'a\\033[2Jb')\"",
        "$C search \"$(printf -- '--a\\033[2Jb')\"",
        "$C evaluate \"$(printf 'a\\033[2Jb')\"",
        "'" CUGAMMA_MAESTRO_PROGRAM "' --Mapping_file=\"$(printf 'a\\033[2Jb')\""}) {
    const program_result r = run(command);
    EXPECT_FALSE(has_control_characters(r.output())) << command;
    EXPECT_NE(r.output().find("\\u00"), std::string::npos) << command << r.output();
  }
  const program_result json = run("$C search --model net.csv --evaluations 60 --format json");
  EXPECT_EQ(nlohmann::json::parse(json.out)["layers"][1]["name"],
            "C\xc2\x9b"
            "D")
      << "reads back to the name";
}

TEST_F(MessagesCli, FileErrorsNameFileAndCause) {
  const std::string long_name(5000, 'x');
  const std::string begin = search;
  expect_refused(begin + "--hw .", ".: cannot be read: Is a directory");
  expect_refused(begin + "--init .", ".: cannot be read: Is a directory");
  expect_refused("$C report .", ".: cannot be read: Is a directory");
  expect_refused("$C evaluate .", ".: cannot be read: Is a directory");
  expect_refused("$C evaluate nosuch.m", "nosuch.m: cannot be opened for reading: No such file");
  expect_refused("$C report nosuch.json", "nosuch.json: cannot be opened for reading: No such");
  expect_refused("$C report " + long_name, "File name too long");
  expect_refused(begin + "--constraint " + long_name, "File name too long");
  expect_refused("$C search --model " + long_name, "File name too long");
  expect_refused(begin + "--resume " + long_name, "File name too long");
  expect_refused(begin + "--init " + long_name, "File name too long");
  expect_refused(begin + "--out " + long_name, "File name too long");
  expect_refused(begin + "--checkpoint " + long_name, "File name too long");
  expect_refused("mkdir p; $C evaluate x.m -o p", "p: cannot be written: Is a directory");
}

TEST_F(MessagesCli, EndlessFilesEnd) {
  for (const char* option : {"--hw", "--init", "--resume"}) {
    expect_refused(search + std::string(option) + " /dev/zero", "/dev/zero: is endless");
  }
  expect_refused("$C report /dev/zero", "/dev/zero: is endless");
  expect_refused("$C evaluate /dev/zero", "/dev/zero: is endless");
}

TEST_F(MessagesCli, HintsAreAboutTheFileThatWasGiven) {
  const std::string begin = search;
  ASSERT_EQ(run(begin + "--evaluations 2000 --checkpoint . --checkpoint-every 0").exit_code, 0);
  for (const char* name : {"nosuch", "other"}) {
    folder_.write("other", "no checkpoint");
    const program_result r = run("$C search --resume " + std::string(name));
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_EQ(r.err.find("previous"), std::string::npos) << r.err;
  }
  folder_.write("checkpoint.bin", "damaged");
  expect_refused("$C search --resume .", "checkpoint.previous.bin is whole");
}

TEST_F(MessagesCli, DeepJsonIsRefused) {
  const std::string open(100000, '[');
  const std::string closed(100000, ']');
  folder_.write("list.json", "{\"layers\":" + open + closed + "}");
  folder_.write("beside.json",
                "{\n\"layers\":[{\"best\":{\"mapping\":\"x\"},\n\"more\":" + open + closed + "}]}");
  std::string objects = "{\"layers\":[";
  for (int i = 0; i < 50000; ++i) objects += "{\"best\":";
  folder_.write("open.json", objects);
  folder_.write("text.json", "{\"layers\": \"\\\"" + open + "\"}");
  for (const char* name : {"list.json", "beside.json", "open.json"}) {
    expect_refused(std::string("$C report -o x.html ") + name, "more than 100 deep");
    expect_refused(search + std::string("--init ") + name, "more than 100 deep");
  }
  expect_refused(search + std::string("--init beside.json"), "beside.json:3: lists");
  expect_refused("$C report -o x.html text.json", "found no list \"layers\"");
}

TEST_F(MessagesCli, WhatIsLeftOutIsSaid) {
  folder_.write("two.yaml", "levels:\n  - sp: [K]\n---\nlevels:\n  - sp: [C]\n");
  folder_.write("one.yaml", "---\nlevels:\n  - sp: [K]\n...\n");
  folder_.write("empty.m", " \n");
  expect_refused(search + std::string("--constraint two.yaml"),
                 "two.yaml:3:1: found a second document, expected one");
  EXPECT_EQ(run(search + std::string("--constraint one.yaml --evaluations 60")).exit_code, 0);
  expect_refused(
      search + std::string("--hw empty.m"),
      "empty.m: says nothing of an accelerator, expected keys and values such as num_pes");
}

TEST_F(MessagesCli, ALayerThatIsTooLargeIsNamed) {
  folder_.write(
      "net.csv",
      "name,type,K,C,Y,X,R,S\nsmall,GEMM,4,4,4,1,1,1\nbig_one,GEMM,2147483647,1,1,1,1,1\n");
  for (const char* command : {"$C search --model net.csv",
                              "$C compare --model net.csv",
                              "$C flexibility --model net.csv --constraint dla",
                              "$C search --model net.csv --num-pes search --area-budget 1"}) {
    expect_refused(command,
                   "layer big_one cannot be searched: dimension K allows tiles up to 2147483647");
  }
}

TEST_F(MessagesCli, OutOfMemorySaysHowMuchWasAskedFor) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer takes more address space than the limit";
#endif
  const program_result r =
      run(std::string("ulimit -v 600000; ") + search + "--population 2200000 --generations 2");
  EXPECT_NE(r.exit_code, 0);
  EXPECT_NE(r.err.find("2200000 individuals (population) take about"), std::string::npos) << r.err;
}

}  // namespace
}  // namespace cugamma
