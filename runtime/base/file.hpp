#pragma once
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ocelot {

// The whole of a small file of this host (procfs, sysfs, a configuration file), at most 16 MiB.
std::string read_file(int dir, const std::string& path);
std::optional<std::string> read_file_if_exists(int dir, const std::string& path);
// The same of a file that may have been damaged: throws for one that is no regular file, without
// waiting for anything.
std::optional<std::string> read_regular_file_if_exists(int dir, const std::string& path);

// One write of a kernel file; the error names the file and the value.
void write_value(int dir, const std::string& path, std::string_view value);

// Replaces `path` so that a reader sees the old bytes or the new ones: a new file beside it, then
// rename. The new file is never reached through a symbolic link, and is removed if anything fails.
void write_atomically(int dir, const std::string& path, std::string_view bytes, mode_t mode);
// The same of what `write` writes to the new file.
void write_atomically(int dir, const std::string& path, mode_t mode,
                      const std::function<void(int file)>& write);
// The same, and what was written is on the disk when it returns. man: fsync(2)
void write_durably(int dir, const std::string& path, std::string_view bytes, mode_t mode);

}  // namespace ocelot
