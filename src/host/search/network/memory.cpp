#include "search/network/memory.hpp"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

/// Measured, with genome, cost, rank and parents' share; a search never takes less.
constexpr double bytes_each = 250;
constexpr double gib = 1024.0 * 1024 * 1024;

double memory_bytes() {
  double bytes =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    double limit = 0;
    if (std::ifstream(file) >> limit) bytes = std::min(bytes, limit);
  }
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
    bytes = std::min(bytes, static_cast<double>(space.rlim_cur));
  }
  return bytes;
}

}  // namespace

std::string memory_text(double individuals) {
  return fmt::format(
      "{:.0f} individuals (population) take about {:.3g} GiB of memory, this process "
      "can have {:.3g} GiB",
      individuals,
      individuals * bytes_each / gib,
      memory_bytes() / gib);
}

void expect_memory(double individuals) {
  if (individuals * bytes_each > memory_bytes()) throw input_error(memory_text(individuals));
}

}  // namespace cugamma
