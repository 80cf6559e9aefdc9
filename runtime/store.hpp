#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/fd.hpp"

namespace ocelot {

// The directory of one container, with its lock held: whoever has one may change the container.
//
// The lock file names the holder. A container's directory that was made here removes itself, unless
// committed.
class ContainerDirectory {
 public:
  ContainerDirectory(ContainerDirectory&&) noexcept = default;
  ContainerDirectory& operator=(ContainerDirectory&&) noexcept = default;
  ~ContainerDirectory();

  int fd() const { return directory_.get(); }
  const std::string& id() const { return id_; }
  // Keeps what was made.
  void commit() { remove_when_destroyed_ = false; }
  // Removes the directory and all files in it. The lock ends with this object.
  void remove();

 private:
  friend class Store;
  ContainerDirectory(UniqueFd root, std::string id, UniqueFd directory, UniqueFd lock,
                     bool made_here);

  UniqueFd root_;
  std::string id_;
  UniqueFd directory_;
  UniqueFd lock_;
  bool remove_when_destroyed_ = false;
};

// The state directory (--root): a directory a container.
class Store {
 public:
  // Makes the directory with mode 0700 where it is missing. Refuses one that others may write to.
  static Store open_or_make(const std::string& path);
  // nullopt when it does not exist: there are no containers then.
  static std::optional<Store> open(const std::string& path);

  // The directory of one container, for whoever is only to connect to a socket in it: that needs no
  // right to list the store, which may be root's. nullopt: no such container.
  static std::optional<UniqueFd> reach(const std::string& path, const std::string& id);
  // Whether the store is there, and somebody else's.
  static bool is_foreign(const std::string& path) noexcept;

  int fd() const { return root_.get(); }

  // Throws Error{AlreadyExists}, or Error{InvalidArgument} for an id that is no file name or holds
  // other characters.
  ContainerDirectory create(const std::string& id, const char* operation) const;
  // Waits for another operation on the container to end, 10 s at most; then an Error that names it.
  // nullopt: no such container.
  std::optional<ContainerDirectory> lock(const std::string& id, const char* operation) const;
  // To look only; never waits.
  std::optional<UniqueFd> look(const std::string& id) const;
  // All ids, sorted. What else somebody keeps there is passed over.
  std::vector<std::string> ids() const;

 private:
  explicit Store(UniqueFd root) : root_(std::move(root)) {}
  // Of a directory just made, which is removed if this fails.
  static ContainerDirectory open_made_directory(int root, const std::string& id);
  UniqueFd root_;
};

// The lock of a container whose directory is open, held as long as the descriptor (and its copies)
// are; empty when somebody else has it, or the container is gone.
UniqueFd try_lock(int directory, const char* operation);

// Throws Error{InvalidArgument}: letters, digits, _ + - and, but for the first, dots; 255
// characters at most.
void check_id(const std::string& id);
// The same but for the length, without a complaint.
bool is_id(std::string_view text);

// Throws Error{NotFound} with the text that engines look for.
[[noreturn]] void fail_not_found(const std::string& id);

}  // namespace ocelot
