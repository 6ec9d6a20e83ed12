// Reading and writing: the only place where natc touches files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "syntax/load.hpp"

namespace natc::cli {

/// Where standard input, output or error is closed, opens something in its place that can be neither read nor written: no file that natc opens
/// shall be taken for it.
void open_standard_descriptors();

/// Reads a file, or standard input for `-`. `error` of the result says why it could not, in the system's words. Reads no more than a
/// little over what a file of the language may have.
[[nodiscard]] syntax::LoadedFile read_file(const std::string& path);

/// Whether it could not be read, which is then said on standard error.
[[nodiscard]] bool is_unread(const syntax::LoadedFile& file);

/// The same of a command's input; where it cannot be read, says so on standard error.
[[nodiscard]] std::optional<syntax::LoadedFile> read_input(const std::string& path);

/// Where the file is that an `include` means: paths are relative to the file that they stand in.
[[nodiscard]] std::string path_of_included(std::string_view path, std::string_view from);

/// The loader for `include`.
[[nodiscard]] syntax::LoadedFile read_included(std::string_view path, std::string_view from);

/// Where natc was run; `/` if nothing tells.
[[nodiscard]] std::string working_directory();

/// Writes all of a text to standard output. Empty if that went well, else why not.
[[nodiscard]] std::string write_output(std::string_view text);

/// Replaces a file as a whole, or leaves it as it was. Of a link, what it leads to is replaced. What is no regular file (a device, a pipe) is written to,
/// and so is what natc has open (`/dev/stdout`, `/dev/fd/3`). Empty if that went well, else why not.
[[nodiscard]] std::string replace_file(const std::string& path, std::string_view text);

/// Whether both paths lead to one file that exists; devices and pipes aside, which take nothing away when they are written to.
[[nodiscard]] bool same_file(const std::string& a, const std::string& b);

}  // namespace natc::cli
