#pragma once

#include <optional>
#include <span>
#include <vector>

namespace cugamma::cli {

/// A figure of which a share `p` of the values lies below, by linear interpolation; values need not
/// be in order. precondition: values not empty
double quantile(std::vector<double> values, double p);

/// The rank of each value among all, 1 for the least. Equal values share the mean of their ranks.
std::vector<double> ranks_of(std::span<const double> values);

/// Spearman's rank correlation of two figures of the same things; nothing if all values of one of
/// them are equal. precondition: a and b are equally long
std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b);

}  // namespace cugamma::cli
