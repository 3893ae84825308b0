#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "cugamma/formats/timeloop_output.hpp"
#include "formats/markup.hpp"

namespace cugamma::timeloop {
namespace {

std::string element(std::string_view name, const std::string& content) {
  return fmt::format("<{0}>{1}</{0}>\n", name, content);
}

/// An element of other elements.
std::string block(std::string_view name, const std::string& content) {
  return fmt::format("<{0}>\n{1}</{0}>\n", name, content);
}

std::string element(std::string_view name, std::int64_t value) {
  return element(name, fmt::format("{}", value));
}

/// A figure of each of the problem's tensors.
template <typename Tensor>
std::string by_tensor(std::string_view name,
                      const std::vector<Tensor>& tensors,
                      const std::function<std::string(const Tensor&)>& text) {
  std::string items;
  for (const Tensor& t : tensors) items += element("item", text(t));
  return block(name, block("PerDataSpace", items));
}

/// A value that need not be there, as Timeloop's attributes are.
std::string attribute(std::string_view name, const std::optional<std::int64_t>& value) {
  return element(name, value ? element("t_", *value) : "");
}

std::string arithmetic_xml(const architecture& a, const figures& f) {
  const std::string specs = attribute("instances", a.arithmetic.instances);
  return "<item>\n<px class_id=\"8\" class_name=\"model::ArithmeticUnits\" object_id=\"_0\">\n" +
         block("specs_", specs) + element("cycles_", f.compute_cycles) +
         element("utilized_instances_", f.compute_instances) +
         element("energy_", fmt::format("{}", f.compute_pj)) + "</px>\n</item>\n";
}

std::string level_stats(const storage_level& l, const level_figures& f) {
  using text = std::function<std::string(const tensor_figures&)>;
  const auto add = [&](std::string_view name, const text& value) {
    return by_tensor<tensor_figures>(name, f.tensors, value);
  };
  const auto whole = [&](std::string_view name, std::int64_t tensor_figures::*value) {
    return add(name, [=](const tensor_figures& t) { return fmt::format("{}", t.*value); });
  };
  const auto clusters = [&](const tensor_figures& t) {
    return std::min(t.instances, l.instances / l.cluster_size);
  };
  std::string stats = element("cycles", f.cycles);
  stats += whole("reads", &tensor_figures::reads);
  stats += whole("updates", &tensor_figures::updates);
  stats += whole("fills", &tensor_figures::fills);
  stats += whole("utilized_capacity", &tensor_figures::tile);
  stats += whole("utilized_instances", &tensor_figures::instances);
  stats += add("utilized_clusters",
               [&](const tensor_figures& t) { return fmt::format("{}", clusters(t)); });
  stats += add("energy_per_access", [](const tensor_figures& t) {
    const auto words = static_cast<double>(t.reads + t.fills + t.updates);
    return fmt::format("{}",
                       words > 0 ? t.storage_pj / static_cast<double>(t.instances) / words : 0.0);
  });
  stats += add("temporal_reduction_energy", [](const tensor_figures&) { return "0"; });
  stats += add("addr_gen_energy", [&](const tensor_figures& t) {
    return fmt::format("{}", static_cast<double>(t.address_generations) * l.address_generation_pj);
  });
  return stats;
}

std::string level_xml(const storage_level& l, const level_figures& f, std::size_t number) {
  const std::string specs = block("LevelSpecs", element("level_name", escape(l.name))) +
                            attribute("instances", l.instances) + attribute("size", l.size_words);
  const std::string class_text =
      number == 1 ? "class_id=\"9\" class_name=\"model::BufferLevel\"" : "class_id_reference=\"9\"";
  return fmt::format("<item>\n<px {} object_id=\"_{}\">\n", class_text, number) +
         block("specs_", specs) + block("stats_", level_stats(l, f)) + "</px>\n</item>\n";
}

double total(const tensor_transfers& t, double transfer_record::*part) {
  double sum = 0;
  for (const transfer_record& r : t.records) sum += r.*part;
  return sum;
}

/// Energies of a network are those of one instance of the level above it.
std::string network_stats(const network_figures& f, double instances) {
  using text = std::function<std::string(const tensor_transfers&)>;
  const auto add = [&](std::string_view name, const text& value) {
    return by_tensor<tensor_transfers>(name, f.tensors, value);
  };
  std::string stats = add("num_hops", [](const tensor_transfers& t) {
    const double words = total(t, &transfer_record::accesses);
    return fmt::format("{}", words > 0 ? total(t, &transfer_record::hops) / words : 0.0);
  });
  stats += add("energy_per_hop", [=](const tensor_transfers& t) {
    const double hops = total(t, &transfer_record::hops);
    return fmt::format("{}", hops > 0 ? t.energy_pj / instances / hops : 0.0);
  });
  stats += add("ingresses", [](const tensor_transfers& t) {
    std::string items = "\n";
    for (const transfer_record& r : t.records) {
      items += element("item", static_cast<std::int64_t>(std::llround(r.accesses)));
    }
    return items;
  });
  stats += add("energy", [=](const tensor_transfers& t) {
    return fmt::format("{}", t.energy_pj / instances);
  });
  stats += add("multicast_factor", [](const tensor_transfers& t) {
    double most = 0;
    for (const transfer_record& r : t.records) most = std::max(most, r.multicast);
    return fmt::format("{}", std::llround(most));
  });
  stats += add("distributed_multicast", [](const tensor_transfers&) { return "0"; });
  stats += add("spatial_reduction_energy", [](const tensor_transfers&) { return "0"; });
  return stats;
}

std::string network_xml(const architecture& a, const figures& f, std::size_t b) {
  const std::string& inner = b == 0 ? a.arithmetic.name : a.levels[b - 1].name;
  const auto instances = static_cast<double>(f.levels[b].tensors.front().instances);
  return "<item>\n" + element("first", escape(a.levels[b].name + " <==> " + inner)) +
         "<second>\n<px>\n" + block("stats_", network_stats(f.networks[b], instances)) +
         "</px>\n</second>\n</item>\n";
}

std::string sizes_xml(std::string_view name, const problem& p) {
  std::string items;
  for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
    items += block(
        "item",
        element("first", static_cast<std::int64_t>(d)) + element("second", p.dimensions[d].size));
  }
  return block(name, items);
}

}  // namespace

std::string statistics_xml(const architecture& a, const problem& p, const figures& f) {
  std::string levels = element("count", static_cast<std::int64_t>(a.levels.size() + 1));
  std::string networks = element("count", static_cast<std::int64_t>(a.levels.size()));
  levels += arithmetic_xml(a, f);
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    levels += level_xml(a.levels[b], f.levels[b], b + 1);
    networks += network_xml(a, f, b);
  }
  const std::string topology = block("levels_", levels) + block("networks_", networks);
  const std::string workload = sizes_xml("factorized_bounds_", p) + sizes_xml("bounds_", p);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\" ?>\n<boost_serialization>\n" +
         block("engine", block("topology_", topology)) + block("a", block("workload_", workload)) +
         "</boost_serialization>\n";
}

}  // namespace cugamma::timeloop
