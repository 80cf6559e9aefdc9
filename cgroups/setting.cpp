#include "cgroups/setting.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "cgroups/undo.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot::cgroups {
namespace {

std::string number_in(const Cgroup& cgroup, const char* v1_file, const char* v2_file) {
  const auto text = cgroup.read(v1_file);
  return std::string(trim(text ? *text : cgroup.read(v2_file).value_or("unknown")));
}

// Which processors or memory nodes there are to choose from.
std::string cpuset_hint(const Cgroup& cgroup, const std::string& file) {
  const std::string part = file.ends_with("mems") ? "mems" : "cpus";
  return fmt::format("a list such as 0-3,8 of what the parent cgroup has: the {} there are {}",
                     part == "mems" ? "memory nodes" : "processors",
                     number_in(cgroup, ("cpuset.effective_" + part).c_str(),
                               ("cpuset." + part + ".effective").c_str()));
}

std::string hint(const Cgroup& cgroup, const Setting& setting, int error_number) {
  const std::string_view controller = controller_of(setting.file);
  if (controller == "cpuset" &&
      (error_number == EINVAL || error_number == ERANGE || error_number == EACCES))
    return cpuset_hint(cgroup, setting.file);
  switch (error_number) {
    case ENOENT:
      if (setting.file.starts_with("memory.memsw.") || setting.file.starts_with("memory.swap.")) {
        return "the kernel does not account swap: boot with swapaccount=1";
      }
      if (setting.file.find("weight") != std::string::npos) {
        return "no I/O scheduler with weights is in use (bfq, or the io.cost controller)";
      }
      return fmt::format(
          "the kernel has no such file, or the controller {} is not enabled for this cgroup",
          controller);
    case EBUSY:
      if (controller != "memory") return "a process or a child cgroup is in the way";
      return fmt::format(
          "the cgroup uses more than that and the kernel cannot reclaim it (current usage: {}, "
          "peak usage: {})",
          number_in(cgroup, "memory.usage_in_bytes", "memory.current"),
          number_in(cgroup, "memory.max_usage_in_bytes", "memory.peak"));
    case EINVAL:
      if (setting.file.starts_with("cpu.rt_"))
        return "the parent cgroup has no such real-time share left to give";
      return "the value is out of range, or contradicts another setting of this cgroup or of its "
             "parent";
    case EACCES:
    case EPERM:
    case EROFS:
      return "the caller may not change this: is the cgroup delegated to it?";
    case ENODEV:
    case ENXIO:
      return "there is no such device";
    case EOPNOTSUPP:
      return "this kernel has dropped that limit";
    default:
      return {};
  }
}

[[noreturn]] void refuse(const Cgroup& cgroup, const Setting& setting, int error_number) {
  const ErrorKind kind = error_number == ENOENT || error_number == EOPNOTSUPP
                             ? ErrorKind::Unsupported
                             : ErrorKind::Failed;
  throw Error{kind,
              fmt::format("write \"{}\" to {}/{}", printable(setting.value), cgroup.directory(),
                          printable(setting.file)),
              error_number}
      .with_hint(hint(cgroup, setting, error_number));
}

// The descriptor of the file written last: device rules are a dozen writes to one file.
class OpenFile {
 public:
  int try_write(const Cgroup& cgroup, const Setting& setting, Undo* undo) {
    auto before = undo == nullptr ? std::nullopt : Undo::before(cgroup, setting);
    const int error_number = try_write_alone(cgroup, setting);
    if (error_number == 0 && before) undo->add(std::move(*before));
    return error_number;
  }

 private:
  int try_write_alone(const Cgroup& cgroup, const Setting& setting) {
    if (setting.file != name_ || !fd_) {
      int error_number = 0;
      name_ = setting.file;
      fd_ = try_open_file(cgroup.fd(), setting.file, O_WRONLY, error_number);
      if (!fd_) return error_number;
    }
    return sys::try_write_value(fd_.get(), setting.value);
  }

  std::string name_;
  UniqueFd fd_;
};

void write_one_controller(std::span<const Setting> settings, const Cgroup& cgroup, Undo* undo) {
  OpenFile file;
  std::vector<const Setting*> again;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const Setting& setting = settings[i];
    const int error_number = file.try_write(cgroup, setting, undo);
    if (error_number == ENOENT && setting.missing != Missing::error) continue;
    if (error_number == EINVAL) {
      again.push_back(&setting);
    } else if (error_number != 0) {
      refuse(cgroup, setting, error_number);
    }
    if (setting.missing == Missing::alternative) ++i;
  }
  for (const Setting* setting : again) {
    if (const int error_number = file.try_write(cgroup, *setting, undo))
      refuse(cgroup, *setting, error_number);
  }
}

}  // namespace

std::string_view controller_of(std::string_view file) {
  return file.substr(0, file.find('.'));
}

void write(const Settings& settings,
           const std::function<const Cgroup&(std::string_view)>& cgroup_of, Undo* undo) {
  for (auto begin = settings.begin(); begin != settings.end();) {
    const std::string_view controller = controller_of(begin->file);
    const auto end = std::find_if(begin, settings.end(), [&](const Setting& each) {
      return controller_of(each.file) != controller;
    });
    write_one_controller({begin, end}, cgroup_of(controller), undo);
    begin = end;
  }
}

}  // namespace ocelot::cgroups
