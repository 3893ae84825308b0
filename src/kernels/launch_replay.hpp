#pragma once

#include <array>
#include <cstddef>

#include "cuda_resources.hpp"
#include "score_input.hpp"

namespace cugamma {

/// Launches the kernels of small populations, which take less time than their launches. What comes
/// again from the same memory (the generations of a search do) is captured as a graph the second
/// time, and is one launch from then on.
class launch_replay {
 public:
  /// Gives the stream what launch() gives it: all that scoring `in` takes, no allocation, the same
  /// for the same input.
  template <class Launch>
  void run(const score_input& in, const cuda_stream& s, Launch launch) {
    entry& e = find(in);
    if (e.in != in) {
      e = {in, {}};
      return launch();
    }
    if (e.graph.is_empty()) e.graph = cuda_graph::capture(s, launch);
    e.graph.launch(s);
  }

  /// Keeps none of the graphs: what they hold beside their input is no longer there.
  void forget() { entries_ = {}; }

 private:
  struct entry {
    score_input in;
    cuda_graph graph;
  };

  // The entry of a population, or else the one that was made longest ago.
  entry& find(const score_input& in) {
    for (entry& e : entries_) {
      if (e.in == in) return e;
    }
    return entries_[next_++ % entries_.size()];
  }

  // More than the islands that take turns on one device.
  std::array<entry, 16> entries_;
  std::size_t next_ = 0;
};

}  // namespace cugamma
