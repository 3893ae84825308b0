#include "cugamma/formats/accelerator_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

std::string message_of(std::string_view text) {
  try {
    parse_accelerator_file(text, "hw.m");
  } catch (const input_error& e) {
    return e.what();
  }
  return "no error";
}

TEST(AcceleratorFile, ReadsMaestroKeys) {
  const accelerator a = parse_accelerator_file(
      "num_pes: 64\nl1_size_cstr: 100 // elements\nl2_size_cstr: 3000\nnoc_bw_cstr: 1000\n"
      "offchip_bw_cstr: 50\nNoC_NumHops: 3\n",
      "hw.m");
  EXPECT_EQ(a.num_pes, 64);
  EXPECT_EQ(a.l1_size_elems, 100);
  EXPECT_EQ(a.l2_size_elems, 3000);
  EXPECT_EQ(a.noc_bw, 1000);
  EXPECT_EQ(a.offchip_bw, 50);
  EXPECT_EQ(a.noc_hops * a.noc_hop_latency, 3);
}

TEST(AcceleratorFile, ReadsGammaKeys) {
  const accelerator a =
      parse_accelerator_file("NumPEs: 168\r\nL1Size: 512\r\nL2Size: -1\r\nNoC_BW: -1", "hw.m");
  EXPECT_EQ(a.num_pes, 168);
  EXPECT_EQ(a.l1_size_elems, 512);
  EXPECT_EQ(a.l2_size_elems, unlimited);
  EXPECT_EQ(a.noc_bw, unlimited_bandwidth);
}

TEST(AcceleratorFile, KeepsWhatItDoesNotName) {
  accelerator base;
  base.num_pes = 7;
  base.noc_hop_latency = 9;
  const accelerator a = parse_accelerator_file("simd_lanes: 4", "hw.m", base);
  EXPECT_EQ(a.num_pes, 7);
  EXPECT_EQ(a.noc_hop_latency, 9);
  EXPECT_EQ(a.simd_lanes, 4);
  EXPECT_EQ(parse_accelerator_file("", "hw.m", base), base);
}

TEST(AcceleratorFile, ReadsAnAcceleratorBlock) {
  std::vector<std::string> warnings;
  const accelerator a = parse_accelerator_file(
      "Accelerator Acc0_4K {\n  num_pes: 4096\n  offchip_bw: 128\n  top_noc_bw: 256\n"
      "  top_noc_latency: 2\n  top_noc_multicast: True\n  col_noc_bw: 256\n  col_noc_latency: 2\n"
      "  col_noc_multicast: True\n  global_shared_memory: 4194304 // 4 MiB\n"
      "  PE_local_memory: 8192\n}\n",
      "hw.m",
      {},
      &warnings);
  EXPECT_EQ(a.num_pes, 4096);
  EXPECT_EQ(a.offchip_bw, 128);
  EXPECT_EQ(a.noc_bw, 256);
  EXPECT_EQ(a.noc_hops * a.noc_hop_latency, 2);
  EXPECT_EQ(a.l2_size_elems, 4194304);
  EXPECT_EQ(a.l1_size_elems, 8192);
  EXPECT_EQ(warnings, std::vector<std::string>{});

  const accelerator nested = parse_accelerator_file(
      "Accelerator {\n PE { NumPEs: 128; VectorWidth: 4 }\n Buffer { GlobalL2: 2048, LocalL1: 64}\n"
      " NoC {Bandwidth: 64; AvgLatency: 3}\n OffchipBandwidth: 9\n}",
      "hw.m");
  EXPECT_EQ(nested.num_pes, 128);
  EXPECT_EQ(nested.simd_lanes, 4);
  EXPECT_EQ(nested.l2_size_elems, 2048);
  EXPECT_EQ(nested.l1_size_elems, 64);
  EXPECT_EQ(nested.noc_bw, 64);
  EXPECT_EQ(nested.noc_hops, 1);
  EXPECT_EQ(nested.noc_hop_latency, 3);
  EXPECT_EQ(nested.offchip_bw, 9);
}

