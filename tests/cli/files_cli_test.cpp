#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
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

TEST_F(FilesCli, EveryCommandThatReadsATableTellsItsWarnings) {
  folder_.write("net.csv", std::string(header) + "#stem,CONV,8,3,10,10,3,3\n");
  for (const char* command :
       {"search --model net.csv --evaluations 64 --log-level 0",
        "certify --model net.csv --accelerator gamma --objective latency --evaluations 64 "
        "--log-level 0",
        "compare --model net.csv --evaluations 64 --seeds 1 --algorithms gamma",
        "bench --model net.csv --populations 10 --backends cpu --repetitions 1",
        "validate --model net.csv --count 10 --backends reference,cpu",
        "validate --model net.csv --cost-model exact --against maestro --count 10"}) {
    const program_result result = run(command);
    EXPECT_EQ(result.exit_code, 0) << command << ": " << result.err;
    EXPECT_NE(result.err.find("warning: net.csv:2: begins with # and is read as a row"),
              std::string::npos)
        << command << ": " << result.err;
  }
}

TEST_F(FilesCli, ErrorsOfALayerWithACommaInItsNameStayOneRow) {
  folder_.write("net.csv", std::string(header) + "\"a,b\",CONV,2,2,6,6,3,3\n");
  const program_result result =
      run("validate --model net.csv --cost-model exact --against maestro --count 20 --format csv");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("\n\"net/a,b\",both,all,40,latency,rank_correlation,"),
            std::string::npos)
      << result.out;
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
  EXPECT_NE(search("--layer 3,head --verbose").out.find("layer conv: 7200 MACs"),
            std::string::npos);
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

constexpr const char* dataflow = R"(Dataflow {
  SpatialMap(1,1) K;
  TemporalMap(4,4) C;
  TemporalMap(Sz(R),1) Y;
  TemporalMap(Sz(S),1) X;
  TemporalMap(Sz(R),Sz(R)) R;
  TemporalMap(Sz(S),Sz(S)) S;
}
)";

TEST_F(FilesCli, ADataflowAloneMapsTheLayersOfAModel) {
  folder_.write("d.m", dataflow);
  const program_result styled = run("evaluate --style d.m --model vgg16 --format json");
  ASSERT_EQ(styled.exit_code, 0) << styled.err;
  const auto layers = nlohmann::json::parse(styled.out).at("layers");
  EXPECT_EQ(layers.size(), 16u);
  EXPECT_EQ(layers.at(0).at("warnings").at(0),
            "line 3, cluster level 0: TemporalMap(4,4) C is larger than C = 3 and is cut to it");
  for (const auto& l : layers) EXPECT_EQ(l.at("metrics").at("num_macs"), l.at("layer_macs"));
  EXPECT_EQ(run("evaluate d.m --model vgg16 --format json").out, styled.out);
  EXPECT_NE(run("evaluate d.m --model vgg16").out.find("network: "), std::string::npos);

  expect_refused(
      run("evaluate d.m"),
      "d.m:1:1: found a Dataflow and no layer; cugamma evaluate gives it the layers of --model");
  expect_refused(run("search --model vgg16 --constraint d.m"),
                 "d.m:1:1: found a MAESTRO file, expected a constraint in YAML "
                 "(docs/constraints.md); evaluate --style maps a network by a Dataflow");
  folder_.write("net.m", "Network n { Layer L { Type: FC Dimensions { K 1 C 1 } } }");
  expect_refused(run("evaluate --style net.m --model vgg16"),
                 "net.m:1:13: found a Layer, expected a Dataflow alone for the layers of --model");
  folder_.write("c.yaml", "levels:\n  - sp: [K]\n");
  expect_refused(run("evaluate c.yaml --model vgg16"), "c.yaml: expected a file with a Dataflow");
}

/// One Layer beside it, each by a Dataflow of its own, gives the same figures.
TEST_F(FilesCli, ADataflowGivesWhatAFileWithTheLayerGives) {
  folder_.write("d.m", dataflow);
  folder_.write("net.csv", std::string(header) + "a,CONV,8,8,9,9,3,3\nb,DSCONV,1,8,9,9,3,3\n");
  folder_.write("whole.m",
                "Network net { Layer a { Type: CONV Dimensions { K 8 C 8 Y 9 X 9 R 3 S 3 } " +
                    std::string(dataflow) +
                    "} Layer b { Type: DSCONV Dimensions { K 1 C 8 Y 9 X 9 R 3 S 3 } } }");
  const auto one = nlohmann::json::parse(run("evaluate d.m --model net.csv --format json").out);
  const auto other = nlohmann::json::parse(run("evaluate whole.m --format json").out);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(one.at("layers").at(i).at("metrics"), other.at("layers").at(i).at("metrics"));
    EXPECT_EQ(one.at("layers").at(i).at("status"), "ok");
  }
}

