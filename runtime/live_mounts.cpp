#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>

#include <algorithm>

#include "oci/names.hpp"
#include "oci/paths.hpp"
#include "oci/read_spec.hpp"
#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_mounts.hpp"
#include "runtime/base/unix_socket.hpp"
#include "runtime/birth.hpp"
#include "runtime/channel.hpp"
#include "runtime/host.hpp"
#include "runtime/lookup.hpp"
#include "runtime/operations.hpp"
#include "runtime/plan/make_plan.hpp"
#include "runtime/saved_config.hpp"
#include "runtime/steps/rootfs.hpp"
#include "runtime/warnings.hpp"

namespace ocelot {
namespace {

constexpr const char* document_name = "mounts";

// A container whose mounts change, and a process of ours inside of it that changes them: the
// runtime itself never enters.
class Target {
 public:
  Target(const GlobalOptions& global, const Container& container, int directory)
      : init_(container.living_init("container not running")) {
    const auto config = load_config(directory);
    spec = oci::read_spec(config.value_or("{}")).spec;
    if (!spec.process || !spec.linux_)
      throw Error{ErrorKind::Failed, "saved config.json: missing or damaged"}.with_hint(
          "`delete --force` removes what is left of the container");
    host = gather_host(spec, global);
    plan.bundle = container.record().bundle;
    plan.namespaces = plan_namespaces(*spec.linux_, host);
    plan.process.which_groups = Groups::denied;
    plan.rootfs.host_propagation = host_propagation(spec.linux_->rootfs_propagation);
    for (const oci::Namespace& entry : spec.linux_->namespaces)
      join_ |= static_cast<int>(oci::clone_flag(entry.type));
  }

  void attach(const MountStep& step) const {
    Plan one = plan;
    one.rootfs.mounts = {step};
    MountSources sources;
    if (host.facts.privileged) sources.binds = open_binds(one.rootfs, 0);
    inside([&](const Channel& runtime) {
      if (host.facts.privileged) {
        enter();
      } else {
        sources.binds = enter_with_copies(one.rootfs);
      }
      // A procfs shows the pid namespace of who makes it: only a child is in the container's.
      ChildProcess child = spawn(
          "ocelot:[2:MOUNTS]", {},
          [&] {
            seal(attach_mounts(
                Root{sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY)}, one, sources,
                [](std::size_t) { return std::deque<UniqueFd>{}; }, host.hierarchies));
            return 0;
          },
          [&](const Error& error) { runtime.tell_failure(error); });
      return child.wait().shell_status();
    });
  }

  // What lies at the destination, on top. It must be named by its own path, but where it was
  // mounted through links, `links` are followed as then.
  enum class Links { refused, followed };
  void detach(const std::string& destination, Links links) const {
    inside([&](const Channel&) {
      const UniqueFd own = sys::open(AT_FDCWD, "/proc/self/fd", O_PATH | O_DIRECTORY);
      enter();
      Context at{[&] { return fmt::format("unmounting \"{}\"", destination); }};
      const Root root{sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY)};
      auto found = links == Links::followed ? root.find(destination) : std::nullopt;
      const UniqueFd mount = found ? std::move(*found) : root.plain(destination);
      if (destination == "/")
        throw Error{ErrorKind::InvalidArgument, "is the container's root"}.with_hint(
            "`delete` ends the container");
      const int error_number = sys::try_detach_mount(own.get(), mount.get());
      if (error_number == EINVAL)
        throw Error{ErrorKind::InvalidArgument, "nothing is mounted there", error_number}.with_hint(
            "/proc/PID/mountinfo of the container's process lists its mounts");
      if (error_number != 0) sys::fail(error_number, "umount2");
      return 0;
    });
  }

  // The failure that led here is the one to tell.
  void detach_quietly(const std::string& destination) const noexcept {
    try {
      detach(destination, Links::followed);
    } catch (const Error& error) {
      log::debug(error.what());
    }
  }

  oci::Spec spec;
  Host host;
  Plan plan;