TEST(AcceleratorFile, NamesWhatOfABlockItLeavesOut) {
  std::vector<std::string> warnings;
  const accelerator a = parse_accelerator_file(
      "Accelerator A {\n col_noc_bw: 64\n top_noc_bw: 128\n col_noc_latency: 3\n"
      " top_noc_multicast: False\n MultPrecision: INT8\n Level { 0 { x 1 } }\n num_pes: 3\n last }",
      "hw.m",
      {},
      &warnings);
  EXPECT_EQ(a.num_pes, 3);
  EXPECT_EQ(a.noc_bw, 128);
  EXPECT_EQ(a.noc_hops * a.noc_hop_latency, 3) << "no level has another latency";
  EXPECT_EQ(warnings,
            (std::vector<std::string>{
                "hw.m:5: top_noc_multicast: False is left out, every NoC multicasts",
                "hw.m:6: MultPrecision is not known here and is left out",
                "hw.m:7: Level is not known here and is left out",
                "hw.m:9: last is not known here and is left out",
                "hw.m:2: col_noc_bw: 64 is left out, the NoCs of all levels have 128"}));
  EXPECT_EQ(message_of("Accelerator A { num_pes: 1 }\nAccelerator B { num_pes: 2 }"),
            "hw.m:2:1: found a second Accelerator, expected one");
  EXPECT_EQ(message_of("Accelerator A { top_noc_bw: 1 Bandwidth: 2 }"),
            "hw.m:1:31: Bandwidth is given a second time");
  EXPECT_EQ(message_of("Accelerator A { num_pes: 1"),
            "hw.m:1:27: found the end of the file, expected a key or \"}\"");
  EXPECT_EQ(message_of("Accelerator A { top_noc_multicast: 3 }"),
            "hw.m:1:36: found \"3\", expected True or False");
}

TEST(AcceleratorFile, ReadsConstants) {
  const cost_constants c =
      parse_accelerator_file(
          "mac_energy_nj: 2.3e-4; l1_energy_macs 1.5 arbiter_c0: -23.5, bus_c1:1E-2",
          "hw.m")
          .constants;
  EXPECT_EQ(c.mac_energy_nj, 2.3e-4);
  EXPECT_EQ(c.l1_energy_macs, 1.5);
  EXPECT_EQ(c.arbiter_c0, -23.5);
  EXPECT_EQ(c.bus_c1, 0.01);
  EXPECT_EQ(c.l2_energy_macs, cost_constants{}.l2_energy_macs);
}

TEST(AcceleratorFile, NamesWhatIsWrong) {
  EXPECT_EQ(message_of("num_pes: 1\nnum_pe: 3"),
            "hw.m:2:1: found \"num_pe\", did you mean num_pes?");
  EXPECT_EQ(message_of("l1_sise: 1"),
            "hw.m:1:1: found \"l1_sise\", did you mean l1_size or l2_size?");
  EXPECT_EQ(message_of("frobnicate: 1"),
            "hw.m:1:1: found \"frobnicate\", expected a key such as num_pes, l1_bytes, l2_kib, "
            "noc_bw (docs/accelerators.md lists them)");
  EXPECT_EQ(message_of("num_pes: 0"), "hw.m:1:10: found \"0\", expected a whole number from 1");
  EXPECT_EQ(message_of("num_pes: 2.5"), "hw.m:1:10: found \"2.5\", expected a whole number from 1");
  EXPECT_EQ(message_of("num_pes: -1"), "hw.m:1:10: found \"-1\", expected a whole number from 1");
  EXPECT_EQ(message_of("num_pes:"), "hw.m:1:9: found the end of the file, expected a value");
  EXPECT_EQ(message_of("num_pes: 4000000000"),
            "hw.m:1:10: found \"4000000000\", expected a whole number from 1");
  EXPECT_EQ(message_of("NoC_BW: 0"),
            "hw.m:1:9: found \"0\", expected a whole number from 1, or -1 for unlimited");
  EXPECT_EQ(message_of("L1Size: -2"),
            "hw.m:1:9: found \"-2\", expected a whole number of elements, or -1 for unlimited");
  EXPECT_EQ(message_of("bus_c0: x"), "hw.m:1:9: found \"x\", expected a number");
  EXPECT_EQ(message_of("bus_c0: inf"), "hw.m:1:9: found \"inf\", expected a finite number");
  EXPECT_EQ(message_of("num_pes: 4\nNumPEs: 4"), "hw.m:2:1: NumPEs is given a second time");
  EXPECT_EQ(message_of("bus_c0: 4 bus_c0: 4"), "hw.m:1:11: bus_c0 is given a second time");
}