TEST_F(FilesCli, AnAcceleratorBlockAndFpsAreRead) {
  folder_.write("hw.m",
                "Accelerator A {\n num_pes: 64\n top_noc_bw: 32\n col_noc_bw: 16\n"
                " global_shared_memory: 4096\n}\n");
  folder_.write(
      "net.m",
      "Network n {\nFPS: 30\nLayer L { Type: CONV Dimensions { K 4 C 2 Y 5 X 5 R 3 S 3 } }"
      "\n}\n");
  const program_result result =
      run("search --model net.m --hw hw.m --evaluations 64 --log-level 0 --format json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(
      result.err,
      "cugamma: warning: net.m:2: FPS: 30 is left out, it says nothing of a layer or its "
      "mapping\n"
      "cugamma: warning: hw.m:4: col_noc_bw: 16 is left out, the NoCs of all levels have 32\n");
  const auto accelerator = nlohmann::json::parse(result.out).at("accelerator");
  EXPECT_EQ(accelerator.at("num_pes"), 64);
  EXPECT_EQ(accelerator.at("noc_bw"), 32);
  EXPECT_EQ(accelerator.at("l2_size_elems"), 4096);
}

TEST_F(FilesCli, AFileWithoutContentIsRefused) {
  folder_.write("hw.m", " // nothing\n");
  const program_result hw = run("search --model vgg16 --hw hw.m");
  EXPECT_EQ(hw.exit_code, 1);
  EXPECT_TRUE(hw.err.starts_with(
      "cugamma: hw.m: says nothing of an accelerator, expected keys and values such as num_pes"))
      << hw.err;
  folder_.write("two.yaml", "levels:\n  - sp: [K]\n---\nlevels:\n  - sp: [C]\n");
  expect_refused(run("search --model vgg16 --constraint two.yaml"),
                 "two.yaml:3:1: found a second document, expected one");
}

TEST_F(FilesCli, AFilterLargerThanItsInputIsRefusedByName) {
  folder_.write("net.m",
                "Network n { Layer odd { Type: CONV Dimensions { K 1 C 1 R 5 S 1 Y 3 X 3 } } }");
  expect_refused(run("search --model net.m"), "layer odd: the filter is larger than the input");
}

TEST_F(FilesCli, DeepJsonIsRefused) {
  for (const int depth : {101, 100'000, 1'000'000}) {
    const std::string open(static_cast<std::size_t>(depth), '[');
    const std::string close(static_cast<std::size_t>(depth), ']');
    folder_.write("d.json", "{\"layers\":" + open + close + "}");
    expect_refused(run("report d.json -o d.html"),
                   "d.json:1: lists or objects more than 100 deep in each other");
    expect_refused(run("search --model vgg16 --init d.json"),
                   "d.json:1: lists or objects more than 100 deep in each other");
  }
  folder_.write("d.json", "{\"layers\":[");
  const program_result cut = run("search --model vgg16 --init d.json");
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_TRUE(cut.err.starts_with("cugamma: d.json: not JSON: ")) << cut.err;
}

TEST_F(FilesCli, PathsThatAreNoFilesAreRefusedWithTheReason) {
  expect_refused(run("search --model /nosuch/a.csv"),
                 "/nosuch/a.csv: cannot be read: No such file or directory");
  expect_refused(run("search --model /"), "/: cannot be read: Is a directory");
  expect_refused(run("search --model vgg16 --constraint ./no.yaml"),
                 "./no.yaml: cannot be read: No such file or directory");
  folder_.write("net.csv", std::string(header) + "body,CONV,8,8,10,10,3,3\n");
  const program_result piped =
      run("search --model /dev/fd/3 --num-pes 16 --evaluations 64 --log-level 0 3< net.csv");
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
}

TEST_F(FilesCli, NamesOfAnyLengthAreRefusedByName) {
  const std::string name(5000, 'n');
  const program_result model = run("search --model " + name);
  EXPECT_EQ(model.exit_code, 1);
  EXPECT_NE(model.err.find("cannot be looked up: File name too long"), std::string::npos);
  const program_result constraint = run("search --model vgg16 --constraint " + name);
  EXPECT_EQ(constraint.exit_code, 1);
  EXPECT_NE(constraint.err.find("cannot be looked up: File name too long"), std::string::npos);
}

}  // namespace
}  // namespace cugamma
