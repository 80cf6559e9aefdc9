#include "tests/engines/image.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/support/check.hpp"

namespace ocelot::test {
namespace {

namespace fs = std::filesystem;

std::string must(const Sandbox& sandbox, const std::vector<std::string>& argv) {
  Output output = test::run(argv, sandbox.options());
  if (output.status != 0) throw std::runtime_error(argv[0] + " failed: " + output.err + output.out);
  return output.out;
}

void make_rootfs(const Sandbox& sandbox, const fs::path& rootfs) {
  for (const char* directory : {"bin", "dev", "etc", "proc", "root", "run", "sys", "tmp"})
    fs::create_directories(rootfs / directory);
  fs::permissions(rootfs / "tmp", fs::perms::all | fs::perms::sticky_bit);
  fs::copy_file("/bin/busybox", rootfs / "bin/busybox");
  std::istringstream applets{must(sandbox, {"/bin/busybox", "--list"})};
  for (std::string applet; std::getline(applets, applet);)
    if (applet != "busybox") fs::create_symlink("busybox", rootfs / "bin" / applet);
  write_file(rootfs / "etc/passwd",
             "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/tmp:/bin/sh\n");
  write_file(rootfs / "etc/group", "root:x:0:\nstaff:x:50:alice\nalice:x:1000:\n");
}

}  // namespace

std::string busybox_archive(const Sandbox& sandbox, const std::string& name,
                            const std::string& user) {
  const fs::path place = sandbox / ("image-" + name);
  const std::string archive = place / "image.tar";
  if (fs::exists(archive)) return archive;
  fs::create_directory(place);
  make_rootfs(sandbox, place / "rootfs");
  const std::string layout = place / "layout";
  const std::string image = layout + ":" + name;
  must(sandbox, {"umoci", "init", "--layout", layout});
  must(sandbox, {"umoci", "new", "--image", image});
  must(sandbox, {"umoci", "insert", "--image", image, place / "rootfs", "/"});
  must(sandbox, {"umoci", "config", "--image", image, "--config.env", "PATH=/bin", "--config.cmd",
                 "/bin/sh", "--config.user", user});
  must(sandbox, {"tar", "-C", layout, "-cf", archive, "."});
  return archive;
}

std::string busybox_tree(const Sandbox& sandbox) {
  const fs::path place = sandbox / "tree";
  const std::string archive = place / "tree.tar";
  make_rootfs(sandbox, place / "rootfs");
  must(sandbox, {"tar", "-C", place / "rootfs", "-cf", archive, "."});
  return archive;
}

}  // namespace ocelot::test
