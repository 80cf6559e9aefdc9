#include "shim/exec_notes.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/process_identity.hpp"
#include "runtime/store.hpp"

namespace ocelot::shim {
namespace {

using nlohmann::json;

constexpr const char* directory_name = "execs";

std::string path_of(const std::string& name) {
  return fmt::format("{}/{}", directory_name, name);
}

ProcessIdentity identity_in(const std::string& note) {
  const json document = json::parse(note);
  return {.pid = document.at("pid"),
          .pidfd_inode = document.at("pidfdInode"),
          .start_time = document.at("startTime"),
          .boot_id = document.at("bootId")};
}

std::optional<NotedExec> running(int directory, const std::string& name) {
  try {
    const auto note = read_regular_file_if_exists(directory, name);
    if (!note || !is_id(name)) return std::nullopt;
    const ProcessIdentity identity = identity_in(*note);
    auto pidfd = open_process(identity);
    if (!pidfd) return std::nullopt;
    return NotedExec{name, identity.pid, std::move(*pidfd)};
  } catch (const json::exception&) {  // cut, when the shim was killed
    return std::nullopt;
  }
}

}  // namespace

void note_exec(int state_directory, const std::string& name, pid_t pid, int pidfd) {
  const ProcessIdentity identity = identify(pid, pidfd);
  const json note{{"pid", identity.pid},
                  {"pidfdInode", identity.pidfd_inode},
                  {"startTime", identity.start_time},
                  {"bootId", identity.boot_id}};
  sys::make_directory_unless_exists(state_directory, directory_name, 0700);
  const UniqueFd file = sys::open(state_directory, path_of(name),
                                  O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0600);
  sys::write_all(file.get(), note.dump());
}

void drop_exec_note(int state_directory, const std::string& name) noexcept {
  try {
    sys::unlink_if_exists(state_directory, path_of(name));
  } catch (const Error&) {
    // A process that is gone is not found by its note.
  }
}

std::vector<NotedExec> noted_execs(int state_directory) {
  std::vector<NotedExec> all;
  const auto directory =
      sys::open_if_exists(state_directory, directory_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) return all;
  for (const sys::DirectoryEntry& entry : sys::read_directory(directory->get())) {
    if (auto exec = running(directory->get(), entry.name)) {
      all.push_back(std::move(*exec));
    } else {
      sys::unlink_if_exists(directory->get(), entry.name);
    }
  }
  return all;
}

}  // namespace ocelot::shim
