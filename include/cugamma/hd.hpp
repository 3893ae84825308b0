#pragma once

/// CUGAMMA_HD marks a function of the core: the same text compiles for the host and for a CUDA
/// device.
#ifdef __CUDACC__
#define CUGAMMA_HD __host__ __device__
#else
#define CUGAMMA_HD
#endif
