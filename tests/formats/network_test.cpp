#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/program.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/network_file.hpp"

namespace cugamma {
namespace {

using enum dimension;

const std::string header = "name,type,K,C,Y,X,R,S,stride_y,stride_x,groups,count\n";

std::string message_of(const std::string& text) {
  try {
    parse_network_csv(text, "dir/net.csv");
  } catch (const input_error& e) {
    return e.what();
  }
  return "no error";
}

TEST(NetworkCsv, ReadsRows) {
  const network n = parse_network_csv("# source: a paper\n\n" + header +
                                          "conv1, CONV ,64,3,230,229,7,5,2,1,1,1\r\n"
                                          "dw,DSCONV,1,32,114,114,3,3,1,1,1,2\n"
                                          "qk,GEMM,512,64,128,1,1,1,1,1,1,144\n"
                                          "fc,FC,1000,4096,1,1,1,1,1,1,1,1",
                                      "dir/net.csv");
  EXPECT_EQ(n.name, "net");
  ASSERT_EQ(n.layers.size(), 4u);
  EXPECT_EQ(n.layers[0].name, "conv1");
  EXPECT_EQ(n.layers[0].l.size, (std::array<std::int32_t, 8>{64, 3, 230, 229, 7, 5, 1, 1}));
  EXPECT_EQ(n.layers[0].l.stride_y, 2);
  EXPECT_EQ(n.layers[0].l.stride_x, 1);
  EXPECT_EQ(n.layers[1].l.type, layer_type::dsconv);
  EXPECT_EQ(n.layers[1].count, 2);
  EXPECT_EQ(n.layers[2].l.type, layer_type::gemm);
  EXPECT_EQ(n.layers[2].l[K], 512);
  EXPECT_EQ(n.layers[2].l[C], 64);
  EXPECT_EQ(n.layers[2].l[Y], 128);
  EXPECT_EQ(n.layers[2].count, 144);
  EXPECT_EQ(n.layers[3].l.type, layer_type::conv);
  EXPECT_EQ(layer_macs(n.layers[3].l), 4096000);
}

TEST(NetworkCsv, ColumnsInAnyOrderAndDefaults) {
  const network n = parse_network_csv("S,R,X,Y,C,K,type\n1,2,3,4,5,6,CONV\n", "net.csv");
  EXPECT_EQ(n.layers.at(0).name, "layer1");
  EXPECT_EQ(n.layers[0].l.size, (std::array<std::int32_t, 8>{6, 5, 4, 3, 2, 1, 1, 1}));
  EXPECT_EQ(n.layers[0].count, 1);
}

TEST(NetworkCsv, AGroupedLayerIsOneGroupCountedOften) {
  const network n = parse_network_csv(header + "g,CONV,128,256,58,58,3,3,1,1,32,2\n", "net.csv");
  EXPECT_EQ(n.layers.at(0).l[K], 4);
  EXPECT_EQ(n.layers[0].l[C], 8);
  EXPECT_EQ(n.layers[0].count, 64);
}

TEST(NetworkCsv, ReadsGammaFiles) {
  const network conv =
      parse_network_csv("K,C,Y,X,R,S,T\n64,3,224,223,3,2,1\n1,32,112,112,3,3,2\n", "vgg16.csv");
  EXPECT_EQ(conv.layers.at(0).l.size, (std::array<std::int32_t, 8>{64, 3, 224, 223, 3, 2, 1, 1}));
  EXPECT_EQ(conv.layers.at(1).l.type, layer_type::dsconv);
  const network gemm = parse_network_csv("M,N,K,0,0,0,T\n512,768,300,1,1,1,3\n", "bert.csv");
  EXPECT_EQ(gemm.layers.at(0).l.type, layer_type::gemm);
  EXPECT_EQ(gemm.layers[0].l[Y], 512);
  EXPECT_EQ(gemm.layers[0].l[K], 768);
  EXPECT_EQ(gemm.layers[0].l[C], 300);
  const network fc = parse_network_csv("O,I,0,0,0,0,T\n128,256,1,1,1,1,0\n", "dlrm.csv");
  EXPECT_EQ(fc.layers.at(0).l.size, (std::array<std::int32_t, 8>{128, 256, 1, 1, 1, 1, 1, 1}));
}

TEST(NetworkCsv, NamesWhatIsWrong) {
  EXPECT_EQ(
      message_of("# only\n"),
      "dir/net.csv:1:1: found no header, expected name,type,K,C,Y,X,R,S,... or K,C,Y,X,R,S,T");
  EXPECT_EQ(message_of("K,C,Y,X,R,T\n"),
            "dir/net.csv:1:11: found \"T\", expected T as the seventh column");
  EXPECT_EQ(message_of("name,kind\n"),
            "dir/net.csv:1:6: found \"kind\", expected one of the columns name, type, K, C, Y, X, "
            "R, S, stride_y, "
            "stride_x, groups, count");
  EXPECT_EQ(message_of("K,K\n"), "dir/net.csv:1:3: column K is given twice");
  EXPECT_EQ(message_of("type,K,C,Y,X,R\n"), "dir/net.csv:1:1: column S is missing");
  EXPECT_EQ(message_of(header + "a,CONV,1\n"),
            "dir/net.csv:2:1: found 3 cells, expected 12 as in the header");
  EXPECT_EQ(message_of(header + "a,POOL,1,1,1,1,1,1,1,1,1,1\n"),
            "dir/net.csv:2:3: found \"POOL\", expected CONV, DSCONV, GEMM or FC");
  EXPECT_EQ(message_of(header + "a,CONV,0,1,1,1,1,1,1,1,1,1\n"),
            "dir/net.csv:2:8: found \"0\", expected a whole number from 1 to 2147483647");
  EXPECT_EQ(message_of(header + "a,CONV,1,1.5,1,1,1,1,1,1,1,1\n"),
            "dir/net.csv:2:10: found \"1.5\", expected a whole number from 1 to 2147483647");
  EXPECT_EQ(message_of(header + "a,CONV,1,,1,1,1,1,1,1,1,1\n"),
            "dir/net.csv:2:10: found \"\", expected a whole number from 1 to 2147483647");
  EXPECT_EQ(message_of(header + "a,CONV,1,1,2,3,3,3,1,1,1,1\n"),
            "dir/net.csv:2:12: found \"2\", expected Y of at least R = 3");
  EXPECT_EQ(message_of(header + "a,CONV,1,1,3,2,3,3,1,1,1,1\n"),
            "dir/net.csv:2:14: found \"2\", expected X of at least S = 3");
  EXPECT_EQ(message_of(header + "a,DSCONV,8,8,3,3,3,3,1,1,1,1\n"),
            "dir/net.csv:2:3: DSCONV has K = 8, expected 1");
  EXPECT_EQ(message_of(header + "a,GEMM,8,8,3,3,1,1,1,1,1,1\n"),
            "dir/net.csv:2:3: GEMM has X = 3, expected 1");
  EXPECT_EQ(message_of(header + "a,FC,8,8,3,1,1,1,2,1,1,1\n"),
            "dir/net.csv:2:3: FC has a stride, only CONV and DSCONV can");
  EXPECT_EQ(message_of(header + "a,CONV,8,9,3,3,3,3,1,1,4,1\n"),
            "dir/net.csv:2:24: found \"4\", expected a divisor of K = 8 and C = 9");
  EXPECT_EQ(message_of(header + "a,GEMM,8,8,3,1,1,1,1,1,2,1\n"),
            "dir/net.csv:2:24: found \"2\", expected groups of a CONV only, 1 otherwise");
  EXPECT_EQ(
      message_of("K,C,Y,X,R,S,T\n1,1,1,1,1,1,7\n"),
      "dir/net.csv:2:13: found \"7\", expected the type 0 (FC), 1 (CONV), 2 (DSCONV) or 3 (GEMM)");
}

class NetworkFiles : public testing::Test {
 protected:
  void SetUp() override { setenv("CUGAMMA_MODELS_DIR", folder_.path().c_str(), 1); }
  void TearDown() override { unsetenv("CUGAMMA_MODELS_DIR"); }
  std::string write(const std::string& name, const std::string& text) const {
    folder_.write(name, text);
    return folder_ / name;
  }

