#include <gtest/gtest.h>

#include "formats/timeloop/small_files.hpp"

namespace cugamma::timeloop {
namespace {

/// A part of one of the small files, what stands there in its place, and how the message begins.
struct mistake {
  std::string part;
  std::string other;
  std::string message;
};

std::string cut(const std::string& message, std::size_t size) { return message.substr(0, size); }

template <typename Member>
void expect_messages(Member member, const std::vector<mistake>& mistakes) {
  for (const mistake& m : mistakes) {
    small_files files;
    files.*member = with(files.*member, m.part, m.other);
    EXPECT_EQ(cut(files.message(), m.message.size()), m.message) << m.other;
  }
}

TEST(TimeloopBadFiles, TheSmallFilesAreGood) { EXPECT_EQ(small_files().message(), ""); }

TEST(TimeloopBadFiles, Architectures) {
  expect_messages(
      &small_files::architecture,
      {
          {"version: 0.3",
           "version: 0.5",
           "arch.yaml:2:12: architecture.version: found \"0.5\", expected 0.2, 0.3, 0.4"},
          {"  version: 0.3\n",
           "",
           "arch.yaml:2:3: architecture: found no key version, expected 0.2, 0.3, 0.4"},
          {"  subtree:\n  - name: system",
           "  nodes: []\n  subtree:\n  - name: system",
           "arch.yaml:3:3: architecture: key \"nodes\": the front-end's form of version 0.4 is not "
           "read, only the tree form"},
          {"  subtree:\n  - name: system",
           "  storage: []\n  subtree:\n  - name: system",
           "arch.yaml:3:3: architecture: key \"storage\": the form without a tree is not read, "
           "only the one with subtree and local"},
          {"architecture:",
           "architectures:",
           "arch.yaml:1:1: unknown key \"architectures\", expected architecture, arch, problem, "
           "mapping, ERT, ART, architecture_constraints, arch_constraints, mapspace_constraints, "
           "mapspace, mapper, model"},
          {"architecture:",
           "sparse_optimizations: {}\narchitecture:",
           "arch.yaml:1:1: key \"sparse_optimizations\": sparse optimizations are not modelled"},
          {"architecture:",
           "variables: {}\narchitecture:",
           "arch.yaml:1:1: key \"variables\": the front-end's form of version 0.4 is not read"},
          {"architecture:",
           "compound_components: {}\narchitecture:",
           "arch.yaml:1:22: compound_components: Accelergy's components are not read, expected the "
           "ERT and ART that it makes of them"},
          {"width: 64, word_bits: 16, block_size: 4}\n    subtree",
           "width: 60, word_bits: 16, block_size: 4}\n    subtree",
           "arch.yaml:8:27: architecture.subtree[0].local[0].attributes.width: found \"60\", "
           "expected a multiple of word_bits * block_size = 64"},
          {"width: 64, word_bits: 16, block_size: 4}\n    subtree",
           "width: 128, word_bits: 16, block_size: 4}\n    subtree",
           "arch.yaml:8:19: architecture.subtree[0].local[0].attributes: the width makes a "
           "cluster_size of 2, expected 1 for a DRAM"},
          {"depth: 512",
           "depth: big",
           "arch.yaml:14:29: architecture.subtree[0].subtree[0].local[0].attributes.depth: found "
           "\"big\", expected a whole number from 0 to 4294967295"},
          {"depth: 512",
           "depth: -1",
           "arch.yaml:14:29: architecture.subtree[0].subtree[0].local[0].attributes.depth: found "
           "\"-1\", expected a whole number from 0 to 4294967295"},
          {"depth: 512",
           "depth: 512.0",
           "arch.yaml:14:29: architecture.subtree[0].subtree[0].local[0].attributes.depth: found "
           "\"512.0\", expected a whole number from 0 to 4294967295"},
          {"depth: 512",
           "depth: 99999999999",
           "arch.yaml:14:29: architecture.subtree[0].subtree[0].local[0].attributes.depth: found "
           "\"99999999999\", expected a whole number from 0 to 4294967295"},
          {"depth: 512",
           "depth: 512, sizeKB: 1",
           "arch.yaml:14:42: architecture.subtree[0].subtree[0].local[0].attributes.sizeKB: found "
           "\"1\", expected one of entries, depth, sizeKB"},
          {"depth: 512",
           "depth: 512, depth: 513",
           "arch.yaml:14:34: key \"depth\" again with another value, expected the value of line "
           "14"},
          {"depth: 512",
           "depth: 512, read_bandwidth: 0",
           "arch.yaml:14:50: "
           "architecture.subtree[0].subtree[0].local[0].attributes.read_bandwidth: found \"0\", "
           "expected a number above 0"},
          {"depth: 512",
           "depth: 512, read_bandwidth: .nan",
           "arch.yaml:14:50: "
           "architecture.subtree[0].subtree[0].local[0].attributes.read_bandwidth: found \".nan\", "
           "expected a number of at least 0"},
          {"depth: 512",
           "depth: 512, addr_gen_energy: -1",
           "arch.yaml:14:51: "
           "architecture.subtree[0].subtree[0].local[0].attributes.addr_gen_energy: found \"-1\", "
           "expected a number of at least 0"},
          {"depth: 512",
           "depth: 512, meshX: 3",
           "arch.yaml:14:41: architecture.subtree[0].subtree[0].local[0].attributes.meshX: found "
           "\"3\", expected meshX and meshY that multiply to the 1 instances of Buffer"},
          {"depth: 512",
           "depth: 512, network_read: Noc",
           "arch.yaml:14:34: architecture.subtree[0].subtree[0].local[0].attributes: key "
           "\"network_read\": is not modelled"},
          {"depth: 512",
           "depth: 512, power_gated_at: Dram",
           "arch.yaml:14:34: architecture.subtree[0].subtree[0].local[0].attributes: key "
           "\"power_gated_at\": is not modelled"},
          {"depth: 512",
           "depth: 512, network_type: 'M:N'",
           "arch.yaml:14:34: architecture.subtree[0].subtree[0].local[0].attributes: key "
           "\"network_type\": M:N is not modelled"},
          {"depth: 512",
           "depth: 512, network_type: ring",
           "arch.yaml:14:48: architecture.subtree[0].subtree[0].local[0].attributes.network_type: "
           "found \"ring\", expected 1:1, 1:N"},
          {"depth: 512",
           "depth: 512, allow_overbooking: true",
           "arch.yaml:14:34: architecture.subtree[0].subtree[0].local[0].attributes: key "
           "\"allow_overbooking\": is not modelled"},
          {"depth: 512",
           "depth: 512, reduction_supported: maybe",
           "arch.yaml:14:55: "
           "architecture.subtree[0].subtree[0].local[0].attributes.reduction_supported: found "
           "\"maybe\", expected true, false"},
          {"depth: 512",
           "depth: 512, multiple_buffering: 0",
           "arch.yaml:14:54: "
           "architecture.subtree[0].subtree[0].local[0].attributes.multiple_buffering: found "
           "\"0\", expected a number above 0"},
          {"depth: 512, ",
           "min_utilization: 0.5, ",
           "arch.yaml:14:39: "
           "architecture.subtree[0].subtree[0].local[0].attributes.min_utilization: found \"0.5\", "
           "expected 0 at a level without a size"},
          {"depth: 512",
           "depth: 512, per_dataspace_bandwidth_consumption_scale: {Q: 1}",
           "arch.yaml:14:78: "
           "architecture.subtree[0].subtree[0].local[0].attributes.per_dataspace_bandwidth_"
           "consumption_scale: unknown key \"Q\", expected A, B, Z"},
          {"depth: 512, width: 64, word_bits: 16, block_size: 4",
           "depth: 512, width: 64, word_bits: 16, block_size: 4, cluster_size: 3",
           "arch.yaml:14:41: architecture.subtree[0].subtree[0].local[0].attributes.width: found "
           "\"64\", expected word_bits * block_size * cluster_size = 192"},
          {"attributes: {meshX: 4}",
           "attributes: {meshX: 3}",
           "arch.yaml:17:29: architecture.subtree[0].subtree[0].local[1].attributes.meshX: found "
           "\"3\", expected meshX and meshY that multiply to the 8 instances of Mac"},
          {"attributes: {meshX: 4}",
           "attributes: [meshX]",
           "arch.yaml:17:21: architecture.subtree[0].subtree[0].local[1].attributes: found "
           "[meshX], expected a table of attributes"},
          {"Mac[0..7]",
           "Mac[7..0]",
           "arch.yaml:15:15: architecture.subtree[0].subtree[0].local[1].name: found "
           "\"Mac[7..0]\", expected name[a..b] with a up to b"},
          {"Mac[0..7]",
           "Mac[8]",
           "arch.yaml:15:15: architecture.subtree[0].subtree[0].local[1].name: found \"Mac[8]\", "
           "expected a name, or name[a..b]"},
          {"Mac[0..7]",
           "Mac[0..99999999999]",
           "arch.yaml:15:15: architecture.subtree[0].subtree[0].local[1].name: found "
           "\"Mac[0..99999999999]\", expected name[a..b] with a up to b"},
          {"class: intmac",
           "class: adder",
           "arch.yaml:2:3: architecture: found no arithmetic, expected a component of class mac, "
           "intmac, fpmac, compute"},
          {"class: intmac",
           "class: XY_NoC",
           "arch.yaml:16:9: architecture.subtree[0].subtree[0].local[1]: key \"class\": networks "
           "of class XY_NoC are not modelled"},
          {"class: SRAM",
           "class: intmac",
           "arch.yaml:15:15: architecture.subtree[0].subtree[0].local[1].name: found "
           "\"Mac[0..7]\", expected one component of class mac, intmac, fpmac or compute"},
          {"name: Buffer",
           "name: Dram",
           "arch.yaml:12:15: architecture.subtree[0].subtree[0].local[0].name: found \"Dram\", "
           "expected each level's name once"},
          {"- name: Buffer\n        class",
           "- class",
           "arch.yaml:12:9: architecture.subtree[0].subtree[0].local[0]: the key name is missing"},
          {"  - name: system",
           "  - {name: a}\n  - name: system",
           "arch.yaml:4:3: architecture.subtree: found - {name: a} - name: system local: - name: "
           "Dram class: DRAM attributes: {width: 64, word_bits: 16, block_size: 4} subtree: - "
           "name: chip local: - name: Buffer class: SRAM attributes: {depth: 512, width: ..., "
           "expected a list of one branch"},
          {"    local:\n    - name: Dram",
           "    locals:\n    - name: Dram",
           "arch.yaml:5:5: architecture.subtree[0]: unknown key \"locals\", expected attributes, "
           "name, local, subtree"},
      });
}

TEST(TimeloopBadFiles, Problems) {
  expect_messages(
      &small_files::problem,
      {
          {"problem:\n  shape:",
           "problem:\n- shape:",
           "prob.yaml:2:1: problem: found - shape: name: gemm dimensions: [M, N, K] coefficients: "
           "- {name: step, default: 2} data_spaces: - name: A projection: - - [M, step] - - [K] - "
           "name: B projection: [[[K]], [[N]]] - name: Z projection: [ ..., expected one table: "
           "several Einsums are not modelled"},
          {"dimensions: [M, N, K]",
           "dimensions: [M, N, K, M]",
           "prob.yaml:4:27: problem.shape.dimensions[3]: found \"M\", expected each letter once"},
          {"dimensions: [M, N, K]",
           "dimensions: [M, N, KK]",
           "prob.yaml:4:24: problem.shape.dimensions[2]: found \"KK\", expected one letter"},
          {"dimensions: [M, N, K]",
           "dimensions: [M, N, K, A, B, C, D, E, F, G, H]",
           "prob.yaml:4:17: problem.shape.dimensions: found [M, N, K, A, B, C, D, E, F, G, H], "
           "expected a list of 1 to 10 letters"},
          {"dimensions: [M, N, K]",
           "dimensions: [M, N, K]\n    flatten: []",
           "prob.yaml:5:5: problem.shape: key \"flatten\": flattened dimensions are not modelled"},
          {"default: 2",
           "default: 0",
           "prob.yaml:6:29: problem.shape.coefficients[0].default: found \"0\", expected a whole "
           "number from 1 to 2147483647"},
          {"[M, step]",
           "[M, stride]",
           "prob.yaml:10:15: problem.shape.data_spaces[0].projection[0][0][1]: found \"stride\", "
           "expected step"},
          {"[M, step]",
           "[X]",
           "prob.yaml:10:12: problem.shape.data_spaces[0].projection[0][0][0]: found \"X\", "
           "expected M, N, K"},
          {"[M, step]",
           "[M, step, 3]",
           "prob.yaml:10:11: problem.shape.data_spaces[0].projection[0][0]: found [M, step, 3], "
           "expected [dimension] or [dimension, coefficient]"},
          {"[M, step]",
           "[M, step]\n        - [M]",
           "prob.yaml:11:11: problem.shape.data_spaces[0].projection[0][1]: found [M], expected "
           "each dimension at most once in a projection"},
          {"read_write: true",
           "read_write: false",
           "prob.yaml:8:5: problem.shape.data_spaces: found 0 with read_write: true, expected "
           "exactly one"},
          {"name: A\n",
           "name: Z\n",
           "prob.yaml:14:13: problem.shape.data_spaces[2].name: found \"Z\", expected each name "
           "once"},
          {"name: A\n",
           "name: A\n      densities: 1\n",
           "prob.yaml:9:7: problem.shape.data_spaces[0]: unknown key \"densities\", expected name, "
           "projection, read_write, ranks"},
          {"K: 4}",
           "K: 0}",
           "prob.yaml:17:29: problem.instance.K: found \"0\", expected a whole number from 1 to "
           "2147483647"},
          {"K: 4}",
           "K: four}",
           "prob.yaml:17:29: problem.instance.K: found \"four\", expected a whole number from 1 to "
           "2147483647"},
          {", K: 4}", "}", "prob.yaml:17:13: problem.instance: the key K is missing"},
          {"K: 4}",
           "K: 4, K: 5}",
           "prob.yaml:17:32: key \"K\" again with another value, expected the value of line 17"},
          {"K: 4}",
           "K: 4, P: 5}",
           "prob.yaml:17:32: problem.instance: unknown key \"P\", expected M, N, K, step, "
           "densities, commonDensity"},
          {"K: 4}",
           "K: 4, densities: {A: 0.5}}",
           "prob.yaml:17:47: problem.instance.densities.A: found \"0.5\", expected 1; sparse "
           "problems are not modelled"},
          {"K: 4}",
           "K: 4, commonDensity: {distribution: fixed_structured, density: 0.1}}",
           "prob.yaml:17:89: problem.instance.commonDensity.density: found \"0.1\", expected 1; "
           "sparse problems are not modelled"},
          {"instance: {M: 8, N: 6, K: 4}",
           "instance: {M: 2147483647, N: 2147483647, K: 4}",
           "prob.yaml:2:3: problem: the sizes and coefficients of A multiply to 3.69e+19, expected "
           "less than 4.6e+18"},
          {"shape:\n",
           "shape: cnn\n  shapes:\n",
           "prob.yaml:2:10: problem.shape: found \"cnn\", expected a table of dimensions, "
           "coefficients, data_spaces, or one of cnn_layer, gemm_ABZ"},
      });
}

TEST(TimeloopBadFiles, Mappings) {
  expect_messages(
      &small_files::mapping,
      {
          {"target: Dram",
           "target: Disk",
           "map.yaml:2:12: mapping[0].target: found \"Disk\", expected Buffer, Dram, or a number "
           "from 0 (the innermost) to 1"},
          {"target: Dram",
           "target: 2",
           "map.yaml:2:12: mapping[0].target: found \"2\", expected Buffer, Dram, or a number from "
           "0 (the innermost) to 1"},
          {"type: temporal",
           "type: skew",
           "map.yaml:2:18: mapping[0]: key \"type\": skew is not modelled"},
          {"type: temporal",
           "type: time",
           "map.yaml:2:24: mapping[0].type: found \"time\", expected temporal, spatial, datatype, "
           "bypass, dataspace"},
          {"type: temporal, factors",
           "factors",
           "map.yaml:2:3: mapping[0]: the key type is missing"},
          {"M=2 N=3 K=1",
           "M=2 N=3 K",
           "map.yaml:2:43: mapping[0].factors: found \"M=2 N=3 K\", expected factors such as R=3 "
           "C=4: a letter, =, a whole number from 0 to 2147483647"},
          {"M=2 N=3 K=1",
           "M<=2 N=3",
           "map.yaml:2:43: mapping[0].factors: found \"M<=2 N=3\", expected factors such as C=4; "
           "no bounds"},
          {"M=2 N=3 K=1",
           "M=2 N=3 M=1",
           "map.yaml:2:43: mapping[0].factors: found \"M=2 N=3 M=1\", expected each dimension at "
           "most once"},
          {"factors: M=2 N=3 K=1",
           "factors: [M=2, N=3]",
           "map.yaml:2:43: mapping[0].factors: found [M=2, N=3], expected a text such as \"R=3 "
           "C=4\""},
          {"permutation: KMN}\n- {target: Buffer, type: temporal",
           "permutation: KMK}\n- {target: Buffer, type: temporal",
           "map.yaml:2:69: mapping[0].permutation: found \"KMK\", expected each dimension at most "
           "once"},
          {"permutation: KMN}\n- {target: Buffer, type: temporal",
           "split: 1}\n- {target: Buffer, type: temporal",
           "map.yaml:2:56: mapping[0]: unknown key \"split\", expected target, type, no_reuse, "
           "no_temporal_reuse, no_multicast_no_reduction, no_link_transfer, no_coalesce, "
           "rmw_first_update, factors, permutation"},
          {"split: 2",
           "split: -2",
           "map.yaml:4:82: mapping[2].split: found \"-2\", expected a whole number from 0 to "
           "2147483647"},
          {"split: 2",
           "split: 2, no_link_transfer: [A]",
           "map.yaml:4:85: mapping[2]: key \"no_link_transfer\": is not modelled"},
          {"split: 2",
           "split: 2, no_reuse: [A]",
           "map.yaml:4:85: mapping[2]: key \"no_reuse\": is not modelled"},
          {"keep: [A, Z]",
           "keep: [A, Y]",
           "map.yaml:5:42: mapping[3].keep: found [A, Y], expected A, B, Z"},
          {"keep: [A, Z]",
           "keep: [A, B]",
           "map.yaml:5:58: mapping[3].bypass: found [B], expected tensors that keep does not name"},
          {"bypass: [B]}",
           "bypass: [B], no_coalesce: [Z]}",
           "map.yaml:5:63: mapping[3]: key \"no_coalesce\": is not modelled"},
      });
}

TEST(TimeloopBadFiles, OtherParts) {
  const std::vector<mistake> mistakes{
      {"",
       "mapping: []\nproblem: {}\n",
       "more.yaml:2:10: key \"problem\" again, expected it once, as in prob.yaml:2"},
      {"",
       "ERT: {version: 0.3, tables: [{name: a.Buffer, actions: [{name: read, energy: x}]}]}",
       "more.yaml:1:78: ERT.tables[0].actions[0].energy: found \"x\", expected a number of at "
       "least 0"},
      {"", "ERT: {tables: []}", "more.yaml:1:6: ERT: the key version is missing"},
      {"",
       "ERT: {version: 1, tables: []}",
       "more.yaml:1:16: ERT.version: found \"1\", expected 0.2, 0.3, 0.4"},
      {"",
       "ERT: {version: 0.3, tables: [{actions: []}]}",
       "more.yaml:1:30: ERT.tables[0]: the key name is missing"},
      {"",
       "ERT: {version: 0.3, tables: []}\nART: {version: 0.3, tables: [{name: Mac}]}",
       "more.yaml:2:30: ART.tables[0]: the key area is missing"},
      {"",
       "mapspace: [{target: Buffer, type: temporal, factors: M=2 M=4}]",
       "more.yaml:1:54: mapspace[0].factors: found \"M=2 M=4\", expected each constraint of a "
       "level once, over all files"},
      {"",
       "mapspace: [{target: Buffer, type: temporal, factors: X=2}]",
       "more.yaml:1:54: mapspace[0].factors: found \"X=2\", expected dimensions of the problem"},
      {"",
       "mapspace: [{target: Dram, type: spatial, factors: M=2}]",
       "more.yaml:1:33: mapspace[0].type: found \"spatial\", expected temporal at a level without "
       "fan-out"},
      {"",
       "mapspace: [{target: Buffer, type: temporal, permutation: M_M}]",
       "more.yaml:1:58: mapspace[0].permutation: found \"M_M\", expected each dimension at most "
       "once"},
      {"",
       "mapspace: [{target: Dram, type: utilization, min: 0.5}]",
       "more.yaml:1:21: mapspace[0].target: found \"Dram\", expected the innermost level, Buffer"},
      {"",
       "mapspace: [{target: Buffer, type: utilization, min: 2}]",
       "more.yaml:1:53: mapspace[0].min: found \"2\", expected a share from 0 to 1"},
      {"",
       "mapspace: [{target: Buffer, type: bypass, keep: [A], bypass: [A]}]",
       "more.yaml:1:62: mapspace[0].bypass: found [A], expected each constraint of a level once, "
       "over all files"},
      {"",
       "mapspace: [{target: Buffer, type: temporal, factors: M<=4, permutation: "
       "M}]\narch_constraints: [{target: Buffer, type: temporal, factors: M<=2}]",
       "more.yaml:1:54: mapspace[0].factors: found \"M<=4\", expected each constraint of a level "
       "once, over all files"},
      {"",
       "mapspace: {template: uber, constraints: buffers}",
       "more.yaml:1:41: mapspace.constraints: found \"buffers\", expected a list of constraints; "
       "names are not read"},
      {"",
       "mapspace: [{target: Buffer, type: tempral}]",
       "more.yaml:1:35: mapspace[0].type: found \"tempral\", expected temporal, spatial, datatype, "
       "bypass, utilization"},
      {"",
       "mapper: {optimization_metrics: [edp, watts]}",
       "more.yaml:1:38: mapper.optimization_metrics[1]: found \"watts\", expected edp, energy, "
       "delay, last_level_accesses, ordered_accesses, accesses-0 to accesses-1"},
      {"",
       "mapper: {optimization_metrics: [accesses-2]}",
       "more.yaml:1:33: mapper.optimization_metrics[0]: found \"accesses-2\", expected edp, "
       "energy, delay, last_level_accesses, ordered_accesses, accesses-0 to accesses-1"},
      {"",
       "mapper: {search_size: many}",
       "more.yaml:1:23: mapper.search_size: found \"many\", expected a whole number from 0 to "
       "2147483647"},
      {"",
       "model: {auto_bypass_on_failure: true}",
       "more.yaml:1:9: model: key \"auto_bypass_on_failure\": is not modelled"},
      {"",
       "model: {out-prefix: a, colour: red}",
       "more.yaml:1:24: model: unknown key \"colour\", expected verbose, auto_bypass_on_failure, "
       "out_prefix"},
      {"", "layout: []", "more.yaml:1:1: key \"layout\": layouts are not modelled"},
      {"",
       "- mapping",
       "more.yaml:1:1: found no table, expected keys such as architecture, problem, mapping, ERT, "
       "ART, architecture_constraints, mapspace_constraints, mapper, model"},
      {"", "mapper: {a: [}", "more.yaml:1:14: illegal flow end"},
      {"", "--- {}\n--- {}\n", "more.yaml:2:1: found a second document, expected one"},
  };
  for (const mistake& m : mistakes) {
    small_files files;
    files.more = m.other;
    EXPECT_EQ(cut(files.message(), m.message.size()), m.message) << m.other;
  }
}

}  // namespace
}  // namespace cugamma::timeloop
