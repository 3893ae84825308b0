#include "cugamma/formats/result_page.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "formats/page/charts/axis.hpp"
#include "formats/page/charts/line_chart.hpp"
#include "formats/page/html.hpp"
#include "formats/page/nest/nest_listing.hpp"

namespace cugamma {
namespace {

constexpr const char* two_levels = R"(Network n { Layer conv {
  Type: CONV
  Dimensions { K: 64, C: 3, R: 3, S: 3, Y: 226, X: 226 }
  Dataflow {
    SpatialMap(8,8) K; TemporalMap(3,3) C; TemporalMap(4,4) Y'; TemporalMap(224,224) X';
    TemporalMap(3,3) R; TemporalMap(3,3) S;
    Cluster(4, P);
    SpatialMap(2,2) X'; TemporalMap(1,1) K; TemporalMap(3,3) C; TemporalMap(1,1) Y';
    TemporalMap(3,3) R; TemporalMap(3,3) S;
  } } })";

nlohmann::json one_layer() {
  nlohmann::json layer = {{"name", "conv"},
                          {"best",
                           {{"objectives", {1000.0}},
                            {"metrics", {{"runtime_cycles", 1000}, {"num_macs", 5000}}},
                            {"mapping", two_levels}}},
                          {"evaluations", 40},
                          {"rejected", {{"L1 size", 7}}},
                          {"bound_cycles", 800},
                          {"seconds", 0.5}};
  layer["history"] = {{{"generation", 0}, {"evaluations", 20}, {"best", {2000}}},
                      {{"generation", 1}, {"evaluations", 40}, {"best", {1000}}}};
  return {{"seed", 1},
          {"backend", "cpu"},
          {"objectives", {"latency"}},
          {"accelerator", {{"num_pes", 16}, {"l1_size_elems", -1}}},
          {"layers", {layer}}};
}

std::string page_of(const nlohmann::json& result) {
  const std::vector<result_file> files{{"result.json", result.dump()}};
  return report_html(files);
}

