#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "cugamma/formats/network_file.hpp"

namespace cugamma {
namespace {

const std::string models_dir = CUGAMMA_SOURCE_DIR "/models";

struct published_total {
  double macs = 0;
  double tolerance = 0;  ///< relative
};

/// tests/formats/model_totals.csv: network,macs,tolerance,"source".
std::map<std::string, published_total> published_totals() {
  std::ifstream file(CUGAMMA_SOURCE_DIR "/tests/formats/model_totals.csv");
  std::map<std::string, published_total> totals;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#') || line.starts_with("network,")) continue;
    std::istringstream cells(line);
    std::string name, macs, tolerance;
    std::getline(cells, name, ',');
    std::getline(cells, macs, ',');
    std::getline(cells, tolerance, ',');
    totals[name] = {std::stod(macs), std::stod(tolerance)};
  }
  return totals;
}

std::set<std::string> shipped_networks() {
  std::set<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(models_dir)) {
    names.insert(file.path().stem().string());
  }
  return names;
}

network shipped(const std::string& name) { return read_network(models_dir + "/" + name + ".csv"); }

std::int64_t total_macs(const network& n) {
  std::int64_t macs = 0;
  for (const network_layer& row : n.layers) macs += layer_macs(row.l) * row.count;
  return macs;
}

network_layer row_named(const network& n, const std::string& name) {
  for (const network_layer& row : n.layers) {
    if (row.name == name) return row;
  }
  throw std::out_of_range(n.name + " has no row " + name);
}

TEST(Models, EveryNetworkHasAPublishedTotalAndEveryTotalItsNetwork) {
  std::set<std::string> with_total;
  for (const auto& [name, total] : published_totals()) with_total.insert(name);
  EXPECT_EQ(shipped_networks(), with_total);
}

TEST(Models, TotalsEqualThePublishedFigures) {
  for (const auto& [name, total] : published_totals()) {
    const auto macs = static_cast<double>(total_macs(shipped(name)));
    EXPECT_LE(std::abs(macs - total.macs), total.tolerance * total.macs)
        << name << " has " << macs << ", published " << total.macs;
  }
}

TEST(Models, RowNamesAreUniqueInANetwork) {
  for (const std::string& name : shipped_networks()) {
    std::set<std::string> seen;
    const network n = shipped(name);
    for (const network_layer& row : n.layers) {
      EXPECT_TRUE(seen.insert(row.name).second) << name << ": " << row.name;
    }
  }
}

TEST(Models, ShapesReadOffThePapers) {
  using enum dimension;
  const layer vgg = row_named(shipped("vgg16"), "conv4_1").l;
  EXPECT_EQ(vgg.size, (std::array<std::int32_t, 8>{512, 256, 30, 30, 3, 3, 1, 1}));

  const layer stem = row_named(shipped("resnet50"), "conv1").l;
  EXPECT_EQ(output_size(stem, Y), 112);
  EXPECT_EQ(stem.stride_y, 2);

  // 128 channels in 32 groups of 4.
  const network_layer grouped = row_named(shipped("resnext50_32x4d"), "layer1.0.conv2");
  EXPECT_EQ(grouped.l[K], 4);
  EXPECT_EQ(grouped.l[C], 4);
  EXPECT_EQ(grouped.count, 32);

  const layer depthwise = row_named(shipped("mobilenet_v2"), "features.1.conv.0.0").l;
  EXPECT_EQ(depthwise.type, layer_type::dsconv);
  EXPECT_EQ(depthwise.size, (std::array<std::int32_t, 8>{1, 32, 114, 114, 3, 3, 1, 1}));

  const network_layer scores = row_named(shipped("bert_base"), "attention.scores");
  EXPECT_EQ(scores.l.size, (std::array<std::int32_t, 8>{512, 64, 512, 1, 1, 1, 1, 1}));
  EXPECT_EQ(scores.count, 12 * 12);
}

TEST(Models, Vgg16IsThirteenConvolutionsThenThreeFullyConnected) {
  const network n = shipped("vgg16");
  ASSERT_EQ(n.layers.size(), 16u);
  for (int i = 0; i < 13; ++i) EXPECT_EQ(n.layers[i].l[dimension::R], 3) << n.layers[i].name;
  for (int i = 13; i < 16; ++i) EXPECT_EQ(n.layers[i].l[dimension::R], 1) << n.layers[i].name;
}

}  // namespace
}  // namespace cugamma
