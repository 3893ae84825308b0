#pragma once

/// CUGAMMA_HD marks a function of the core: the same text compiles for the host and for a CUDA
/// device. CUGAMMA_HD_CALLED: a large one of many callers, which a device's code has once.
/// CUGAMMA_UNROLL: before a loop of few rounds, whose arrays a device then keeps in registers.
#ifdef __CUDACC__
#define CUGAMMA_HD __host__ __device__
#define CUGAMMA_HD_CALLED __host__ __device__ __noinline__
#define CUGAMMA_UNROLL _Pragma("unroll")
#else
#define CUGAMMA_HD
#define CUGAMMA_HD_CALLED
#define CUGAMMA_UNROLL
#endif
