#include "shim/socket_place.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <span>

#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"

namespace ocelot::shim {
namespace {

constexpr const char* directory_name = "control";
constexpr const char* socket_name = "control.sock";
constexpr mode_t to_pass_through = 0711;

void let_pass(const UniqueFd& directory) {
  const mode_t mode = sys::stat(directory.get()).st_mode & 07777;
  if ((mode & to_pass_through) != to_pass_through)
    sys::change_mode(directory.get(), mode | to_pass_through);
}

// What an earlier shim made for its guests, with their access to it.
void forget_guests(int state_directory) {
  const auto directory =
      sys::open_if_exists(state_directory, directory_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) return;
  sys::unlink_if_exists(directory->get(), socket_name);
  sys::remove_directory(state_directory, directory_name);
  sys::change_mode(state_directory, 0700);
}

class Guests {
 public:
  explicit Guests(const control::Authority::Members& members)
      : users_(members.operators), groups_(members.observer_groups) {
    users_.insert(users_.end(), members.observers.begin(), members.observers.end());
  }

  bool nobody() const { return users_.empty() && groups_.empty(); }

  void admit(const UniqueFd& file, mode_t mode) const {
    std::span<const gid_t> more = groups_;
    if (!more.empty()) {
      sys::change_owner(file.get(), static_cast<uid_t>(-1), more.front());
      more = more.subspan(1);
    }
    sys::change_mode(file.get(), mode);
    if (!users_.empty() || !more.empty()) sys::set_access_list(file.get(), mode, users_, more);
  }

 private:
  std::vector<uid_t> users_;
  std::vector<gid_t> groups_;
};

}  // namespace

control::Listener bind_socket(int state_directory, const control::Authority::Members& members) {
  const Guests guests{members};
  if (!control::Listener::exists(state_directory, socket_name)) forget_guests(state_directory);
  if (guests.nobody()) return control::Listener::bind(state_directory, {});

  const Context at{text("let others use the control socket")};
  sys::make_directory_unless_exists(state_directory, directory_name, 0700);
  const UniqueFd directory =
      sys::open(state_directory, directory_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  control::Listener listener = control::Listener::bind(directory.get(), {});
  guests.admit(sys::open(directory.get(), socket_name, O_PATH | O_NOFOLLOW), 0660);
  guests.admit(directory, 0750);
  sys::unlink_if_exists(state_directory, socket_name);
  sys::make_symlink(std::string(directory_name) + '/' + socket_name, state_directory, socket_name);
  let_pass(sys::open(state_directory, ".", O_PATH | O_DIRECTORY));
  let_pass(sys::open(state_directory, "..", O_PATH | O_DIRECTORY));
  return listener;
}

}  // namespace ocelot::shim
