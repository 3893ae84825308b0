#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

/// A seed, every beginning of it, and it with each byte left out or replaced.
void run_around(const std::string& seed) {
  run(seed);
  for (std::size_t i = 0; i < seed.size(); ++i) {
    run(seed.substr(0, i));
    run(seed.substr(0, i) + seed.substr(i + 1));
    for (const char c : {'\0', '{', '}', ',', '-', '9', '\n', 'K'}) {
      std::string changed = seed;
      changed[i] = c;
      run(changed);
    }
  }
}

}  // namespace

/// Stands in for libFuzzer where that is missing: runs the target on the neighbourhood of the seeds
/// in a folder.
int main(int argc, char** argv) {
  if (argc != 2) return 1;
  int seeds = 0;
  for (const auto& file : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream in(file.path(), std::ios::binary);
    run_around({std::istreambuf_iterator<char>(in), {}});
    ++seeds;
  }
  std::printf("%d seeds\n", seeds);
  return seeds > 0 ? 0 : 1;
}
