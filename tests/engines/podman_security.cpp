#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/engines/podman.hpp"
#include "tests/support/check.hpp"

// Capabilities, seccomp, privileges and namespaces.

namespace ocelot::test {

namespace {

const char* const kCapabilities = "grep Cap /proc/self/status";

std::string profile(const std::string& json) {
  std::string path = Podman::instance().sandbox() / "profile.json";
  write_file(path, json);
  return "seccomp=" + path;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(podman_security, PodmanCase)

BOOST_AUTO_TEST_CASE(capabilities_are_podmans_default_set) {
  // chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service sys_chroot setfcap
  BOOST_TEST(same_as_runc(kCapabilities).out.find("CapBnd:\t00000000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(cap_drop_all_leaves_none) {
  Output output =
      same_as_runc(std::string{kCapabilities} + "; chown 1 /etc/passwd", {"--cap-drop", "all"});
  BOOST_TEST(output.out ==
             "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
             "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n");
  BOOST_TEST(output.status == 1);
}

BOOST_AUTO_TEST_CASE(cap_add_gives_one_also_to_an_ordinary_user) {
  BOOST_TEST(
      same_as_runc("grep CapEff /proc/self/status", {"--cap-drop", "all", "--cap-add", "net_raw"})
          .out == "CapEff:\t0000000000002000\n");
  BOOST_TEST(
      same_as_runc(kCapabilities, {"--user", "1000", "--cap-drop", "all", "--cap-add", "net_raw"})
          .out ==
      "CapInh:\t0000000000002000\nCapPrm:\t0000000000002000\nCapEff:\t0000000000002000\n"
      "CapBnd:\t0000000000002000\nCapAmb:\t0000000000002000\n");
}

BOOST_AUTO_TEST_CASE(an_ordinary_user_has_no_effective_capability) {
  BOOST_TEST(same_as_runc("grep -E 'Cap(Prm|Eff|Amb)' /proc/self/status", {"--user", "1000"}).out ==
             "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000\n");
}

BOOST_AUTO_TEST_CASE(privileged_is_everything_podman_itself_may) {
  BOOST_TEST(same_as_runc(std::string{kCapabilities} +
                              "; grep Seccomp: /proc/self/status; ls /dev | grep -vx core | wc -l",
                          {"--privileged"})
                 .status == 0);
}

BOOST_AUTO_TEST_CASE(the_default_profile_filters) {
  Output output = same_as_runc("grep Seccomp: /proc/self/status; unshare -m true");
  BOOST_TEST(output.out == "Seccomp:\t2\n");
  BOOST_TEST(output.status == 1);
}

BOOST_AUTO_TEST_CASE(unconfined_filters_nothing) {
  Output output = same_as_runc("grep Seccomp: /proc/self/status; unshare -m true",
                               {"--cap-add", "sys_admin", "--security-opt", "seccomp=unconfined"});
  BOOST_TEST(output.out == "Seccomp:\t0\n");
  BOOST_TEST(output.status == 0);
}

BOOST_AUTO_TEST_CASE(a_profile_of_ones_own_decides_call_by_call) {
  Output output =
      same_as_runc("mkdir /tmp/d || echo refused; chmod 700 /tmp; chmod 755 /tmp && echo fine",
                   {"--security-opt", profile(R"({
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
        "syscalls": [
          {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95},
          {"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13,
           "args": [{"index": 1, "value": 448, "op": "SCMP_CMP_EQ"}]}
        ]})")});
  BOOST_TEST(output.out == "refused\nfine\n");
  BOOST_TEST(output.err ==
             "mkdir: can't create directory '/tmp/d': Operation not supported\n"
             "chmod: /tmp: Permission denied\n");
}

BOOST_AUTO_TEST_CASE(a_profile_may_kill) {
  Output output =
      same_as_runc("mkdir /tmp/d; echo $?",
                   {"--security-opt", profile(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_KILL_PROCESS"}]})")});
  BOOST_TEST(output.out == "159\n");  // SIGSYS
}

BOOST_AUTO_TEST_CASE(no_new_privileges_is_set_when_asked_for) {
  BOOST_TEST(same_as_runc("grep NoNewPrivs /proc/self/status").out == "NoNewPrivs:\t0\n");
  BOOST_TEST(
      same_as_runc("grep NoNewPrivs /proc/self/status", {"--security-opt", "no-new-privileges"})
          .out == "NoNewPrivs:\t1\n");
}

BOOST_AUTO_TEST_CASE(namespaces_of_the_host_are_joined_and_others_are_new) {
  for (const char* name : {"pid", "ipc", "uts", "net"}) {
    const std::string host = std::filesystem::read_symlink(std::string{"/proc/self/ns/"} + name);
    const std::string flag = name == std::string{"net"} ? "network" : name;
    const std::string script = std::string{"readlink /proc/self/ns/"} + name;
    BOOST_TEST(same_as_runc(script, {"--" + flag, "host"}).out == host + "\n");
    for (With with : kBoth)
      BOOST_TEST(podman.must(podman.run_words(with, {}, {"sh", "-c", script})) != host);
  }
}

BOOST_AUTO_TEST_CASE(namespaces_of_another_container_are_joined) {
  podman.start(With::Ocelot, "first", {"--ipc", "shareable"}, "echo up; sleep 1000");
  const std::string pid = podman.must({"inspect", "--format", "{{.State.Pid}}", "first"});
  for (const char* name : {"pid", "ipc", "net"}) {
    const std::string theirs = std::filesystem::read_symlink("/proc/" + pid + "/ns/" + name);
    const std::string flag = name == std::string{"net"} ? "network" : name;
    BOOST_TEST(same_as_runc(std::string{"readlink /proc/self/ns/"} + name,
                            {"--" + flag, "container:first"})
                   .out == theirs + "\n");
  }
  podman.must({"rm", "--force", "--time", "0", "first"});
}

BOOST_AUTO_TEST_CASE(a_user_namespace_maps_ids_and_owns_the_files) {
  Output output = same_as_runc(
      "cat /proc/self/uid_map | tr -s ' '; id -u; stat -c %u:%g /etc/passwd; touch /f; chown 5 /f "
      "&& echo fine",
      {"--uidmap", "0:100000:1000", "--gidmap", "0:100000:1000"});
  BOOST_TEST(output.out == " 0 100000 1000\n0\n0:0\nfine\n");
}

BOOST_AUTO_TEST_CASE(a_private_cgroup_namespace_shows_the_containers_cgroup_as_root) {
  Output output = same_as_runc("grep -v ':/$' /proc/self/cgroup", {"--cgroupns", "private"});
  BOOST_TEST(output.out == "");
  BOOST_TEST(output.status == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
