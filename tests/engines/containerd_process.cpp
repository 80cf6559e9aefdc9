#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/engines/containerd.hpp"
#include "tests/support/check.hpp"

// What `ctr run --rm` runs: streams, exit codes, identity, files and privileges.

namespace ocelot::test {

namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(containerd_process, ContainerdCase)

BOOST_AUTO_TEST_CASE(its_output_reaches_the_caller) {
  BOOST_TEST(same_as_runc_args({"echo", "hello", "two  words"}).out == "hello two  words\n");
  BOOST_TEST(same_as_runc("echo a b c | wc -w").out == "3\n");
  Output output = same_as_runc("echo out; echo err >&2");
  BOOST_TEST(output.out == "out\n");
  BOOST_TEST(output.err == "err\n");
}

BOOST_AUTO_TEST_CASE(its_input_comes_from_the_caller) {
  RunOptions with_input;
  with_input.input = "one\n";
  BOOST_TEST(same_as_runc("read line; echo got $line", {}, with_input).out == "got one\n");
}

BOOST_AUTO_TEST_CASE(its_exit_code_is_ctrs) {
  BOOST_TEST(same_as_runc("exit 0").status == 0);
  BOOST_TEST(same_as_runc("exit 42").status == 42);
  BOOST_TEST(same_as_runc("sleep 100 & kill -9 $!; wait $!; exit $?").status == 137);
}

BOOST_AUTO_TEST_CASE(a_command_that_does_not_exist_is_named) {
  Output output = same_as_runc_args({"nosuch"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(output.err.find("OCI runtime create failed") != std::string::npos, output.err);
  BOOST_TEST(
      output.err.find("exec: \"nosuch\": executable file not found in $PATH") != std::string::npos,
      output.err);
}

BOOST_AUTO_TEST_CASE(a_command_that_may_not_be_executed_is_named) {
  Output output = same_as_runc_args({"/etc/passwd"});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(output.err.find("exec: \"/etc/passwd\": ") != std::string::npos, output.err);
  BOOST_TEST(output.err.find("ermission denied") != std::string::npos, output.err);
}

BOOST_AUTO_TEST_CASE(it_inherits_no_descriptor_but_the_three_streams) {
  // The shim's socket is descriptor 3 of the runtime. 3 here is the directory that ls itself reads.
  BOOST_TEST(same_as_runc_args({"ls", "/proc/self/fd"}).out == "0\n1\n2\n3\n");
  BOOST_TEST(same_as_runc_args({"readlink", "/proc/self/fd/3"}).status == 1);
}

BOOST_AUTO_TEST_CASE(it_has_no_signal_ignored_or_blocked) {
  BOOST_TEST(same_as_runc_args({"grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status"}).out ==
             "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n");
}

BOOST_AUTO_TEST_CASE(env_is_the_images_and_the_callers) {
  BOOST_TEST(same_as_runc_args({"env"}, {"--env", "A=x y"}).out ==
             "PATH=/bin\nA=x y\nHOME=/root\n");
}

BOOST_AUTO_TEST_CASE(cwd_is_made_if_it_does_not_exist) {
  BOOST_TEST(same_as_runc("pwd", {"--cwd", "/tmp"}).out == "/tmp\n");
  BOOST_TEST(same_as_runc("pwd; stat -c %a .", {"--cwd", "/made/up"}).out == "/made/up\n755\n");
}

BOOST_AUTO_TEST_CASE(user_is_the_images) {
  BOOST_TEST(same_as_runc("id -u; id -g").out == "0\n0\n");
  BOOST_TEST(same_as_runc("id; echo $HOME; touch /f", {"alice"}).out ==
             "uid=1000(alice) gid=1000(alice) groups=50(staff),1000(alice)\n/tmp\n");
}

BOOST_AUTO_TEST_CASE(a_read_only_root_refuses_writing) {
  Output output = same_as_runc("echo x > /run/x && echo fine; echo x > /x", {"--read-only"});
  BOOST_TEST(output.out == "fine\n");
  BOOST_TEST(output.err.find("Read-only file system") != std::string::npos, output.err);
}

BOOST_AUTO_TEST_CASE(a_bind_mount_is_shared_with_the_host) {
  const std::string volume = containerd.sandbox() / "volume";
  fs::create_directories(volume);
  write_file(volume + "/in", "from outside\n");
  Output output =
      same_as_runc("cat /v/in; echo x > /v/out; echo y > /ro/in",
                   {"--mount", "type=bind,src=" + volume + ",dst=/v,options=rbind:rw", "--mount",
                    "type=bind,src=" + volume + ",dst=/ro,options=rbind:ro"});
  BOOST_TEST(output.out == "from outside\n");
  BOOST_TEST(output.err.find("Read-only file system") != std::string::npos, output.err);
  BOOST_TEST(read_file(volume + "/out") == "x\n");
  fs::remove_all(volume);
}

// But for the overlay's own options, and how a masked path is hidden.
BOOST_AUTO_TEST_CASE(the_mount_table_is_the_same) {
  BOOST_TEST(same_as_runc("grep -vE '^overlay| /(proc/(acpi|kcore|keys|timer_list)|sys/firmware) ' "
                          "/proc/mounts | sort")
                 .status == 0);
}

BOOST_AUTO_TEST_CASE(the_default_seccomp_profile_filters_when_asked_for) {
  BOOST_TEST(same_as_runc("grep Seccomp: /proc/self/status").out == "Seccomp:\t0\n");
  Output output = same_as_runc("grep Seccomp: /proc/self/status; unshare -m true", {"--seccomp"});
  BOOST_TEST(output.out == "Seccomp:\t2\n");
  BOOST_TEST(output.status == 1);
}

BOOST_AUTO_TEST_CASE(a_seccomp_profile_of_ones_own_is_used) {
  const std::string profile = containerd.sandbox() / "profile.json";
  write_file(profile, R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]})");
  Output output = same_as_runc("mkdir /tmp/d", {"--seccomp", "--seccomp-profile", profile});
  BOOST_TEST(output.err == "mkdir: can't create directory '/tmp/d': Operation not supported\n");
}

BOOST_AUTO_TEST_CASE(capabilities_are_added_and_dropped) {
  BOOST_TEST(same_as_runc("grep Cap /proc/self/status").status == 0);
  BOOST_TEST(same_as_runc("grep Cap /proc/self/status",
                          {"--cap-add", "CAP_SYS_ADMIN", "--cap-drop", "CAP_CHOWN"})
                 .status == 0);
  BOOST_TEST(
      same_as_runc("grep -E 'Cap|NoNewPrivs' /proc/self/status; ls /dev | grep -vx core | wc -l",
                   {"--privileged", "--allow-new-privs"})
          .status == 0);
}

BOOST_AUTO_TEST_CASE(a_namespace_is_joined_by_path) {
  Command other{{"unshare", "--uts", "--ipc", "--net", "sh", "-c", "echo up; exec sleep 1000"},
                containerd.options()};
  other.read_until("up\n");
  const std::string theirs = "/proc/" + std::to_string(other.pid()) + "/ns/";
  for (auto [type, name] : {std::pair{"uts", "uts"}, {"ipc", "ipc"}, {"network", "net"}})
    BOOST_TEST(same_as_runc_args({"readlink", std::string{"/proc/self/ns/"} + name},
                                 {"--with-ns", type + (":" + theirs) + name})
                   .out == fs::read_symlink(theirs + name).string() + "\n");
  BOOST_TEST(same_as_runc("readlink /proc/self/ns/net", {"--net-host"}).out ==
             fs::read_symlink("/proc/self/ns/net").string() + "\n");
}

BOOST_AUTO_TEST_CASE(a_device_is_made_and_may_be_used) {
  Output output =
      same_as_runc("ls -l /dev/zero /dev/kmsg | cut -c1-10; mknod /other c 240 0; cat /other",
                   {"--device", "/dev/kmsg"});
  BOOST_TEST(output.err.find("Operation not permitted") != std::string::npos, output.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
