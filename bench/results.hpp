#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"

namespace cugamma {

/// One measurement: `path` names it ("evaluate/vgg16_conv2_1/cuda/65536"). `spread` is the largest
/// less the smallest of the repetitions, in per cent of `value`, their median.
struct result_row {
  std::string path;
  double value;
  std::string unit;
  double spread;
};

/// The value of a key in the first entry of /proc/cpuinfo, "unknown" if it has none.
inline std::string processor_property(const std::string& key) {
  std::ifstream cpu_info("/proc/cpuinfo");
  for (std::string line; std::getline(cpu_info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

/// "2 cores of AMD EPYC (family 25 model 17)", followed by the GPU where one is used. Virtual
/// machines hide the processor's name, hence family and model.
inline std::string machine_name(const std::string& device = "") {
  const std::string host = fmt::format("{} cores of {} (family {} model {})",
                                       std::thread::hardware_concurrency(),
                                       processor_property("model name"),
                                       processor_property("cpu family"),
                                       processor_property("model\t"));
  return device.empty() ? host : fmt::format("{} with {}", host, device);
}

/// The GPU that a back end runs on, empty on the host. A back end names it once it has scored.
inline std::string device_of(evaluator& e) {
  const layer l;
  const accelerator a;
  const genome g;
  cost c;
  e.evaluate({{&l, 1}, {&a, 1}, {&g, 1}}, {&c, 1});
  return e.profile().device;
}

/// The median of measurements as a figure. Precondition: there is one.
inline result_row median_row(std::string path, std::vector<double> values, std::string unit) {
  std::ranges::sort(values);
  const double median = (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
  return {std::move(path),
          median,
          std::move(unit),
          100 * (values.back() - values.front()) / median};
}

/// A CSV file that figures are appended to, each with the day, the commit and the machine; see
/// bench/RESULTS.md. Without a name it takes figures and writes nothing.
class results_file {
 public:
  /// Throws std::runtime_error if the file cannot be written.
  explicit results_file(const std::string& name, std::string device = "")
      : machine_(machine_name(device)) {
    if (name.empty()) return;
    const bool is_new = !std::filesystem::exists(name) || std::filesystem::file_size(name) == 0;
    file_.open(name, std::ios::app);
    if (!file_) throw std::runtime_error(fmt::format("{}: cannot be written", name));
    if (is_new) file_ << "date,commit,machine,path,value,unit,spread\n";
  }

  /// Appends a row. Throws std::runtime_error if it cannot be written.
  void append(const result_row& f) {
    if (!file_.is_open()) return;
    const std::chrono::year_month_day day(
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
    file_ << fmt::format("{:04}-{:02}-{:02},{},{},{},{:.10g},{},{:.3g}\n",
                         static_cast<int>(day.year()),
                         static_cast<unsigned>(day.month()),
                         static_cast<unsigned>(day.day()),
                         CUGAMMA_COMMIT,
                         machine_,
                         f.path,
                         f.value,
                         f.unit,
                         f.spread);
    if (!file_.flush()) throw std::runtime_error("a row of results cannot be written");
  }

 private:
  std::string machine_;
  std::ofstream file_;
};

}  // namespace cugamma
