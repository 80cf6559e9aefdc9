#include <fcntl.h>
#include <fmt/core.h>

#include <map>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"

namespace ocelot {
namespace {

// Names of users, from /etc/passwd alone: a program that is linked statically has no other source.
class UserNames {
 public:
  std::string of(uid_t uid) {
    if (!read_) read();
    const auto known = names_.find(uid);
    return known == names_.end() ? fmt::format("#{}", uid) : known->second;
  }

 private:
  void read() {
    read_ = true;
    const std::string passwd = read_file_if_exists(AT_FDCWD, "/etc/passwd").value_or("");
    for (const std::string_view line : split(passwd, '\n')) {
      const auto fields = split(line, ':');
      if (fields.size() < 3) continue;
      if (const auto uid = parse_integer<uid_t>(fields[2])) names_.emplace(*uid, fields[0]);
    }
  }

  bool read_ = false;
  std::map<uid_t, std::string> names_;
};

// nullopt for one that is not there, or not yet, or no more.
std::optional<ListedContainer> look_at(const Store& store, const std::string& id,
                                       UserNames& users) {
  const auto directory = store.look(id);
  if (!directory) return std::nullopt;
  ListedContainer listed;
  listed.state.owner = users.of(sys::stat(directory->get()).st_uid);
  try {
    auto record = load(directory->get());
    if (!record) return std::nullopt;
    const Container container{directory->get(), std::move(*record)};
    listed.state.oci = container.record().state(container.status());
    listed.state.rootfs = container.record().rootfs;
    listed.state.created = container.record().created;
  } catch (const Error& error) {
    listed.state.oci.id = id;
    listed.state.oci.status = oci::Status::stopped;
    listed.damage = error.what();
  }
  return listed;
}

}  // namespace

std::vector<ListedContainer> list(const GlobalOptions& global) {
  std::vector<ListedContainer> containers;
  const auto store = Store::open(global.root);
  if (!store) return containers;
  UserNames users;
  for (const std::string& id : store->ids()) {
    if (auto listed = look_at(*store, id, users)) containers.push_back(std::move(*listed));
  }
  return containers;
}

}  // namespace ocelot
