#include "cugamma/mapping/genome_fields.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "cugamma/mapping/genome.hpp"
#include "maestro/score_body.hpp"
#include "mapping/operators/genes.hpp"
#include "models/maestro/walked/prepare.hpp"

namespace cugamma {
namespace {

using record = std::array<std::uint8_t, sizeof(genome)>;
using packed_words = operators::packed<std::uint32_t>;
using any_genes = operators::genes<std::uint32_t, operators::any_levels>;

/// A field as the table says, bit by bit.
std::uint32_t read_bits(const genome& g, genome_field f) {
  const auto bytes = std::bit_cast<record>(g);
  std::uint32_t value = 0;
  for (int i = 0; i < f.width; ++i) {
    const int bit = f.first_bit() + i;
    value |= (bytes[bit / 8] >> (bit % 8) & 1u) << i;
  }
  return value;
}

genome with_bits(const genome& g, genome_field f, std::uint32_t value) {
  auto bytes = std::bit_cast<record>(g);
  for (int i = 0; i < f.width; ++i) {
    const int bit = f.first_bit() + i;
    bytes[bit / 8] &= static_cast<std::uint8_t>(~(1u << (bit % 8)));
    bytes[bit / 8] |= static_cast<std::uint8_t>((value >> i & 1u) << (bit % 8));
  }
  return std::bit_cast<genome>(bytes);
}

/// What the accessors read, in the order of genome_fields::all().
std::vector<std::uint32_t> by_accessors(const genome& g) {
  std::vector<std::uint32_t> values;
  const auto add = [&](auto value) { values.push_back(static_cast<std::uint32_t>(value)); };
  for (int level = 0; level < max_genome_levels; ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      add(tile(g, level, static_cast<dimension>(d)));
      add(order(g, level, d));
    }
    add(parallel(g, level));
    add(second_parallel(g, level));
    if (level > 0) add(cluster_size(g, level));
  }
  add(g.layer_index);
  add(g.accelerator_index);
  add(level_count(g));
  add(own_pes(g));
  return values;
}

std::uint32_t random_value(genome_field f, std::mt19937_64& random) {
  return static_cast<std::uint32_t>(random() & f.mask());
}

genome any_bits(std::mt19937_64& random) {
  std::array<std::uint64_t, genome_fields::words / 2> words;
  for (std::uint64_t& word : words) word = random();
  return std::bit_cast<genome>(words);
}

TEST(GenomeFields, AccessorsReadWhatIsWrittenByTheTableAndNothingElseChanges) {
  std::mt19937_64 random(1);
  const auto fields = genome_fields::all();
  for (int repeat = 0; repeat < 20; ++repeat) {
    const genome before = any_bits(random);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::uint32_t value = random_value(fields[i], random);
      std::vector<std::uint32_t> expected = by_accessors(before);
      ASSERT_EQ(expected.size(), fields.size());
      expected[i] = value;
      EXPECT_EQ(by_accessors(with_bits(before, fields[i], value)), expected) << "field " << i;
    }
  }
}

TEST(GenomeFields, TheTableReadsWhatAccessorsWrite) {
  std::mt19937_64 random(2);
  for (int repeat = 0; repeat < 20; ++repeat) {
    const genome source = any_bits(random);
    genome copy = any_bits(random);
    for (int level = 0; level < max_genome_levels; ++level) {
      for (int d = 0; d < gene_dimension_count; ++d) {
        const auto gene = static_cast<dimension>(d);
        set_tile(copy, level, gene, tile(source, level, gene));
        set_order(copy, level, d, order(source, level, d));
      }
      set_parallel(copy, level, parallel(source, level), second_parallel(source, level));
      if (level > 0) set_cluster_size(copy, level, cluster_size(source, level));
    }
    copy.layer_index = source.layer_index;
    copy.accelerator_index = source.accelerator_index;
    set_level_count(copy, level_count(source));
    set_own_pes(copy, own_pes(source));
    for (const genome_field f : genome_fields::all()) {
      EXPECT_EQ(read_bits(copy, f), read_bits(source, f)) << "bit " << f.first_bit();
    }
  }
}

/// The bytes of checkpoints and of Python's arrays: a change here makes the old ones unreadable.
TEST(GenomeFields, LieWhereCheckpointsHaveThem) {
  const auto lies = [](genome_field f, int first_bit, int width) {
    return f.first_bit() == first_bit && f.width == width;
  };
  for (int level = 0; level < 3; ++level) {
    for (int d = 0; d < 4; ++d) {
      EXPECT_TRUE(lies(genome_fields::tile(level, d), 64 * d + 21 * level, 21));
    }
    for (int d = 4; d < 6; ++d) {
      EXPECT_TRUE(lies(genome_fields::tile(level, d), 256 + 32 * (d - 4) + 10 * level, 10));
    }
    for (int p = 0; p < 6; ++p) {
      EXPECT_TRUE(lies(genome_fields::order(level, p), 320 + 32 * level + 3 * p, 3));
    }
    EXPECT_TRUE(lies(genome_fields::order(level), 320 + 32 * level, 18));
    EXPECT_TRUE(lies(genome_fields::parallel(level), 338 + 32 * level, 3));
    EXPECT_TRUE(lies(genome_fields::second_parallel(level), 341 + 32 * level, 3));
  }
  EXPECT_TRUE(lies(genome_fields::cluster_size(1), 416, 16));
  EXPECT_TRUE(lies(genome_fields::cluster_size(2), 432, 16));
  EXPECT_TRUE(lies(genome_fields::layer_index(), 448, 16));
  EXPECT_TRUE(lies(genome_fields::accelerator_index(), 464, 16));
  EXPECT_TRUE(lies(genome_fields::level_count(), 480, 2));
  EXPECT_TRUE(lies(genome_fields::own_pes(), 482, 30));
}