std::string message_for(const std::string& text) {
  const std::vector<result_file> files{{"bad.json", text}};
  try {
    report_html(files);
  } catch (const input_error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

nlohmann::json network_of_three() {
  nlohmann::json result = one_layer();
  nlohmann::json& layers = result["layers"];
  layers[0]["layer_macs"] = 5000;
  layers.push_back(layers[0]);
  layers[1]["name"] = "twin";
  layers[1]["count"] = 3;
  layers.push_back(layers[0]);
  layers[2]["name"] = "other";
  std::string& mapping = layers[2]["best"]["mapping"].get_ref<std::string&>();
  mapping.replace(mapping.find("K: 64"), 5, "K: 32");
  result["config"] = {{"objectives", {"EDP"}}};
  result["totals"] = {{"objectives", {{"EDP", 123456}}}};
  return result;
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
  return n;
}

TEST(ResultPage, ShowsAShapeOnceAndHowOftenItIsRun) {
  const std::string page = page_of(network_of_three());
  EXPECT_TRUE(has(page, "2 distinct of 3 layers"));
  EXPECT_EQ(times(page, "<details class=\"layer\""), 2u);
  EXPECT_TRUE(has(page, "4 times: also twin"));
  EXPECT_TRUE(has(page, "<table class=\"sortable\" data-name=\"layers-0\">"));
  EXPECT_TRUE(has(page, "<a href=\"#run-0-layers[0]\" title=\"conv, twin\">conv</a>"));
  EXPECT_TRUE(has(page, "id=\"run-0-layers[0]\""));
}

TEST(ResultPage, BeginsWithTheObjectiveThatWasSearched) {
  const std::string page = page_of(network_of_three());
  const std::size_t objective = page.find("best EDP</dt>"), runtime = page.find("runtime</dt>");
  ASSERT_NE(objective, std::string::npos);
  EXPECT_LT(objective, runtime);
  EXPECT_TRUE(has(page, "123 456") || has(page, "123,456") || has(page, "data-value=\"123456\""));
}

TEST(ResultPage, ComparesWhatDiffersWithRatios) {
  nlohmann::json one = network_of_three(), two = network_of_three();
  two["accelerator"]["num_pes"] = 32;
  for (nlohmann::json& layer : two["layers"]) layer["best"]["metrics"]["runtime_cycles"] = 500;
  const std::vector<result_file> files{{"small", one.dump()}, {"large", two.dump()}};
  const std::string page = report_html(files);
  EXPECT_TRUE(has(page, "What differs; ratios to small"));
  EXPECT_TRUE(has(page, ">num_<wbr>pes</button>"));
  EXPECT_FALSE(has(page, ">l1_size_elems</button>")) << "the same in both";
  EXPECT_TRUE(has(page, "0.5 x"));
}

TEST(ResultPage, DrawsARoofline) {
  nlohmann::json result = network_of_three();
  EXPECT_FALSE(has(page_of(result), "Roofline")) << "no figures of the memory";
  for (nlohmann::json& layer : result["layers"]) layer["best"]["metrics"]["dram_accesses"] = 700;
  result["accelerator"]["offchip_bw"] = 2;
  EXPECT_TRUE(has(page_of(result), "Roofline"));
  result["accelerator"]["offchip_bw"] = nullptr;
  EXPECT_TRUE(has(page_of(result), "Roofline")) << "an unlimited memory";
}

TEST(ResultPage, ShowsWhatWasProved) {
  nlohmann::json result = one_layer();
  result["proof"]["layers"] = {
      {{"layer", "conv"}, {"objective", "latency"}, {"optimum", nullptr}, {"gap", 0.25}}};
  EXPECT_NE(page_of(result).find("from the optimum, at most"), std::string::npos);
  EXPECT_NE(page_of(result).find("25.0 %"), std::string::npos);
  result["proof"]["layers"][0]["optimum"] = 990;
  EXPECT_NE(page_of(result).find("proven optimum"), std::string::npos);
  EXPECT_NE(page_of(result).find("data-value=\"990\""), std::string::npos);
  result["proof"]["layers"][0]["layer"] = "another";
  EXPECT_EQ(page_of(result).find("proven optimum"), std::string::npos);
}

TEST(ResultPage, ShowsTheExactModelsFiguresAndWhatAnotherModelSays) {
  nlohmann::json result = one_layer();
  result["accelerator"]["constants"] = {{"mac_energy_nj", 0.5},
                                        {"l1_energy_macs", 2},
                                        {"l2_energy_macs", 20},
                                        {"cluster_energy_macs", 3}};
  nlohmann::json& best = result["layers"][0]["best"];
  best["metrics"] = {{"runtime_cycles", 1000},
                     {"energy_nj", 6150},
                     {"macs", 5000},
                     {"l1_size", 40},
                     {"l2_size", 900},
                     {"l1_accesses", 1000},
                     {"l2_accesses", 200},
                     {"cluster_accesses", 100}};
  best["other_models"]["maestro"] = {{"runtime_cycles", 1250},
                                     {"runtime_difference", 0.25},
                                     {"energy_nj", 3075},
                                     {"energy_difference", -0.5}};
  const std::string page = page_of(result);
  EXPECT_NE(page.find(">1,000</span> <small>cycles"), std::string::npos);
  EXPECT_NE(page.find("data-value=\"150\" data-rule=\"accesses x cluster buffer energy\""),
            std::string::npos);
  EXPECT_NE(page.find("data-value=\"2000\" data-rule=\"accesses x L2 energy\""), std::string::npos);
  EXPECT_NE(page.find("MAC rate of the peak"), std::string::npos);
  EXPECT_NE(page.find("Memories and PEs"), std::string::npos);
  EXPECT_NE(page.find("runtime by maestro"), std::string::npos);
  EXPECT_NE(page.find("+25.00 %"), std::string::npos);
  EXPECT_NE(page.find("-50.00 %"), std::string::npos);
}

TEST(ResultPage, EveryFigureNamesItsField) {
  const std::string page = page_of(one_layer());
  EXPECT_TRUE(has(page, R"(data-field="layers[0].best.metrics.runtime_cycles" data-value="1000")"));
  EXPECT_TRUE(has(page, R"(data-field="layers[0].bound_cycles" data-value="800")"));
  EXPECT_TRUE(has(page, R"(data-field="layers[0].rejected[&quot;L1 size&quot;]" data-value="7")"));
}

TEST(ResultPage, SaysHowFarAboveTheBound) { EXPECT_TRUE(has(page_of(one_layer()), ">25.0 %<")); }

TEST(ResultPage, LargerOfTheBoundsCounts) {
  nlohmann::json result = one_layer();
  result["layers"][0]["traffic_bound_cycles"] = 1000;
  EXPECT_TRUE(has(page_of(result), ">0.00 %<"));
}

TEST(ResultPage, TextOfAFileIsNeverMarkup) {
  nlohmann::json result = one_layer();
  result["layers"][0]["name"] = "</script><script>alert(1)</script>";
  result["model"] = "<img src=x>";
  const std::string page = page_of(result);
  EXPECT_FALSE(has(page, "<script>alert"));
  EXPECT_FALSE(has(page, "<img"));
}

TEST(ResultPage, ALayerWithoutMappingShowsWhatWasRejected) {
  nlohmann::json result = one_layer();
  result["layers"][0]["best"] = nullptr;
  const std::string page = page_of(result);
  EXPECT_TRUE(has(page, "No feasible mapping was found"));
  EXPECT_TRUE(has(page, "Rejected or in doubt, by reason"));
}

TEST(ResultPage, ANetworkIsWeightedByCounts) {
  nlohmann::json result = one_layer();
  result["layers"].push_back(result["layers"][0]);
  result["layers"][1]["count"] = 3;
  EXPECT_TRUE(has(page_of(result), R"(data-value="4000")"));
}

TEST(ResultPage, DrawsAFront) {
  nlohmann::json result = one_layer();
  result["objectives"] = {"latency", "energy"};
  result["layers"][0]["front"] = {{{"objectives", {1, 9}}}, {{"objectives", {2, 5}}}};
  EXPECT_TRUE(has(page_of(result), "Pareto front of 2 mappings"));
  EXPECT_FALSE(has(page_of(result), "Hypervolume"));
  result["objectives"] = {"latency", "energy", "l2_size"};
  result["layers"][0]["front"] = {{{"objectives", {1, 9, 4}}}, {{"objectives", {2, 5, 4}}}};
  result["layers"][0]["hypervolume"] = 0.75;
  EXPECT_TRUE(has(page_of(result), "Front: energy, nJ over latency, cycles"));
  EXPECT_TRUE(has(page_of(result), "Front: l2_size, elements over latency, cycles"));
  // A third objective is the colour: here from 5 to 9 of energy, the least first.
  const std::string shades = page_of(result);
  EXPECT_TRUE(has(shades, "energy, nJ: 5 <i></i> 9"));
  EXPECT_TRUE(has(shades, ";--shade:0%")) << shades;
  EXPECT_TRUE(has(shades, ";--shade:100%"));
  EXPECT_TRUE(has(page_of(result), R"(data-value="0.75")"));
}

TEST(ResultPage, PointsOfAFrontLeadToTheirMappings) {
  nlohmann::json result = one_layer();
  result["objectives"] = {"latency", "energy"};
  result["layers"][0]["folder"] = "conv 1";
  result["layers"][0]["front"] = {{{"objectives", {1, 9}}, {"mapping_file", "front/0001.m"}},
                                  {{"objectives", {2, 5}}, {"mapping_file", "front/0002.m"}}};
  const std::string page = page_of(result);
  EXPECT_TRUE(has(page, R"(<a href="conv 1/front/0001.m" tabindex="-1" class="dot run0")")) << page;
  EXPECT_TRUE(has(page, R"(<a href="conv 1/front/0002.m">)")) << "the table";
}

TEST(ResultPage, TheFrontOfANetworkComesBeforeItsShapes) {
  nlohmann::json result = network_of_three();
  result["objectives"] = {"latency", "energy"};
  result["front"] = {{{"objectives", {1, 9}}, {"members", {1, 1, 2}}},
                     {{"objectives", {2, 5}}, {"members", {2, 2, 1}}}};
  const std::string page = page_of(result);
  const std::size_t front = page.find("Pareto front of 2 choices of a mapping a layer");
  EXPECT_FALSE(has(page, "L1, elements"));
  nlohmann::json co_designed = result;
  co_designed["machines"] = 9;
  for (nlohmann::json& choice : co_designed["front"]) {
    choice.update({{"num_pes", 4321}, {"l1_size_elems", 5}, {"l2_size_elems", 6}});
  }
  const std::string with_machines = page_of(co_designed);
  EXPECT_TRUE(has(with_machines, "Pareto front of 2 choices of an accelerator and mappings"));
  EXPECT_TRUE(has(with_machines, "L1, elements") && has(with_machines, "4,321 PEs"));
  ASSERT_NE(front, std::string::npos);
  EXPECT_LT(front, page.find("<h3>Shapes</h3>"));
}

TEST(ResultPage, HoldsEachShapeOnce) {
  const std::string page = page_of(network_of_three());
  const std::string start = R"(<script type="application/json" id="result-0">)";
  const std::size_t begin = page.find(start) + start.size();
  const auto inlined =
      nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  const nlohmann::json whole = network_of_three();
  EXPECT_EQ(inlined["layers"][0], whole["layers"][0]);
  EXPECT_EQ(inlined["layers"][1]["same_as"], 0);
  EXPECT_EQ(inlined["layers"][1]["name"], whole["layers"][1]["name"]);
  EXPECT_FALSE(inlined["layers"][1].contains("best"));
  EXPECT_EQ(inlined["layers"][2], whole["layers"][2]);
}

TEST(ResultPage, DrawsTheMemoriesWithTheirTiles) {
  nlohmann::json result = one_layer();
  result["accelerator"]["l1_size_elems"] = 2048;
  nlohmann::json& metrics = result["layers"][0]["best"]["metrics"];
  metrics["l1_size"] = 1100;
  metrics["l2_size"] = 5000;
  metrics["noc_0_ingress"] = 777;
  metrics["noc_0_egress"] = 333;
  const std::string page = page_of(result);
  // Of the file: a cluster gets K 8, C 3, Y' 4, X' 224; a PE K 1, C 3, Y' 1, X' 2.
  EXPECT_TRUE(has(page, "input 153,228, filter 1,728, output 3,211,264"));  // all of it, off chip
  EXPECT_TRUE(has(page, "Cluster buffer, in each of 4 clusters"));
  EXPECT_TRUE(has(page, "input 4,068, filter 216, output 7,168"));
  EXPECT_TRUE(has(page, "L1, in each of 4 PEs"));
  EXPECT_TRUE(has(page, "input 36, filter 27, output 2"));
  EXPECT_TRUE(has(page, ">1,100</span> of <span"));
  EXPECT_TRUE(has(page, ">777</span>")) << "what the NoC brings";
  EXPECT_TRUE(
      has(page, "PEs: 16 of 16 work at a time; K over 4 clusters (across), X' over 4 PEs of each"));
}

TEST(ResultPage, ShowsPEsThatIdle) {
  nlohmann::json result = one_layer();
  std::string& text = result["layers"][0]["best"]["mapping"].get_ref<std::string&>();
  text.replace(text.find("SpatialMap(8,8) K"), 17, "SpatialMap(32,32) K");
  EXPECT_TRUE(has(page_of(result), "PEs: 8 of 16 work at a time; K over 4 clusters (across)"));
}

TEST(ResultPage, ComparesRuns) {
  nlohmann::json other = one_layer();
  other["layers"][0]["best"]["metrics"]["runtime_cycles"] = 900;
  const std::vector<result_file> files{{"a.json", one_layer().dump()}, {"b.json", other.dump()}};
  const std::string page = report_html(files);
  EXPECT_TRUE(has(page, "Comparison of 2 searches"));
  EXPECT_TRUE(has(page, "b.json"));
}

TEST(ResultPage, ComparesAShapeOnce) {
  nlohmann::json other = network_of_three();
  other["layers"][2]["best"] = nullptr;
  const std::vector<result_file> files{{"a.json", network_of_three().dump()},
                                       {"b.json", other.dump()}};
  const std::string page = report_html(files);
  const std::string compared =
      page.substr(page.find("<h2>Comparison"), page.find("<h2>Runs") - page.find("<h2>Comparison"));
  EXPECT_EQ(times(compared, "<details class=\"layer\""), 2u);
  EXPECT_TRUE(has(compared, "<summary>conv <span class=\"soft\">4 times: also twin</span>"));
  EXPECT_TRUE(has(compared, "<summary>other</summary>"));
}

/// The sum over the layers that have a mapping would be the shortest bar.
TEST(ResultPage, ARunThatLacksALayerHasNoTotalToCompare) {
  nlohmann::json other = network_of_three();
  other["layers"][2]["best"] = nullptr;
  const std::vector<result_file> files{{"a.json", network_of_three().dump()},
                                       {"b.json", other.dump()}};
  const std::string page = report_html(files);
  const std::string totals = page.substr(page.find("Cycles of all layers"));
  const std::size_t second = totals.find("2 of 3 layers");
  ASSERT_NE(second, std::string::npos);
  EXPECT_EQ(totals.substr(second, 60).find("-</span>"),
            totals.substr(second).find("</b><span class=\"n\">") + 20);
}

TEST(ResultPage, AsksForNothingFromOutside) {
  const std::string page = page_of(one_layer());
  EXPECT_FALSE(has(page, "http://"));
  EXPECT_FALSE(has(page, "https://"));
  EXPECT_TRUE(has(page, "default-src 'none'"));
}

TEST(ResultPage, RefusesWhatIsNoResult) {
  EXPECT_TRUE(has(message_for("{"), "bad.json: not JSON"));
  EXPECT_TRUE(has(message_for("[]"), "bad.json: found no list \"layers\""));
  EXPECT_THROW(report_html({}), input_error);
}

TEST(PageLoopNest, LevelsLoopsAndParallelDimensions) {
  const nlohmann::json text = two_levels;
  const std::string nest = report::draw_loop_nest(report::result_node(text, "m"), 16);
  EXPECT_TRUE(has(nest, "<b>L2</b>: 4 clusters"));
  EXPECT_TRUE(has(nest, "64 in 8 parts of 8, 4 at a time, 2 rounds"));
  EXPECT_TRUE(has(nest, "224 in 56 steps of 4"));
  EXPECT_TRUE(has(nest, "224 in 112 parts of 2, 4 at a time, 28 rounds"));
  EXPECT_TRUE(has(nest, "8 in 8 steps of 1"));
  EXPECT_TRUE(has(nest, "<b>cluster level 2</b>: 4 PEs"));
}

TEST(PageLoopNest, CountsTheOutputsOfALayerWithStrides) {
  const nlohmann::json text = R"(Network n { Layer conv { Type: CONV Stride { X: 2, Y: 3 }
    Dimensions { K: 8, C: 3, R: 7, S: 5, Y: 229, X: 227 } Dataflow {
    SpatialMap(10,10) Y'; TemporalMap(56,56) X'; TemporalMap(8,8) K; TemporalMap(3,3) C;
    TemporalMap(7,7) R; TemporalMap(5,5) S; Cluster(4, P);
    SpatialMap(14,14) X'; TemporalMap(1,1) Y'; TemporalMap(8,8) K; TemporalMap(3,3) C;
    TemporalMap(7,7) R; TemporalMap(5,5) S; } } })";
  const std::string nest = report::draw_loop_nest(report::result_node(text, "m"), 32);
  EXPECT_TRUE(has(nest, "75 in 8 parts of 10, 8 at a time, 1 round")) << nest;
  EXPECT_TRUE(has(nest, "112 in 2 steps of 56")) << nest;
  EXPECT_TRUE(has(nest, "56 in 4 parts of 14, 4 at a time, 1 round")) << nest;
  EXPECT_TRUE(has(nest, "10 in 10 steps of 1")) << nest;
}

