#include "cugamma/search/checkpoint.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "cugamma/error.hpp"
#include "cugamma/processes/run_peers.hpp"
#include "files/read_file.hpp"
#include "files/whole_file.hpp"
#include "search/byte_stream.hpp"
#include "search/checkpoint_bytes.hpp"
#include "search/log_bytes.hpp"

namespace cugamma {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "cugamma-checkpoint\n";
constexpr std::uint32_t format_version = 9;
constexpr const char* current_name = "checkpoint.bin";
constexpr const char* previous_name = "checkpoint.previous.bin";

/// FNV-1a over words of eight bytes.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325u;
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
    sum = (sum ^ word) * 0x100000001b3u;
    sum ^= sum >> 29;
  }
  return sum;
}

std::string compressed(std::string_view bytes) {
  constexpr int level = 3;
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level);
  if (ZSTD_isError(size)) {
    throw backend_error(fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  }
  out.resize(size);
  return out;
}

/// Throws input_error for bytes that are no compressed ones. A file that claims to hold far more
/// than any state of its size is refused before there is memory for it.
std::string decompressed(std::string_view bytes) {
  constexpr std::uint64_t most_times = 10000, little = 1 << 20;
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
      size > little + most_times * bytes.size()) {
    throw input_error("is no state of a search");
  }
  std::string out(size, '\0');
  if (ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) != size) {
    throw input_error("is no state of a search");
  }
  return out;
}

void put_searches(byte_writer& out, const checkpoint& state) {
  for (std::size_t i = 0; i < state.searches.size(); ++i) {
    put_log(out, state.run.logs[i]);
    out.put_text(state.searches[i]);
  }
}

void get_search(byte_reader& in, checkpoint& state) {
  state.run.logs.push_back(get_log(in));
  state.searches.push_back(in.get_text());
}

}  // namespace

std::string checkpoint_payload(const checkpoint& state) {
  byte_writer out;
  out.put(static_cast<std::uint64_t>(state.arguments.size()));
  for (const std::string& argument : state.arguments) out.put_text(argument);
  out.put(state.run.seconds);
  out.put(state.run.time);
  out.put(state.run.generations);
  out.put(state.run.evaluations);
  out.put(static_cast<std::uint64_t>(state.searches.size()));
  put_searches(out, state);
  return out.bytes();
}

namespace {

checkpoint state_of(std::string_view payload) {
  byte_reader in(payload);
  checkpoint state;
  const auto arguments = in.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < arguments; ++i) state.arguments.push_back(in.get_text());
  state.run.seconds = in.get<double>();
  state.run.time = in.get<time_shares>();
  state.run.generations = in.get<std::int64_t>();
  state.run.evaluations = in.get<std::int64_t>();
  const auto searches = in.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < searches; ++i) get_search(in, state);
  constexpr std::int64_t most = std::int64_t{1} << 62;
  const auto is_count = [](std::int64_t count) { return count >= 0 && count < most; };
  if (!in.at_end() || !is_count(state.run.generations) || !is_count(state.run.evaluations) ||
      !(state.run.seconds >= 0)) {
    throw input_error("is no state of a search");
  }
  return state;
}

}  // namespace

std::string checkpoint_file(std::string_view state) {
  const std::string payload = compressed(state);
  byte_writer head;
  head.put(format_version);
  head.put(static_cast<std::uint64_t>(payload.size()));
  head.put(checksum(payload));
  return std::string(magic).append(head.bytes()).append(payload);
}

checkpoint parse_checkpoint(std::string_view bytes) {
  if (!bytes.starts_with(magic.substr(0, std::min(bytes.size(), magic.size()))))
    throw input_error("is no checkpoint of cugamma");
  constexpr std::size_t head_size = 4 + 8 + 8;
  if (bytes.size() < magic.size() + head_size)
    throw input_error(fmt::format("is cut short: {} bytes", bytes.size()));
  byte_reader head(bytes.substr(magic.size(), head_size));
  const auto version = head.get<std::uint32_t>();
  if (version != format_version)
    throw input_error(
        fmt::format("has the format version {}, this program reads {}", version, format_version));
  const auto size = head.get<std::uint64_t>();
  const std::string_view payload = bytes.substr(magic.size() + head_size);
  if (payload.size() < size)
    throw input_error(fmt::format("is cut short: {} of {} bytes", payload.size(), size));
  if (payload.size() > size || checksum(payload) != head.get<std::uint64_t>())
    throw input_error("is altered: its checksum differs");
  return state_of(decompressed(payload));
}

namespace {

/// What to try in place of a damaged file; empty if there is nothing.
std::string advice(const fs::path& damaged) {
  const fs::path previous = damaged.parent_path() / previous_name;
  if (damaged.filename() != current_name || !is_given_file(previous)) return "";
  try {
    parse_checkpoint(read_file(previous.string()));
  } catch (const input_error&) {
    return "";
  }
  return fmt::format("; {} is whole", previous.string());
}

fs::path file_in(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  for (const char* name : {current_name, previous_name})
    if (is_given_file(path / name)) return path / name;
  throw input_error(fmt::format("{}: holds no checkpoint", path.string()));
}

}  // namespace

bool gather_searches(checkpoint& state, run_peers* peers) {
  if (peers == nullptr) return true;
  byte_writer out;
  out.put(static_cast<std::uint64_t>(state.searches.size()));
  put_searches(out, state);
  const std::vector<std::string> texts = peers->gather(out.bytes());
  std::vector<byte_reader> readers(texts.begin(), texts.end());
  std::uint64_t count = 0;
  for (byte_reader& in : readers) count += in.get<std::uint64_t>();
  state.searches.clear();
  state.run.logs.clear();
  for (std::uint64_t i = 0; i < count; ++i) get_search(readers[i % readers.size()], state);
  return peers->rank() == 0;
}

void write_checkpoint(const std::string& folder, const checkpoint& state) {
  const fs::path in(folder);
  make_folder(in);
  write_new_file(in / "checkpoint.new", checkpoint_file(checkpoint_payload(state)));
  if (is_given_file(in / current_name)) rename_file(in / current_name, in / previous_name);
  rename_file(in / "checkpoint.new", in / current_name);
  synchronise_folder(in);
}

checkpoint read_checkpoint(const std::string& path) {
  const fs::path file = file_in(path);
  const std::string bytes = read_file(file.string());
  try {
    return parse_checkpoint(bytes);
  } catch (const input_error& error) {
    throw input_error(fmt::format("{}: {}{}", file.string(), error.what(), advice(file)));
  }
}

}  // namespace cugamma