TEST(GenomeFields, AreATableForOtherDepthsToo) {
  static_assert(genome_layout<2>::is_sound() && genome_layout<2>::words == 16);
  static_assert(genome_layout<4>::is_sound());
  static_assert(genome_layout<6>::is_sound() && genome_layout<6>::words == 32);
  static_assert(genome_layout<6>::level_count().mask() >= 6);
  SUCCEED();
}

/// A genome whose loop orders are orders; everything else is drawn from all that fits.
genome random_genome(std::mt19937_64& random) {
  genome g = any_bits(random);
  for (int level = 0; level < max_genome_levels; ++level) {
    std::array<int, gene_dimension_count> dimensions{0, 1, 2, 3, 4, 5};
    std::shuffle(dimensions.begin(), dimensions.end(), random);
    for (int p = 0; p < gene_dimension_count; ++p) {
      set_order(g, level, p, static_cast<dimension>(dimensions[p]));
    }
    set_parallel(g,
                 level,
                 static_cast<dimension>(random() % gene_dimension_count),
                 random() % 2 == 0 ? no_dimension : static_cast<int>(random() % 6));
  }
  set_level_count(g, 1 + static_cast<int>(random() % 3));
  return g;
}

TEST(GenomeFields, TheOperatorsReadAndWriteWhatTheAccessorsRead) {
  std::mt19937_64 random(3);
  for (int repeat = 0; repeat < 1000; ++repeat) {
    const genome g = random_genome(random);
    any_genes genes = operators::unpack<operators::any_levels>(std::bit_cast<packed_words>(g));
    for (int level = 0; level < max_genome_levels; ++level) {
      for (int d = 0; d < gene_dimension_count; ++d) {
        ASSERT_EQ(static_cast<std::int32_t>(genes.tiles[level][d]),
                  tile(g, level, static_cast<dimension>(d)));
        ASSERT_EQ(genes.order[level] >> (dimension_bits * d) & dimension_code_mask,
                  static_cast<unsigned>(order(g, level, d)));
      }
      ASSERT_EQ(genes.parallel[level], static_cast<unsigned>(parallel(g, level)));
      ASSERT_EQ(genes.second[level], static_cast<unsigned>(second_parallel(g, level)));
      if (level > 0) {
        ASSERT_EQ(static_cast<std::int32_t>(genes.cluster[level]), cluster_size(g, level));
      }
    }
    ASSERT_EQ(static_cast<int>(genes.levels), level_count(g));
    ASSERT_EQ(static_cast<std::int32_t>(genes.pes), own_pes(g));

    search_space space;
    space.layer_index = g.layer_index;
    space.accelerator_index = g.accelerator_index;
    const auto again = std::bit_cast<genome>(operators::pack(genes, space));
    for (const genome_field f : genome_fields::all()) {
      ASSERT_EQ(read_bits(again, f), read_bits(g, f)) << "bit " << f.first_bit();
    }
  }
}

layer some_layer() {
  layer l;
  l.size = {64, 32, 30, 30, 3, 5, 1, 1};
  return l;
}

TEST(GenomeFields, TheModelReadsWhatTheAccessorsRead) {
  const auto facts = core::make_layer_facts<double>(some_layer());
  std::mt19937_64 random(4);
  for (int repeat = 0; repeat < 1000; ++repeat) {
    const genome g = random_genome(random);
    for (int level = 0; level < level_count(g); ++level) {
      core::level_genes<double> genes;
      core::detail::decode_level(g, level, facts.tensors, genes);
      for (int d = 0; d < gene_dimension_count; ++d) {
        const auto gene = static_cast<dimension>(d);
        ASSERT_EQ(genes.tile[d], tile(g, level, gene));
        ASSERT_EQ(genes.order[d], index_of(order(g, level, d)));
        ASSERT_EQ(core::has(genes.spatial_set, d), is_parallel(g, level, gene));
      }
    }
  }
}

TEST(GenomeFields, TheKernelsReadWhatTheAccessorsRead) {
  const auto table = device::make_layer_table(some_layer());
  const auto machine = device::make_machine_table(accelerator{});
  std::mt19937_64 random(5);
  int simple = 0;
  for (int repeat = 0; repeat < 1000; ++repeat) {
    genome g = random_genome(random);
    for (int level = 0; level < max_genome_levels; ++level) {
      set_tile(g, level, dimension::R, 3);
      set_tile(g, level, dimension::S, 5);
    }
    core::two_level_genes<device::size> genes;
    simple += core::decode(g, table.genes, machine.limits.num_pes, genes) ? 1 : 0;
    for (int level = 0; level < 2; ++level) {
      for (int d = 0; d < core::free_dims; ++d) {
        const auto gene = static_cast<dimension>(d);
        ASSERT_EQ(genes.tile[level][d].v, static_cast<unsigned>(tile(g, level, gene)));
        ASSERT_EQ(genes.spatial[level][d], parallel(g, level) == gene);
        ASSERT_EQ(order(g, level, static_cast<int>(genes.position[level][d].v)), gene);
      }
    }
    ASSERT_EQ(genes.cluster_size.v, static_cast<unsigned>(cluster_size(g, 1)));
  }
  EXPECT_GT(simple, 10);
}

}  // namespace
}  // namespace cugamma