TEST(PageLoopNest, UnreadableTextIsSaid) {
  const nlohmann::json text = "no mapping";
  EXPECT_TRUE(has(report::draw_loop_nest(report::result_node(text, "m"), 16), "class=\"note\""));
}

TEST(PageLoopNest, LoopsOfNothingAreNotDrawn) {
  for (const char* dataflow : {"SpatialMap(0,0) K;",
                               "SpatialMap(1,0) K;",
                               "SpatialMap(1,1) K; Cluster(0,P); SpatialMap(1,1) C;"}) {
    const nlohmann::json text = std::string(
                                    "Network n { Layer a { Type: FC Dimensions { K 2 C 2 } "
                                    "Dataflow { ") +
                                dataflow + " } } }";
    EXPECT_TRUE(has(report::draw_loop_nest(report::result_node(text, "m"), 16), "no loops to draw"))
        << dataflow;
  }
  const nlohmann::json huge =
      "Network n { Layer a { Type: FC Dimensions { K 2 C 2 } Dataflow { SpatialMap(1,1) K; "
      "Cluster(2147483647,P); SpatialMap(1,1) C; Cluster(2147483647,P); SpatialMap(1,1) K; "
      "Cluster(2147483647,P); SpatialMap(1,1) C; } } }";
  EXPECT_TRUE(
      has(report::draw_loop_nest(report::result_node(huge, "m"), 16), "<b>L2</b>: cluster"));
}

