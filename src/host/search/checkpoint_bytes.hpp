#pragma once

#include <string>
#include <string_view>

#include "cugamma/search/checkpoint.hpp"

namespace cugamma {

/// What a checkpoint file holds between its head and its end.
std::string checkpoint_payload(const checkpoint& state);

/// The bytes of a checkpoint file with that payload: format version, size and checksum in front.
std::string checkpoint_file(std::string_view payload);

/// What the bytes of a checkpoint file hold. Throws input_error with what is wrong.
checkpoint parse_checkpoint(std::string_view bytes);

}  // namespace cugamma