accelerator yaml(std::string_view text) { return parse_accelerator_file(text, "edge.yaml"); }

std::string yaml_message(std::string_view text) {
  try {
    yaml(text);
  } catch (const input_error& e) {
    return e.what();
  }
  return "no error";
}

TEST(AcceleratorFile, ReadsYamlWithUnits) {
  const accelerator a = yaml(
      "# an accelerator\nabout: \"ours: small\"\nnum_pes: 256\nword_bits: 16   # an element\n"
      "frequency_mhz: 800\nl1: {bytes: 511, energy_pj: 0.5}\nl2:\n  kib: 256\n  energy_pj: 8\n"
      "noc_bits_per_cycle: 128\ndram: {gb_per_s: 25.6, energy_pj: 320}\nmac_energy_pj: 0.8\n");
  EXPECT_EQ(a.num_pes, 256);
  EXPECT_EQ(a.l1_size_elems, 255) << "whole elements of two bytes";
  EXPECT_EQ(a.l2_size_elems, 131072);
  EXPECT_EQ(a.noc_bw, 8);
  EXPECT_EQ(a.offchip_bw, 16) << "25.6 GB/s / 0.8 GHz / 2 bytes";
  EXPECT_DOUBLE_EQ(a.constants.mac_energy_nj, 0.0008);
  EXPECT_DOUBLE_EQ(a.constants.l1_energy_macs, 0.625);
  EXPECT_DOUBLE_EQ(a.constants.l2_energy_macs, 10);
  EXPECT_DOUBLE_EQ(a.constants.dram_energy_macs, 400);
  EXPECT_DOUBLE_EQ(a.constants.sram_area_um2_per_byte, 2 * cost_constants{}.sram_area_um2_per_byte);
}

TEST(AcceleratorFile, ReadsOldKeysInYaml) {
  const accelerator a = yaml("num_pes: 64 // MAESTRO's comment\nL1Size: 512\nnoc_bw_cstr: -1\n");
  EXPECT_EQ(a.num_pes, 64);
  EXPECT_EQ(a.l1_size_elems, 512);
  EXPECT_EQ(a.noc_bw, unlimited_bandwidth);
  EXPECT_EQ(yaml("{\"num_pes\": 3}").num_pes, 3) << "JSON is YAML";
  EXPECT_EQ(
      parse_accelerator_file("num_pes: 7 # mine\n# l1_size: 3\nl1_size: 5", "hw").l1_size_elems,
      5);
}

