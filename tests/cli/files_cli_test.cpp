#include <gtest/gtest.h>

#include <string>

#include "cli/program.hpp"

namespace cugamma {
namespace {

constexpr const char* header = "name,type,K,C,Y,X,R,S\n";

/// Files that strangers wrote, given to the programs.
class FilesCli : public testing::Test {
 protected:
  program_result run(const std::string& arguments) const {
    return run_program(folder_, CUGAMMA_PROGRAM, arguments);
  }
  program_result search(const std::string& arguments) const {
    return run("search --model net.csv --num-pes 16 --evaluations 64 --log-level 0 " + arguments);
  }
  void expect_refused(const program_result& result, const std::string& message) const {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.err, "cugamma: " + message + "\n");
    EXPECT_EQ(result.out, "");
  }
  scratch_folder folder_;
};

TEST_F(FilesCli, AProductIsReadByItsHeader) {
  folder_.write("net.csv", "N,K,M,0,0,0,T\n10,20,30,1,1,1,3\n");
  ASSERT_EQ(search("--objective latency --out out").exit_code, 0);
  EXPECT_NE(text_of(folder_ / "out/best.m").find("M: 30, N: 10, K: 20"), std::string::npos)
      << text_of(folder_ / "out/best.m");
}

TEST_F(FilesCli, ARowWhoseNameBeginsWithAHashCounts) {
  folder_.write("net.csv",
                std::string(header) + "#stem,CONV,8,3,10,10,3,3\nbody,CONV,8,8,10,10,3,3\n");
  const program_result result = search("--format json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "cugamma: warning: net.csv:2: begins with # and is read as a row\n");
  EXPECT_NE(result.out.find("\"macs\": 50688"), std::string::npos) << result.out;
}

TEST_F(FilesCli, ANameThatStandsTwiceCannotBeAddressed) {
  folder_.write("net.csv",
                std::string(header) +
                    "conv,CONV,8,3,9,9,3,3\nhead,FC,8,8,1,1,1,1\nconv,CONV,4,8,7,7,3,3\n"
                    "\"a,b\",CONV,2,2,3,3,3,3\n");
  const std::string message =
      "--layer: net has 2 layers \"conv\", expected one of their numbers 1, 3";
  expect_refused(search("--layer conv"), message);
  expect_refused(search("--layer head,conv"), message);
  EXPECT_NE(search("--layer 3,head").out.find("layer conv: 7200 MACs"), std::string::npos);
  EXPECT_NE(search("--layer a,b").out.find("layer a,b: 36 MACs"), std::string::npos);
}

TEST_F(FilesCli, ALayerThatIsTooLargeIsNamed) {
  folder_.write(
      "net.csv",
      std::string(header) + "small,GEMM,4,4,4,1,1,1\nbig_one,GEMM,2147483647,1,1,1,1,1\n");
  const program_result result = search("");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("layer big_one cannot be searched: dimension K allows tiles up to "
                            "2147483647, must be 1 to "),
            std::string::npos)
      << result.err;
}

TEST_F(FilesCli, TablesOfResultsQuoteNames) {
  folder_.write("net.csv", std::string(header) + "\"a,\"\"b\"\"\",CONV,2,2,3,3,3,3\n");
  ASSERT_EQ(search("--out out").exit_code, 0);
  const std::string history = text_of(folder_ / "out/history.csv");
  EXPECT_NE(history.find("\n\"a,\"\"b\"\"\",0,"), std::string::npos) << history;
}

TEST_F(FilesCli, NamesOfAnyLengthAreRefusedByName) {
  const std::string name(5000, 'n');
  const program_result model = run("search --model " + name);
  EXPECT_EQ(model.exit_code, 1);
  EXPECT_TRUE(model.err.starts_with("cugamma: unknown model \"nnn")) << model.err;
  const program_result constraint = run("search --model vgg16 --constraint " + name);
  EXPECT_EQ(constraint.exit_code, 1);
  EXPECT_TRUE(constraint.err.starts_with("cugamma: unknown constraint \"nnn")) << constraint.err;
}

}  // namespace
}  // namespace cugamma
