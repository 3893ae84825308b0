#include "models/exact/exact_device.hpp"

#include "device_scoring.hpp"
#include "exact/exact_kernel.hpp"
#include "exact/exact_launch.hpp"
#include "exact/score_body.hpp"
#include "models/exact/general_form.hpp"

namespace cugamma::exact {
namespace {

class exact_device_scoring final : public device_scoring {
 public:
  bool prepare(std::span<const layer> layers,
               std::span<const accelerator> accelerators,
               const cuda_stream& s) override {
    return tables_.update(layers, make_layer_row, accelerators, make_accelerator_row, s);
  }

  void launch(const score_input& in, int multiprocessors, const cuda_stream& s) const override {
    const exact_input all = tables_.with(in);
    launch_score(all, choose_launch(in.count, multiprocessors), s.get());
    launch_three(all, shared_blocks(three_resident_blocks, in.count, multiprocessors), s.get());
    launch_split(all, shared_blocks(split_resident_blocks, in.count, multiprocessors), s.get());
    launch_waiting(all, shared_blocks(waiting_resident_blocks, in.count, multiprocessors), s.get());
    launch_chained(all, chained_blocks(in.count, multiprocessors), s.get());
  }

  bool leaves_work_to_the_host() const override { return true; }

  void finish(const genome& g, lacking what, cost& c) const override {
    const layer& l = tables_.layer_of(g);
    const accelerator& a = tables_.accelerator_of(g);
    if (what == lacking::everything) c = price(g, l, a);
    if (what == lacking::runtime) c.runtime_cycles = runtime_of(g, l, a);
  }

 private:
  device_tables<layer_row, accelerator_row> tables_;
};

}  // namespace

std::unique_ptr<device_scoring> make_device_scoring() {
  return std::make_unique<exact_device_scoring>();
}

}  // namespace cugamma::exact