 private:
  // `body` in a process of its own; throws what that could not do.
  template <typename Body>
  static void inside(Body&& body) {
    SocketPair pair = socket_pair();
    Channel theirs{std::move(pair.theirs)};
    ChildProcess process = spawn(
        "ocelot:[1:MOUNTS]", {},
        [&] {
          pair.ours.reset();
          return body(theirs);
        },
        [&](const Error& error) { theirs.tell_failure(error); });
    theirs.close();
    try {
      Channel{std::move(pair.ours)}.receive_end();
    } catch (const Error&) {
      // It collects its child first: the container's pid namespace cannot end before.
      process.wait();
      throw;
    }
    const ExitStatus status = process.wait();
    if (!status.success()) {
      throw Error{ErrorKind::Failed,
                  fmt::format("the process that mounts ended with {}", status.describe())};
    }
  }

  // All at once, for some of the namespaces may not belong to the container's user namespace.
  void enter() const {
    // Whoever is in the container must not trace what joins it (CVE-2016-9962).
    sys::set_dumpable(false);
    sys::set_namespace(init_.get(), join_);
    if ((join_ & CLONE_NEWUSER) != 0) become_root(plan.namespaces, plan.process);
  }

  // A caller without privileges copies the host's mounts as root of the container's user namespace.
  std::deque<UniqueFd> enter_with_copies(const RootfsPlan& rootfs) const {
    sys::set_dumpable(false);
    sys::set_namespace(init_.get(), CLONE_NEWUSER);
    become_root(plan.namespaces, plan.process);
    sys::unshare(CLONE_NEWNS);
    std::deque<UniqueFd> copies = open_binds(rootfs, 0);
    sys::set_namespace(init_.get(), join_ & ~CLONE_NEWUSER);
    return copies;
  }

  UniqueFd init_;
  int join_ = 0;
};

oci::ReadMounts read(const std::string& document) {
  Context at{text(document_name)};
  return oci::read_mounts(document);
}

}  // namespace

void add_mounts(const GlobalOptions& global, const std::string& id, const std::string& document) {
  const oci::ReadMounts wanted = read(document);
  const ContainerDirectory directory = lock_container(global, id, "mounts");
  const Container container = load_container(directory.fd(), id);
  const Target target{global, container, directory.fd()};
  const oci::Violations violations =
      oci::merge(wanted.violations, oci::validate(wanted.mounts, target.spec, target.host.facts));
  oci::refuse(violations, document_name);
  warn_of(violations, document_name);
  tell_unknown(wanted.unknown, document_name);

  const std::vector<MountStep> steps = plan_mounts(wanted.mounts, target.plan.namespaces,
                                                   target.plan.bundle, label_option(target.spec));
  for (const MountStep& step : steps) {
    if (step.kind == MountKind::remount)
      throw Error{ErrorKind::InvalidArgument,
                  fmt::format("{}: mount at \"{}\": remount cannot be undone when another mount of "
                              "the list fails",
                              document_name, step.destination)}
          .with_hint("remove what is mounted there, then add it as it should be");
    // It is a copy of the host's, which nobody finds who has entered.
    if (step.kind == MountKind::cgroup)
      throw Error{ErrorKind::InvalidArgument,
                  fmt::format("{}: mount at \"{}\": cgroups are mounted when the container is "
                              "created, and not later",
                              document_name, step.destination)}
          .with_hint("bind the directory that its cgroup has on the host");
  }
  auto next = steps.begin();
  try {
    for (; next != steps.end(); ++next) target.attach(*next);
  } catch (const Error&) {
    std::for_each(std::reverse_iterator{next}, steps.rend(),
                  [&](const MountStep& step) { target.detach_quietly(step.destination); });
    throw;
  }
}

void remove_mounts(const GlobalOptions& global, const std::string& id,
                   const std::string& document) {
  const oci::ReadMounts unwanted = read(document);
  oci::refuse(unwanted.violations, document_name);
  const ContainerDirectory directory = lock_container(global, id, "mounts");
  const Container container = load_container(directory.fd(), id);
  const Target target{global, container, directory.fd()};
  for (auto mount = unwanted.mounts.rbegin(); mount != unwanted.mounts.rend(); ++mount)
    target.detach(oci::clean_path(mount->destination), Target::Links::refused);
}

}  // namespace ocelot
