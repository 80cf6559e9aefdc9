#include "runtime/store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/text.hpp"
#include "runtime/host.hpp"

namespace ocelot {
namespace {

constexpr const char* lock_name = "lock";
constexpr int lock_timeout_ms = 10'000;

// Needs no descriptor of its own, so that a create that ran out of them can undo what it did.
void remove_files(int directory) {
  for (const sys::DirectoryEntry& entry : sys::read_directory(directory)) {
    if (entry.type == DT_DIR) {
      const UniqueFd inner = sys::open(directory, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      remove_files(inner.get());
      sys::remove_directory(directory, entry.name);
    } else {
      sys::unlink_if_exists(directory, entry.name);
    }
  }
}

enum class Owner { ours, ours_or_root };

void check_owner(const std::string& path, int fd, Owner owner) {
  const struct stat facts = sys::stat(fd);
  const bool as_wanted =
      facts.st_uid == sys::effective_uid() || (owner == Owner::ours_or_root && facts.st_uid == 0);
  if (as_wanted && (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0) return;
  throw Error{
      ErrorKind::InvalidArgument,
      fmt::format("state directory {} belongs to another user or can be written by others", path)}
      .with_hint("choose another --root, or make it yours: chown and chmod go-w");
}

// In a user namespace the host's root has no number.
bool is_unmapped(uid_t uid) {
  constexpr uid_t overflow = 65534;
  return uid == overflow && in_user_namespace();
}

// Who may rename a directory of the path could put another in its place.
void check_parents(const std::string& path, int fd) {
  UniqueFd above;
  for (struct stat child = sys::stat(fd);;) {
    UniqueFd parent = sys::open(fd, "..", O_PATH | O_DIRECTORY);
    const struct stat facts = sys::stat(parent.get());
    if (sys::same_file(facts, child)) return;
    const bool of_somebody_else =
        facts.st_uid != 0 && facts.st_uid != sys::effective_uid() && !is_unmapped(facts.st_uid);
    const bool writable = (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (of_somebody_else || (writable && (facts.st_mode & S_ISVTX) == 0)) {
      throw Error{
          ErrorKind::InvalidArgument,
          fmt::format("a directory above the state directory {} belongs to another user or "
                      "can be written by others: {}",
                      path,
                      sys::read_link(AT_FDCWD, fmt::format("/proc/self/fd/{}", parent.get())))}
          .with_hint("choose another --root, or make that one root's: chown and chmod go-w");
    }
    above = std::move(parent);
    fd = above.get();
    child = facts;
  }
}

void make_with_parents(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    sys::make_directory_unless_exists(AT_FDCWD, path.substr(0, slash), 0711);
  }
  sys::make_directory_unless_exists(AT_FDCWD, path, 0700);
}

// The name is still that of the directory whose lock we got: whoever held it before may have
// removed it.
bool still_there(int root, const std::string& id, int directory) {
  const auto named = sys::stat_if_exists(root, id);
  return named && sys::same_file(*named, sys::stat(directory));
}

void name_holder(int lock, const char* operation) {
  sys::truncate(lock, 0);
  sys::write_all(lock, fmt::format("{} {}\n", sys::process_id(), operation));
}

}  // namespace

bool is_id(std::string_view text) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '+' || c == '-' || c == '.';
  };
  return !text.empty() && text.front() != '.' && std::all_of(text.begin(), text.end(), allowed);
}

void check_id(const std::string& id) {
  if (id.empty())
    throw Error{ErrorKind::InvalidArgument, "container id cannot be empty"}.with_hint(
        "give the container a name");
  if (!is_id(id)) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("invalid container ID format: {}", printable(id))}
        .with_hint("use letters, digits, '_', '+', '-' and, but for the first character, '.'");
  }
  if (id.size() > 255)
    throw Error{ErrorKind::InvalidArgument,
                "invalid container ID format: longer than 255 characters"}
        .with_hint("the id is the name of a directory: choose a shorter one");
}

void fail_not_found(const std::string& id) {
  throw Error{ErrorKind::NotFound, fmt::format("container \"{}\" does not exist", id)}.with_hint(
      "containers are looked up below --root: it must be the one that the container was created "
      "with");
}

ContainerDirectory::ContainerDirectory(UniqueFd root, std::string id, UniqueFd directory,
                                       UniqueFd lock, bool made_here)
    : root_(std::move(root)),
      id_(std::move(id)),
      directory_(std::move(directory)),
      lock_(std::move(lock)),
      remove_when_destroyed_(made_here) {}

ContainerDirectory::~ContainerDirectory() {
  if (!directory_ || !remove_when_destroyed_) return;
  try {
    remove();
  } catch (const Error&) {
    // The first failure is the one to tell; `delete --force` removes what is left.
  }
}

