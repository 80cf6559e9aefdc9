#include "tests/engines/ordinary_user.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/support/check.hpp"
#include "tests/support/runtime.hpp"

namespace ocelot::test {

OrdinaryUser::OrdinaryUser(const Sandbox& sandbox)
    : home_{sandbox / "home"}, runtime_directory_{sandbox / "runtime"} {
  const std::string id = std::to_string(kId);
  lay_over("/etc/passwd", sandbox / "passwd",
           "ordinary:x:" + id + ":" + id + "::" + home_ + ":/bin/sh\n");
  lay_over("/etc/group", sandbox / "group", "ordinary:x:" + id + ":\n");
  lay_over("/etc/subuid", sandbox / "subuid", "ordinary:200000:65536\n");
  lay_over("/etc/subgid", sandbox / "subgid", "ordinary:200000:65536\n");
  for (const std::string& directory : {home_, runtime_directory_}) {
    checked(::mkdir(directory.c_str(), 0700), "mkdir " + directory);
    checked(::chown(directory.c_str(), kId, kId), "chown " + directory);
  }
}

OrdinaryUser::~OrdinaryUser() {
  for (const std::string& path : covered_) {
    if (::umount(path.c_str()) != 0)
      Runtime::complaints().push_back(path + " stays covered: " + std::strerror(errno));
  }
}

void OrdinaryUser::lay_over(const std::string& path, const std::string& copy,
                            const std::string& line) {
  write_file(copy, read_file(path) + line);
  checked(::mount(copy.c_str(), path.c_str(), nullptr, MS_BIND, nullptr), "mount on " + path);
  covered_.push_back(path);
}

std::vector<std::string> OrdinaryUser::command(const std::vector<std::string>& words) const {
  const std::string id = std::to_string(kId);
  std::vector<std::string> line{"setpriv", "--reuid", id, "--regid", id, "--clear-groups"};
  line.insert(line.end(), words.begin(), words.end());
  return line;
}

std::vector<std::string> OrdinaryUser::environment() const {
  return {"HOME=" + home_, "TMPDIR=" + home_, "XDG_RUNTIME_DIR=" + runtime_directory_};
}

}  // namespace ocelot::test
