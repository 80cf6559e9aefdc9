#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/engines/podman.hpp"
#include "tests/support/check.hpp"

// The container's files: root, volumes, tmpfs, devices, and what is hidden from it.

namespace ocelot::test {

namespace fs = std::filesystem;

struct FilesCase : PodmanCase {
  FilesCase() {
    fs::create_directories(volume);
    write_file(volume + "/in", "from outside\n");
  }
  ~FilesCase() { fs::remove_all(volume); }
  const std::string volume = Podman::instance().sandbox() / "volume";
};

BOOST_FIXTURE_TEST_SUITE(podman_files, FilesCase)

BOOST_AUTO_TEST_CASE(a_volume_is_shared_with_the_host) {
  BOOST_TEST(
      same_as_runc("cat /v/in; echo from inside > /v/out", {"--volume", volume + ":/v"}).out ==
      "from outside\n");
  BOOST_TEST(read_file(volume + "/out") == "from inside\n");
}

BOOST_AUTO_TEST_CASE(a_read_only_volume_refuses_writing) {
  Output output = same_as_runc("cat /v/in; echo x > /v/out", {"--volume", volume + ":/v:ro"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(output.err.find("Read-only file system") != std::string::npos, output.err);
  BOOST_TEST(!fs::exists(volume + "/out"));
}

BOOST_AUTO_TEST_CASE(a_single_file_can_be_mounted) {
  BOOST_TEST(same_as_runc("cat /etc/motd", {"--volume", volume + "/in:/etc/motd:ro"}).out ==
             "from outside\n");
}

BOOST_AUTO_TEST_CASE(a_named_volume_outlives_its_container) {
  for (With with : kBoth) {
    podman.must(podman.run_words(with, {"--volume", "kept:/v"}, {"sh", "-c", "echo kept > /v/f"}));
    BOOST_TEST(podman.must(podman.run_words(with, {"--volume", "kept:/v"}, {"cat", "/v/f"})) ==
               "kept");
    podman.must({"volume", "rm", "kept"});
  }
}

BOOST_AUTO_TEST_CASE(a_readonly_tmpfs_takes_volumes) {
  const Output output = same_as_runc("cat /t/volume/in; touch /t/new 2>&1 | grep -c Read-only",
                                     {"--tmpfs", "/t:ro", "-v", volume + ":/t/volume"});
  BOOST_TEST(output.out == "from outside\n1\n");
}

BOOST_AUTO_TEST_CASE(tmpfs_has_its_size_and_a_copy_of_what_it_covers) {
  BOOST_TEST(same_as_runc("grep ' /t ' /proc/mounts; dd if=/dev/zero of=/t/f bs=1024 count=2000",
                          {"--tmpfs", "/t:size=1m,mode=1777"})
                 .out == "tmpfs /t tmpfs rw,nosuid,nodev,relatime,size=1024k 0 0\n");
  BOOST_TEST(same_as_runc("head -n 1 /etc/passwd", {"--tmpfs", "/etc"}).out ==
             "root:x:0:0:root:/root:/bin/sh\n");
}

BOOST_AUTO_TEST_CASE(a_read_only_root_refuses_writing_but_tmp_and_run_do_not) {
  Output output = same_as_runc(
      "echo x > /tmp/x && echo x > /run/x && echo x > /dev/shm/x && "
      "echo fine; echo x > /x",
      {"--read-only"});
  BOOST_TEST(output.out == "fine\n");
  BOOST_TEST(output.status == 1);
  BOOST_TEST(output.err.find("Read-only file system") != std::string::npos, output.err);
}

BOOST_AUTO_TEST_CASE(the_mount_table_is_the_same) {
  // But for the overlay's own options, how a masked path is hidden, and the tmpfs that holds the
  // cgroup mounts, which runc leaves writable.
  BOOST_TEST(
      same_as_runc(
          "grep -vE '^overlay| /(proc/(acpi|keys|timer_list)|sys/(firmware|dev/block|fs/cgroup)) ' "
          "/proc/mounts | sort")
          .status == 0);
  BOOST_TEST(
      same_as_runc("cut -d' ' -f2 /proc/mounts | sort", {"--read-only", "--tmpfs", "/t"}).status ==
      0);
  BOOST_TEST(same_as_runc("cut -d' ' -f2 /proc/mounts | sort", {"--systemd", "always"}).status ==
             0);
}

BOOST_AUTO_TEST_CASE(masked_and_read_only_paths_are) {
  Output output = same_as_runc(
      "wc -c < /proc/keys; ls /sys/firmware; ls /etc/hidden; echo x > /proc/sys/kernel/domainname",
      {"--tmpfs", "/etc/hidden", "--security-opt", "mask=/etc/hidden:/proc/version"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(output.out == "0\n");
  BOOST_TEST(output.err.find("Read-only file system") != std::string::npos, output.err);
}

// But for /dev/core, which runc makes only where the kernel has /proc/kcore.
BOOST_AUTO_TEST_CASE(dev_is_populated_alike) {
  BOOST_TEST(same_as_runc("cd /dev; ls -l | grep -v '/proc/kcore' | sed -E 's/ [A-Z][a-z]+ +[0-9]+ "
                          "[0-9]+:[0-9]+ / /'")
                 .out.find("ptmx -> pts/ptmx") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_device_is_made_with_its_mode_and_may_be_used) {
  Output output = same_as_runc("ls -l /dev/sink | cut -d' ' -f1; echo x > /dev/sink; cat /dev/sink",
                               {"--device", "/dev/null:/dev/sink:rw"});
  BOOST_TEST(output.out == "crw-rw-rw-\n");
  BOOST_TEST(output.status == 0);
}

BOOST_AUTO_TEST_CASE(a_device_that_was_not_given_may_not_be_opened) {
  Output output = same_as_runc("mknod /other c 240 0 && echo made; cat /other");
  BOOST_TEST(output.out == "made\n");
  BOOST_TEST(output.status == 1);
  BOOST_TEST(output.err.find("Operation not permitted") != std::string::npos, output.err);
}

BOOST_AUTO_TEST_CASE(shm_has_its_size) {
  BOOST_TEST(
      same_as_runc("grep ' /dev/shm ' /proc/mounts", {"--shm-size", "2m"}).out.find("size=2048k") !=
      std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