TEST(PageAxis, EvenMarksAreRoundAndInside) {
  const report::axis a(3, 97, 50);
  EXPECT_EQ(a.marks(5), (std::vector<double>{20, 40, 60, 80}));
  EXPECT_DOUBLE_EQ(a.place(50), 50);
}

TEST(PageAxis, WideRangesAreLogarithmic) {
  const report::axis a(1, 1e6, 50);
  EXPECT_TRUE(a.logarithmic());
  EXPECT_DOUBLE_EQ(a.place(1e3), 50);
  EXPECT_EQ(a.marks(4).front(), 1);
}

TEST(PageAxis, ASingleValueHasARange) {
  EXPECT_DOUBLE_EQ(report::axis(7, 7, 50).place(7), 50);
  EXPECT_DOUBLE_EQ(report::axis(0, 0, 50).place(0), 50);
}

TEST(PageChart, MarksOfAnAxisHaveDifferentLabels) {
  report::line_chart chart{"t", "x", "y", {}, {}, false};
  chart.series = {{"", 0, "p", {{1, 1807200, ""}, {2, 1807100, ""}, {3, 1805400, ""}}}};
  const std::string drawn = report::draw(chart);
  EXPECT_TRUE(has(drawn, ">1.8065 M<")) << drawn;
  EXPECT_TRUE(has(drawn, ">1.807 M<")) << drawn;
}

TEST(PageChart, LeavesOutWhatIsNotFinite) {
  report::line_chart chart{"t", "x", "y", {}, {}, false};
  chart.series = {{"", 0, "p", {{1, std::numeric_limits<double>::infinity(), ""}}}};
  EXPECT_EQ(report::draw(chart), "");
}

TEST(PageNumbers, AreReadable) {
  EXPECT_EQ(report::readable(4746679), "4,746,679");
  EXPECT_EQ(report::readable(-1234), "-1,234");
  EXPECT_EQ(report::readable(0.123456), "0.1235");
  EXPECT_EQ(report::readable(std::numeric_limits<double>::quiet_NaN()), "-");
  EXPECT_EQ(report::compact(5060000), "5.06 M");
  EXPECT_EQ(report::percent(0.0251), "2.51 %");
}

}  // namespace
}  // namespace cugamma