TEST(AcceleratorFile, NamesWhatIsWrongInYaml) {
  EXPECT_EQ(yaml_message("num_pes: 4\nl1:\n  byts: 3"),
            "edge.yaml:3:3: found \"l1_byts\", did you mean l1_bytes or l2_bytes?");
  EXPECT_EQ(yaml_message("num_pes: [4]"),
            "edge.yaml:1:10: num_pes: found a list, expected a number");
  EXPECT_EQ(yaml_message("num_pes:"),
            "edge.yaml:1:1: found nothing, expected a whole number from 1");
  EXPECT_EQ(yaml_message("l1_bytes: 4\nl1_size: 4"),
            "edge.yaml:2:1: l1_size is given a second time");
  EXPECT_EQ(yaml_message("l1_bytes: 1\nword_bits: 16"),
            "edge.yaml:1:1: l1_bytes: found room for 0 elements of 16 bits, expected 1 or more");
  EXPECT_EQ(yaml_message("word_bits: 12.5"),
            "edge.yaml:1:12: found \"12.5\", expected a whole number from 1 to 64");
  EXPECT_EQ(yaml_message("dram_gb_per_s: 8"),
            "edge.yaml:1:1: dram_gb_per_s: needs frequency_mhz, which says how many cycles a "
            "second has");
  EXPECT_EQ(yaml_message("dram_gb_per_s: 0.5\nfrequency_mhz: 1000"),
            "edge.yaml:1:1: dram_gb_per_s: found 0.5 elements of 8 bits a cycle, expected 1 to "
            "1073741824");
  EXPECT_EQ(yaml_message("l2_energy_pj: -1"),
            "edge.yaml:1:15: found \"-1\", expected a number from 0");
  EXPECT_EQ(yaml_message("mac_energy_pj: 0"),
            "edge.yaml:1:16: found \"0\", expected a number above 0");
  EXPECT_EQ(yaml_message("- 1"),
            "edge.yaml:1:1: found no keys, expected lines such as num_pes: 168");
  EXPECT_EQ(yaml_message("num_pes: 1\n---\nnum_pes: 2"),
            "edge.yaml:2:1: found a second document, expected one");
  EXPECT_EQ(yaml_message("num_pes: {"), "edge.yaml:1:1: end of map flow not found");
}

TEST(AcceleratorFile, ReadsBandwidthsOfLevels) {
  const auto block = [](const char* inside) {
    return message_of("Accelerator A { num_pes: 4 " + std::string(inside) + " }");
  };
  const accelerator a =
      parse_accelerator_file("Accelerator A { NoC_BW { L1: 32, L2: 32 } num_pes: 4 }", "hw.m");
  EXPECT_EQ(a.noc_bw, 32);
  EXPECT_EQ(a.num_pes, 4);
  EXPECT_EQ(block("NoC_BW { L1: 32, L2: 64 }"),
            "hw.m:1:49: NoC_BW: found 32 for L1 and 64 for L2, expected one bandwidth for the NoCs "
            "of all levels");
  EXPECT_EQ(block("NoC { Bandwidth { top: 8 inner: 4 } }"),
            "hw.m:1:60: Bandwidth: found 8 for top and 4 for inner, expected one bandwidth for the "
            "NoCs of all levels");
  EXPECT_EQ(block("NoC_BW { L1: many }"),
            "hw.m:1:41: found \"many\", expected a whole number from 1, or -1 for unlimited");
  EXPECT_EQ(block("noc_bw { }"), "hw.m:1:28: noc_bw has no level");
}

TEST(AcceleratorFile, EveryShippedOneIsReadAndSaysWhatItIs) {
  const std::vector<std::string> names = accelerator_names();
  EXPECT_GE(names.size(), 8u);
  for (const std::string& name : names) {
    const std::string file = find_accelerator(name);
    EXPECT_NO_THROW(check(read_accelerator_file(file))) << name;
    EXPECT_NE(about_accelerator(file), "") << name;
  }
  const accelerator eyeriss = read_accelerator_file(find_accelerator("eyeriss"));
  EXPECT_EQ(eyeriss.num_pes, 168);
  EXPECT_EQ(eyeriss.l1_size_elems, 260);
  EXPECT_EQ(eyeriss.l2_size_elems, 55296);
  EXPECT_EQ(eyeriss.noc_bw, 9);
  EXPECT_EQ(eyeriss.offchip_bw, 2);
  try {
    find_accelerator("eyeris");
    FAIL();
  } catch (const input_error& e) {
    EXPECT_STREQ(e.what(), "unknown accelerator \"eyeris\", did you mean eyeriss?");
  }
}

TEST(AcceleratorFile, NamesAFileThatCannotBeRead) {
  EXPECT_THROW(read_accelerator_file("/nonexistent/hw.m"), input_error);
}

}  // namespace
}  // namespace cugamma
