#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cugamma::cli {

/// The command line of MAESTRO (option.hpp of commit 4eb08d1), read as boost::program_options reads
/// it for MAESTRO: "--name=value" or "--name value", a name cut short where that leaves one option,
/// each option once.
class maestro_options {
 public:
  /// Throws input_error for an option that is unknown, ambiguous, given twice, or has no value or
  /// one of another kind.
  maestro_options(int argc, const char* const* argv);

  bool wants_help() const { return given_.contains("help"); }
  /// What was given, else the option's default.
  std::string text(std::string_view name) const;
  bool is_true(std::string_view name) const;
  /// A whole number. Throws input_error if it is smaller.
  std::int32_t at_least(std::int32_t least, std::string_view name) const;

 private:
  std::map<std::string_view, std::string> given_;
};

/// All options, for people.
std::string maestro_help();

}  // namespace cugamma::cli
