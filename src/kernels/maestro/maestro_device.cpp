#include "models/maestro/maestro_device.hpp"

#include "device_scoring.hpp"
#include "maestro/maestro_kernels.hpp"
#include "maestro/maestro_launch.hpp"
#include "maestro/score_body.hpp"

namespace cugamma {
namespace {

class maestro_device_scoring final : public device_scoring {
 public:
  bool prepare(std::span<const layer> layers,
               std::span<const accelerator> accelerators,
               const cuda_stream& s) override {
    return tables_.update(layers,
                          device::make_layer_table,
                          accelerators,
                          device::make_machine_table,
                          s);
  }

  void launch(const score_input& in, int multiprocessors, const cuda_stream& s) const override {
    const maestro_input all = tables_.with(in);
    launch_score(all, choose_launch(in.count, multiprocessors), s.get());
    launch_steps(all, step_blocks(in.count, multiprocessors), s.get());
    launch_general(all, general_blocks(in.count, multiprocessors), s.get());
  }

 private:
  device_tables<device::layer_table, device::machine_table> tables_;
};

}  // namespace

std::unique_ptr<device_scoring> make_maestro_device_scoring() {
  return std::make_unique<maestro_device_scoring>();
}

}  // namespace cugamma
