#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace cugamma {

/// Writes a file whole: a reader finds what was there before or all of the text, also when the disk
/// is full or the machine stops. A link of that name is replaced, not followed; devices and pipes
/// are written to. Throws input_error naming the file and the cause, and leaves nothing behind
/// then.
void write_whole(const std::filesystem::path& path, std::string_view text);

/// A file's name in its folder, and what it is to hold.
struct named_text {
  std::string name;
  std::string text;
};

/// Writes each of many files of a folder whole, as write_whole does, but waits once for the disk,
/// not for each. Throws input_error if one cannot be written; others may be then.
void write_all_whole(const std::filesystem::path& folder, std::span<const named_text> files);

/// Like write_whole; where there is no text, removes a regular file or a link of that name, which
/// an earlier run wrote of other results. Throws input_error if it cannot.
void write_or_remove(const std::filesystem::path& path, std::string_view text);

/// Writes a new file in place of one of that name, whole or not at all if it throws; for callers
/// that rename it themselves and hold the folder's folder_lock.
void write_new_file(const std::filesystem::path& path, std::string_view text);

/// Gives a file the name of another, which it replaces. Throws input_error if it cannot.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes the names of a folder's files last.
void synchronise_folder(const std::filesystem::path& folder);

/// Appends to a file, all of the rows or none; begins a new file with the header. Other processes
/// may do the same at the same time; a link of that name is refused. Throws input_error naming the
/// file and the cause.
void append_whole(const std::filesystem::path& path,
                  std::string_view header,
                  std::string_view rows);

/// Makes a folder and those above it. A link in place of a folder of ours, the last part of the
/// path, is replaced, not followed, if `replace_link` says so. Throws input_error naming the cause.
void make_folder(const std::filesystem::path& path, bool replace_link = false);

/// Throws input_error if no file could be written into a folder, making it if need be.
void try_folder(const std::filesystem::path& path);

/// Throws input_error if write_whole could not write a file now. Changes nothing.
void try_file(const std::filesystem::path& path);

}  // namespace cugamma