void ContainerDirectory::remove() {
  Context at{[&] { return fmt::format("remove state of {}", id_); }};
  remove_when_destroyed_ = false;
  // Another process that came for the same container may have made the lock file anew, before it
  // learns that the directory is being removed.
  constexpr int attempts = 100;
  for (int attempt = 1;; ++attempt) {
    try {
      remove_files(directory_.get());
    } catch (const Error& error) {
      if (error.error_number() != ENOENT) throw;  // that other process has removed it
    }
    if (attempt == attempts) return sys::remove_directory(root_.get(), id_);
    const int error_number = sys::try_remove_directory(root_.get(), id_);
    if (error_number == 0 || error_number == ENOENT) return;
    if (error_number != ENOTEMPTY) sys::fail(error_number, fmt::format("rmdir {}", id_));
  }
}

Store Store::open_or_make(const std::string& path) {
  auto store = open(path);
  if (store) return std::move(*store);
  make_with_parents(path);
  store = open(path);
  if (!store) sys::fail(ENOENT, fmt::format("state directory {}", path));
  return std::move(*store);
}

std::optional<Store> Store::open(const std::string& path) {
  auto root = sys::open_if_exists(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  if (!root) return std::nullopt;
  check_owner(path, root->get(), Owner::ours);
  check_parents(path, root->get());
  return Store{std::move(*root)};
}

std::optional<UniqueFd> Store::reach(const std::string& path, const std::string& id) {
  check_id(id);
  const auto root = sys::open_if_exists(AT_FDCWD, path, O_PATH | O_DIRECTORY);
  if (!root) return std::nullopt;
  check_owner(path, root->get(), Owner::ours_or_root);
  check_parents(path, root->get());
  return sys::open_if_exists(root->get(), id, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

bool Store::is_foreign(const std::string& path) noexcept {
  const auto facts = sys::stat_following(path);
  return facts && facts->st_uid != sys::effective_uid();
}

ContainerDirectory Store::open_made_directory(int root, const std::string& id) {
  try {
    UniqueFd store = sys::duplicate(root);
    UniqueFd directory = sys::open(root, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    UniqueFd lock = sys::open(directory.get(), lock_name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    return {std::move(store), id, std::move(directory), std::move(lock), true};
  } catch (const Error&) {
    static_cast<void>(sys::try_remove_directory(root, id));  // it is still empty
    throw;
  }
}

ContainerDirectory Store::create(const std::string& id, const char* operation) const {
  check_id(id);
  if (!sys::make_directory_unless_exists(fd(), id, 0700)) {
    throw Error{ErrorKind::AlreadyExists, "container with given ID already exists"}.with_hint(
        fmt::format("`state {0}` shows it, `delete --force {0}` removes it, also one "
                    "that was never finished",
                    id));
  }
  ContainerDirectory made = open_made_directory(fd(), id);
  if (!sys::lock_exclusive(made.lock_.get(), lock_timeout_ms) ||
      !still_there(fd(), id, made.fd())) {
    made.commit();
    throw Error{ErrorKind::Failed, fmt::format("container {} was deleted while it was created", id)}
        .with_hint("create it again");
  }
  name_holder(made.lock_.get(), operation);
  return made;
}

UniqueFd try_lock(int directory, const char* operation) {
  int error_number = 0;
  UniqueFd lock = sys::try_openat2(directory, lock_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC,
                                   RESOLVE_NO_SYMLINKS, error_number);
  if (!lock || !sys::lock_exclusive(lock.get(), 0)) return {};
  name_holder(lock.get(), operation);
  return lock;
}

std::optional<ContainerDirectory> Store::lock(const std::string& id, const char* operation) const {
  check_id(id);
  auto directory = sys::open_if_exists(fd(), id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) return std::nullopt;
  UniqueFd lock = sys::open(directory->get(), lock_name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (!sys::lock_exclusive(lock.get(), lock_timeout_ms)) {
    const std::string holder(trim(sys::read_all(lock.get(), 4096)));
    throw Error{ErrorKind::WrongState,
                fmt::format("container {} is busy: held by process {}", id, printable(holder))}
        .with_hint("wait for that operation, or end that process, and try again");
  }
  if (!still_there(fd(), id, directory->get())) return std::nullopt;
  name_holder(lock.get(), operation);
  return ContainerDirectory{sys::duplicate(fd()), id, std::move(*directory), std::move(lock),
                            false};
}

std::optional<UniqueFd> Store::look(const std::string& id) const {
  check_id(id);
  return sys::open_if_exists(fd(), id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

std::vector<std::string> Store::ids() const {
  std::vector<std::string> ids;
  for (const sys::DirectoryEntry& entry : sys::list_directory(fd())) {
    const bool directory = entry.type == DT_DIR || entry.type == DT_UNKNOWN;
    if (directory && is_id(entry.name)) ids.push_back(entry.name);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace ocelot
