#pragma once

#include <string>

#include "cugamma/models/timeloop/problem.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma::timeloop {

/// A layer as a problem with the tensors Weights, Inputs and Outputs over Timeloop's dimensions R,
/// S, P, Q, C, K, N: rows and columns of filter and output, channels, batch. Depthwise layers have
/// no K; layers with groups have G, and C and K are those of a group. Strides are coefficients of P
/// and Q. A GEMM (M x K) * (K x N) has P = M, C = K, K = N.
problem problem_of(const layer& l, const std::string& name);

}  // namespace cugamma::timeloop
