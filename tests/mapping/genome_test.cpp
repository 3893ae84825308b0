#include "cugamma/mapping/genome.hpp"

#include <gtest/gtest.h>

namespace cugamma {
namespace {

TEST(Genome, FieldsDoNotOverlap) {
  genome g;
  set_level_count(g, 3);
  set_own_pes(g, 123456789);
  for (int level = 0; level < 3; ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      set_tile(g,
               level,
               static_cast<dimension>(d),
               d < 4 ? max_tile - 10 * level - d : max_filter_tile - level - d);
      set_order(g, level, d, static_cast<dimension>((d + level) % gene_dimension_count));
    }
    set_parallel(g, level, static_cast<dimension>(level), level + 1);
    if (level > 0) set_cluster_size(g, level, 65535 - level);
  }
  EXPECT_EQ(level_count(g), 3);
  EXPECT_EQ(own_pes(g), 123456789);
  for (int level = 0; level < 3; ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      EXPECT_EQ(tile(g, level, static_cast<dimension>(d)),
                d < 4 ? max_tile - 10 * level - d : max_filter_tile - level - d);
      EXPECT_EQ(order(g, level, d), static_cast<dimension>((d + level) % gene_dimension_count));
    }
    EXPECT_EQ(parallel(g, level), static_cast<dimension>(level));
    EXPECT_EQ(second_parallel(g, level), level + 1);
  }
  for (int level = 1; level < 3; ++level) {
    EXPECT_EQ(cluster_size(g, level), 65535 - level);
  }
}

}  // namespace
}  // namespace cugamma
