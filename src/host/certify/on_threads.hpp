#pragma once

#include <thread>
#include <vector>

namespace cugamma {

/// Calls body(0) .. body(count - 1), each on a thread of its own, and waits for all.
template <class Body>
void on_threads(int count, const Body& body) {
  std::vector<std::jthread> helpers;
  for (int i = 1; i < count; ++i) helpers.emplace_back([&body, i] { body(i); });
  body(0);
}

}  // namespace cugamma
