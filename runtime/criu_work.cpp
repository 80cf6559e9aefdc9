#include "runtime/criu_work.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/mount.h>

#include <array>
#include <map>

#include "oci/annotations.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"

namespace ocelot {
namespace {

template <typename Value>
struct Word {
  std::string_view word;
  Value value;
};
constexpr std::array<Word<criu::CgroupMode>, 5> cgroup_modes{
    {{"", criu::CgroupMode::soft},
     {"soft", criu::CgroupMode::soft},
     {"full", criu::CgroupMode::full},
     {"strict", criu::CgroupMode::strict},
     {"ignore", criu::CgroupMode::ignore}}};
constexpr std::array<Word<criu::NetworkLock>, 3> network_locks{
    {{"iptables", criu::NetworkLock::iptables},
     {"nftables", criu::NetworkLock::nftables},
     {"skip", criu::NetworkLock::skip}}};

// The command line has checked that it is one of them.
template <typename Words>
auto find(const Words& words, std::string_view word) {
  std::optional<decltype(words.front().value)> value;
  for (const auto& entry : words) {
    if (entry.word == word) value = entry.value;
  }
  return value;
}

// As crun and runc have it: the container's own, else one for all containers.
std::string config_file(const Annotations& annotations) {
  if (const std::string* own = find_annotation(annotations, criu_config_annotation)) return *own;
  for (const char* path : {"/etc/criu/ocelot.conf", "/etc/criu/crun.conf", "/etc/criu/runc.conf"}) {
    if (sys::try_access(path, R_OK) == 0) return path;
  }
  return {};
}

constexpr const char* root_name = "root";

// As criu looks for it.
std::string yard_name(const cgroups::Hierarchy& hierarchy) {
  if (hierarchy.unified) return "unified";
  constexpr std::string_view prefix = "name=";
  return hierarchy.name.starts_with(prefix) ? hierarchy.name.substr(prefix.size()) : hierarchy.name;
}

void reopen_directory(int fd, const std::string& path) {
  const UniqueFd again = sys::open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  if (!sys::same_file(sys::stat(fd), sys::stat(again.get())))
    throw Error{ErrorKind::Failed, fmt::format("{} was exchanged for another directory", path)};
  sys::duplicate_to(again.get(), fd);
}

}  // namespace

void CriuWork::enter_mounts(const cgroups::Hierarchies& hierarchies, int rootfs) const {
  sys::unshare(CLONE_NEWNS);
  mount_attr attributes{};
  attributes.propagation = MS_SLAVE;
  const UniqueFd host_root = sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  sys::set_mount_attributes(host_root.get(), attributes, AT_RECURSIVE);
  reopen_directory(images.get(), image_path);
  if (work) reopen_directory(work.get(), work_path);

  std::map<std::string, UniqueFd> trees;
  for (const cgroups::Hierarchy& hierarchy : hierarchies.all)
    trees.emplace(yard_name(hierarchy), sys::clone_tree(AT_FDCWD, hierarchy.mount_point));
  if (rootfs != -1) trees.emplace(root_name, sys::duplicate(rootfs));
  const UniqueFd yard = sys::FilesystemContext("tmpfs").mount(0);
  sys::attach(yard.get(), sys::open(AT_FDCWD, options.cgroup_yard, O_PATH | O_DIRECTORY).get());
  for (const auto& [name, tree] : trees) {
    sys::make_directory(yard.get(), name, 0700);
    sys::attach(tree.get(), sys::open(yard.get(), name, O_PATH | O_DIRECTORY).get());
  }
}

std::vector<int> CriuWork::kept() const {
  std::vector<int> fds{images.get()};
  if (work) fds.push_back(work.get());
  return fds;
}

CriuWork criu_work(const CriuOptions& options, const Annotations& annotations, const char* log_name,
                   Missing missing, const std::string& state_directory) {
  CriuWork work{.image_path = options.image_path, .work_path = options.work_path};
  work.images = open_image_directory(options.image_path, missing);
  check_images(work.images.get(), options.image_path);
  const bool separate = !options.work_path.empty();
  if (separate) work.work = open_image_directory(options.work_path, Missing::make);
  const std::string& log_path = separate ? options.work_path : options.image_path;
  work.log = {.directory = separate ? work.work.get() : work.images.get(),
              .name = log_name,
              .path = fmt::format("{}/{}", log_path, log_name)};
  work.options = {.images_dir_fd = work.images.get(),
                  .work_dir_fd = work.work.get(),
                  .log_file = log_name,
                  .root = fmt::format("{}/{}", state_directory, root_name),
                  .external_unix_sockets = options.external_unix_sockets,
                  .tcp_established = options.tcp_established,
                  .tcp_close = options.tcp_close,
                  .shell_job = options.shell_job,
                  .file_locks = options.file_locks,
                  .auto_dedup = options.auto_dedup,
                  .lazy_pages = options.lazy_pages,
                  .empty_namespaces = options.empty_network ? unsigned{CLONE_NEWNET} : 0u,
                  .cgroup_mode = *find(cgroup_modes, options.cgroup_mode),
                  .cgroup_yard = state_directory,
                  .network_lock = find(network_locks, options.network_lock),
                  .config_file = config_file(annotations)};
  // An earlier log is not what tells of this work.
  sys::unlink_if_exists(work.log.directory, log_name);
  return work;
}

}  // namespace ocelot
