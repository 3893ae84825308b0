#include <gtest/gtest.h>

#include <map>

#include "cugamma/error.hpp"
#include "cugamma/formats/network_file.hpp"
#include "mapping/draw_mapping.hpp"
#include "models/maestro/legality.hpp"

namespace cugamma {
namespace {

std::vector<layer> some_layers() {
  std::vector<layer> layers;
  for (const char* name : {"vgg16", "mobilenet_v2", "bert_base"}) {
    for (const network_layer& n : read_network(find_model(name)).layers) {
      layers.push_back(unit_stride(n.l));
    }
  }
  return layers;
}

std::vector<genome> draw(std::uint64_t seed, std::uint64_t first, std::size_t count) {
  const std::vector<accelerator> accelerators(2);
  std::vector<genome> out(count);
  draw_mappings(seed, first, some_layers(), accelerators, out);
  return out;
}

TEST(RandomMapping, TheSeedAndTheNumberDecide) {
  const auto all = draw(7, 0, 200);
  const auto tail = draw(7, 150, 50);
  EXPECT_TRUE(std::equal(tail.begin(), tail.end(), all.begin() + 150));
  EXPECT_NE(draw(8, 0, 200), all);
}

TEST(RandomMapping, LegalDrawsAreLegal) {
  const accelerator a;
  for (const layer& l : some_layers()) {
    for (const auto how : {mapping_draw::initial, mapping_draw::uniform, mapping_draw::edges}) {
      for (std::uint64_t i = 0; i < 200; ++i) {
        random_stream random(1, 0, i);
        const genome g = draw_mapping(l, a, how, random);
        ASSERT_EQ(check_legality(l, a, to_mapping(g, l)), 0u)
            << "draw " << static_cast<int>(how) << ", mapping " << i;
      }
    }
  }
}

TEST(RandomMapping, IllegalDrawsBreakEveryRuleThatAGenomeCan) {
  const accelerator a;
  std::map<std::uint32_t, int> broken;
  for (const layer& l : some_layers()) {
    for (std::uint64_t i = 0; i < 300; ++i) {
      random_stream random(1, 0, i);
      const genome g = draw_mapping(l, a, mapping_draw::illegal, random);
      const std::uint32_t status = check_legality(l, a, to_mapping(g, l));
      for (std::uint32_t bit = 1; bit < illegal_mask; bit <<= 1) broken[bit] += (status & bit) != 0;
    }
  }
  for (const auto bit : {clusters_exceed_pes, tile_exceeds_dim, partial_filter, bad_structure}) {
    EXPECT_GT(broken[bit], 100) << bit;
  }
}

TEST(RandomMapping, NeedsSomethingToMap) {
  std::vector<genome> out(1);
  EXPECT_THROW(draw_mappings(1, 0, {}, std::vector<accelerator>(1), out), input_error);
  EXPECT_THROW(draw_mappings(1, 0, std::vector<layer>(1), {}, out), input_error);
}

}  // namespace
}  // namespace cugamma