 private:
  scratch_folder folder_;
};

TEST_F(NetworkFiles, ReadsMaestroModels) {
  const std::string path =
      write("model.m",
            "Network net { Layer A { Type: NGCONV Dimensions { N 2 G 8 K 4 C 4 R 3 S 3 Y 8 X 8 } } "
            "Layer B { Type: TRCONV Stride { X 2 Y 2 } Dimensions { K 4 C 4 R 2 S 2 Y 8 X 8 } } }");
  const network n = read_network(path);
  EXPECT_EQ(n.name, "net");
  EXPECT_EQ(n.layers.at(0).count, 16);
  EXPECT_EQ(n.layers[0].l.type, layer_type::conv);
  EXPECT_EQ(n.layers[0].l[G], 1);
  EXPECT_EQ(n.layers[0].l.named_batch_group, 0);
  EXPECT_EQ(n.layers.at(1).l.type, layer_type::conv);
  EXPECT_EQ(n.layers[1].l.stride_x, 2);
}

TEST_F(NetworkFiles, FindsModelsByNameAndPath) {
  const std::string path = write("my_net.csv", header + "a,FC,1,1,1,1,1,1,1,1,1,1\n");
  EXPECT_EQ(find_model("my_net"), path);
  EXPECT_EQ(find_model("my_net.csv"), path);
  EXPECT_EQ(find_model(path), path);
  EXPECT_EQ(read_network(path).layers.size(), 1u);
  try {
    find_model("no_such_net");
    FAIL();
  } catch (const input_error& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with(
        "unknown model \"no_such_net\", expected a file or one of: "))
        << e.what();
    EXPECT_NE(std::string(e.what()).find("my_net"), std::string::npos);
  }
  EXPECT_THROW(find_model(""), input_error);
}

TEST_F(NetworkFiles, RefusesANetworkWithoutLayers) {
  EXPECT_THROW(read_network(write("empty.csv", header)), input_error);
  EXPECT_THROW(read_network("/nonexistent.csv"), input_error);
}

TEST(Models, EveryShippedModelIsRead) {
  for (const std::string& name : model_names()) {
    SCOPED_TRACE(name);
    EXPECT_GT(read_network(find_model(name)).layers.size(), 0u);
  }
}

}  // namespace
}  // namespace cugamma
