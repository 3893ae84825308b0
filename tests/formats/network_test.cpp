#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/program.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/network_file.hpp"
#include "formats/csv_reader.hpp"

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

/// GAMMA reads columns by position, whatever its header says.
TEST(NetworkCsv, ReadsGammasHeadersByPosition) {
  const network n =
      parse_network_csv("K,C,Y,X,R,S,T\n2048,1024,64,1,1,1,3\n10,20,1,0,1,1,0\n8,3,9,8,2,3,4\n",
                        "manual.csv");
  EXPECT_EQ(n.layers.at(0).l.type, layer_type::gemm);
  EXPECT_EQ(n.layers[0].l.size, (std::array<std::int32_t, 8>{1024, 64, 2048, 1, 1, 1, 1, 1}));
  EXPECT_EQ(n.layers.at(1).l.size, (std::array<std::int32_t, 8>{10, 20, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(n.layers.at(2).l.type, layer_type::conv);
  EXPECT_EQ(n.layers[2].l.size, (std::array<std::int32_t, 8>{8, 3, 9, 8, 2, 3, 1, 1}));
  EXPECT_TRUE(n.warnings.empty());
  EXPECT_EQ(message_of("M,N,K,0,0,0,T\n1,2,3,1,7,1,3\n"),
            "dir/net.csv:2:9: found \"7\", expected 0 or 1: column 5 (\"0\") says nothing of GEMM");
}

TEST(NetworkCsv, AnotherOrderIsReadByName) {
  const std::array<std::int32_t, 8> product{20, 30, 10, 1, 1, 1, 1, 1};
  for (const char* text : {"N,K,M,0,0,0,T\n20,30,10,1,1,1,3\n",
                           "K,M,N,T\n30,10,20,3\n",
                           "T,0,N,0.1,M,K\n3,1,20,0,10,30\n",
                           "M,N,K,0,0,0,T\n10,20,30,1,1,1,3\n",
                           "name,type,K,N,M,count\na,GEMM,30,20,10,1\n"}) {
    SCOPED_TRACE(text);
    const network n = parse_network_csv(text, "net.csv");
    EXPECT_EQ(n.layers.at(0).l.type, layer_type::gemm);
    EXPECT_EQ(n.layers[0].l.size, product);
  }
  const network fc = parse_network_csv("I,O,0,T\n256,128,1,0\n", "net.csv");
  EXPECT_EQ(fc.layers.at(0).l.size, (std::array<std::int32_t, 8>{128, 256, 1, 1, 1, 1, 1, 1}));
  const network conv = parse_network_csv(
      "name,T,S,R,X,Y,C,K,stride_y,count\nc1,1,2,3,223,224,3,64,2,5\nfc,0,1,1,1,1,9,7,1,1\n",
      "net.csv");
  EXPECT_EQ(conv.layers.at(0).name, "c1");
  EXPECT_EQ(conv.layers[0].l.size, (std::array<std::int32_t, 8>{64, 3, 224, 223, 3, 2, 1, 1}));
  EXPECT_EQ(conv.layers[0].l.stride_y, 2);
  EXPECT_EQ(conv.layers[0].count, 5);
  EXPECT_EQ(conv.layers.at(1).l.size, (std::array<std::int32_t, 8>{7, 9, 1, 1, 1, 1, 1, 1}));
}

TEST(NetworkCsv, RefusesContradictoryHeadersByColumn) {
  EXPECT_EQ(message_of("N,K,C,Y,X,R,S,T\n1,1,1,1,1,1,1,1\n"),
            "dir/net.csv:1:5: column C belongs to K, C, Y, X, R, S, but column N to M, N, K of a "
            "product");
  EXPECT_EQ(message_of("M,N,K,I,T\n1,1,1,1,3\n"),
            "dir/net.csv:1:7: column I belongs to O, I of a fully connected layer, but column M to "
            "M, N, K of a product");
  EXPECT_EQ(message_of("O,I,K,T\n1,1,1,0\n"),
            "dir/net.csv:1:5: column K does not belong to O, I of a fully connected layer");
  EXPECT_EQ(message_of("type,K,C,Y,X,R,S,T\n"),
            "dir/net.csv:1:18: the columns type and T are two types of one layer, expected one of "
            "them");
  EXPECT_EQ(message_of("N,K,M,0,0,0,T\n1,1,1,1,1,1,1\n"),
            "dir/net.csv:2:13: CONV needs the columns K, C, Y, X, R, S");
  EXPECT_EQ(message_of("C,K,Y,X,R,S,T\n1,1,1,1,1,1,3\n"),
            "dir/net.csv:2:13: GEMM needs the columns M, N, K of a product");
  EXPECT_EQ(message_of("K,C,Y,X,R,S,T,stride\n").substr(0, 36),
            "dir/net.csv:1:15: found \"stride\", ex");
  EXPECT_EQ(message_of("K,C,Y,X,R,S,T\n8,8,3,3,1,1,0\n"),
            "dir/net.csv:2:5: found \"3\", expected 0 or 1: column 3 (\"Y\") says nothing of FC");
  EXPECT_EQ(message_of("64,3,224,224,3,3,1\n").substr(0, 27), "dir/net.csv:1:1: found \"64\"");
}

TEST(NetworkCsv, ADepthwiseRowWithAnotherKIsTold) {
  const network n = parse_network_csv("K,C,Y,X,R,S,T\n32,32,9,9,3,3,2\n64,32,9,9,3,3,2\n", "a.csv");
  EXPECT_EQ(n.layers.at(0).l[K], 1);
  EXPECT_EQ(n.layers.at(1).l[K], 1);
  ASSERT_EQ(n.warnings.size(), 1u);
  EXPECT_EQ(n.warnings[0],
            "a.csv:3: K is 64, but a DSCONV has one output channel for each of its 32 input "
            "channels");
}

TEST(NetworkCsv, TransposedIsCostedAsConv) {
  const network n = parse_network_csv(header + "up,TRCONV,4,4,8,8,2,2,2,2,1,1\n", "net.csv");
  EXPECT_EQ(n.layers.at(0).l.type, layer_type::conv);
  EXPECT_EQ(n.layers[0].l.stride_x, 2);
}

TEST(NetworkCsv, LosesNoRow) {
  const std::string head = "name,type,K,C,Y,X,R,S\n";
  const network n = parse_network_csv("# source, a paper, 8, 9, 10, 11, 12, 13\n" + head +
                                          "#stem,CONV,8,3,10,10,3,3\n"
                                          "# a comment, with commas\n"
                                          "## and one, with\n"
                                          "#another\n"
                                          "\"# quoted\",CONV,8,8,10,10,3,3\n"
                                          "\"a, \"\"b\"\"\nc\" , CONV,8,8,10,10,3,3\n"
                                          "5\" pipe,CONV,8,8,10,10,3,3\n",
                                      "net.csv");
  ASSERT_EQ(n.layers.size(), 4u);
  EXPECT_EQ(n.layers[0].name, "#stem");
  EXPECT_EQ(n.layers[1].name, "# quoted");
  EXPECT_EQ(n.layers[2].name, "a, \"b\"\nc");
  EXPECT_EQ(n.layers[3].name, "5\" pipe");
  EXPECT_EQ(n.warnings,
            (std::vector<std::string>{"net.csv:3: begins with # and is read as a row"}));

  const auto row_message = [&](const std::string& row) { return message_of(head + row); };
  EXPECT_EQ(row_message("# b,CONV,8,8,10,10,3,3\n"),
            "dir/net.csv:2:1: a line that begins with # has as many cells as the header: put the "
            "name in quotes if it is a row, leave out a comma if it is a comment");
  EXPECT_EQ(row_message("#b,CONV,8,8\n"),
            "dir/net.csv:2:1: found 4 cells, expected 8 as in the header");
  EXPECT_EQ(row_message("\"b,CONV,8,8,10,10,3,3\nc,CONV,8,8,10,10,3,3\n"),
            "dir/net.csv:2:1: the quote is not closed");
  EXPECT_EQ(row_message("\"b\"x,CONV,8,8,10,10,3,3\n"),
            "dir/net.csv:2:4: found \"x\" behind a closing quote, expected a comma");
  EXPECT_EQ(row_message("a,CONV,8,8,10,10,3,3\n\"b\",POOL,8,8,10,10,3,3\n").substr(0, 24),
            "dir/net.csv:3:5: found \"");
}

TEST(CsvReader, QuotesWhatItsReaderWouldChange) {
  for (const char* name : {"plain", "a,b", "a \"b\"", "#a", "two\nlines", " blank", "", "a#b"}) {
    const csv_table table = read_csv("x,y\n" + csv_quoted(name) + ",1\n", "t.csv");
    ASSERT_EQ(table.rows.size(), 2u) << name;
    EXPECT_EQ(table.rows[1].at(0).text, name);
    EXPECT_EQ(table.rows[1].at(1).text, "1");
    EXPECT_TRUE(table.hashed_rows.empty());
  }
  EXPECT_EQ(csv_quoted("conv1_1/add"), "conv1_1/add");
}

TEST(NetworkCsv, NamesWhatIsWrong) {
  EXPECT_EQ(
      message_of("# only\n"),
      "dir/net.csv:1:1: found no header, expected name,type,K,C,Y,X,R,S,... or K,C,Y,X,R,S,T");
  EXPECT_EQ(message_of("K,C,Y,X,R,T\n"), "dir/net.csv:1:1: column S is missing");
  EXPECT_EQ(message_of("name,kind\n"),
            "dir/net.csv:1:6: found \"kind\", expected one of the columns name, type, K, C, Y, X, "
            "R, S, stride_y, stride_x, groups, count, T, M, N, O, I");
  EXPECT_EQ(message_of("K,K\n"), "dir/net.csv:1:3: column K is given twice");
  EXPECT_EQ(message_of("type,K,C,Y,X,R\n"), "dir/net.csv:1:1: column S is missing");
  EXPECT_EQ(message_of(header + "a,CONV,1\n"),
            "dir/net.csv:2:1: found 3 cells, expected 12 as in the header");
  EXPECT_EQ(message_of(header + "a,POOL,1,1,1,1,1,1,1,1,1,1\n"),
            "dir/net.csv:2:3: found \"POOL\", expected CONV, DSCONV, TRCONV, GEMM or FC");
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
            "dir/net.csv:2:3: FC has a stride, only CONV, DSCONV and TRCONV can");
  EXPECT_EQ(message_of(header + "a,CONV,8,9,3,3,3,3,1,1,4,1\n"),
            "dir/net.csv:2:24: found \"4\", expected a divisor of K = 8 and C = 9");
  EXPECT_EQ(message_of(header + "a,GEMM,8,8,3,1,1,1,1,1,2,1\n"),
            "dir/net.csv:2:24: found \"2\", expected groups of a CONV only, 1 otherwise");
  EXPECT_EQ(
      message_of("K,C,Y,X,R,S,T\n1,1,1,1,1,1,7\n"),
      "dir/net.csv:2:13: found \"7\", expected the type 0 (FC), 1 (CONV), 2 (DSCONV), 3 (GEMM) or "
      "4 (TRCONV)");
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
