#include "files/did_you_mean.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cugamma {
namespace {

using names = std::vector<std::string>;

const names networks{"resnet18", "resnet50", "vgg16", "unet", "bert_base"};

TEST(DidYouMean, FindsWhatIsAFewLettersAway) {
  EXPECT_EQ(near_names("restnet50", networks), names{"resnet50"});
  EXPECT_EQ(near_names("resent50", networks), (names{"resnet50"}));
  EXPECT_EQ(near_names("VGG-16", networks), names{"vgg16"});
  EXPECT_EQ(near_names("bertbase", networks), names{"bert_base"});
  EXPECT_EQ(near_names("resnet5", networks), (names{"resnet50", "resnet18"}));
}

TEST(DidYouMean, FindsWhatBeginsLikeThat) {
  EXPECT_EQ(near_names("bert", networks), names{"bert_base"});
  EXPECT_EQ(near_names("VGG", networks), names{"vgg16"});
  EXPECT_EQ(near_names("num", names{"num-pes", "num_pes", "l1-size"}), names{"num-pes"});
  EXPECT_EQ(near_names("be", networks), names{});  // too short to tell
  // More than three are better listed all.
  EXPECT_EQ(near_names("eval", names{"evaluate1", "evaluate2", "evaluate3", "evaluate4"}), names{});
}

TEST(DidYouMean, FindsNothingFarAway) {
  EXPECT_EQ(near_names("mobilenet", networks), names{});
  EXPECT_EQ(near_names("", networks), names{});
  EXPECT_EQ(near_names("?", networks), names{});
  EXPECT_EQ(near_names("x", names{"y"}), names{});
  EXPECT_EQ(near_names(std::string(100000, 'a'), networks), names{});
}

TEST(DidYouMean, MakesTheEndOfAMessage) {
  EXPECT_EQ(did_you_mean("vgg61", networks, ", expected a file"), ", did you mean vgg16?");
  EXPECT_EQ(did_you_mean("resnet5", networks, ""), ", did you mean resnet50 or resnet18?");
  EXPECT_EQ(did_you_mean("lenet_caffe", networks, ", expected a file"), ", expected a file");
}

}  // namespace
}  // namespace cugamma
