#include "cugamma/formats/accelerator_file.hpp"

#include <gtest/gtest.h>

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
  EXPECT_EQ(
      message_of("num_pes: 1\nnum_pe: 3"),
      "hw.m:2:1: found \"num_pe\", expected one of num_pes, NumPEs, simd_lanes, noc_bw, "
      "noc_bw_cstr, NoC_BW, "
      "noc_hops, NoC_NumHops, noc_hop_latency, offchip_bw, offchip_bw_cstr, l1_size_elems, "
      "l1_size_cstr, "
      "L1Size, l2_size_elems, l2_size_cstr, L2Size, cluster_buffer_elems, mac_energy_nj, "
      "l1_energy_macs, l2_energy_macs, "
      "cluster_energy_macs, "
      "mac_area_um2, mac_power_mw, sram_area_um2_per_byte, sram_power_mw_per_byte, bus_area_um2, "
      "bus_power_mw, bus_c1, bus_c0, arbiter_area_um2, arbiter_power_mw, arbiter_c2, arbiter_c1, "
      "arbiter_c0, budget_pe_area_um2, budget_buffer_area_um2_per_byte");
  EXPECT_EQ(message_of("num_pes: 0"), "hw.m:1:10: found \"0\", expected a whole number from 1");
  EXPECT_EQ(message_of("num_pes: 2.5"), "hw.m:1:10: found \"2.5\", expected a whole number from 1");
  EXPECT_EQ(message_of("num_pes: -1"), "hw.m:1:10: found \"-1\", expected a whole number from 1");
  EXPECT_EQ(message_of("num_pes:"),
            "hw.m:1:9: found the end of the file, expected a whole number from 1");
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

TEST(AcceleratorFile, NamesAFileThatCannotBeRead) {
  EXPECT_THROW(read_accelerator_file("/nonexistent/hw.m"), input_error);
}

}  // namespace
}  // namespace cugamma
