#include "tests/unit/oci/document.hpp"

using namespace ocelot::oci::test;

namespace {

json mount(const char* value, json document = minimal()) {
  document["mounts"] = json::array({json::parse(value)});
  return document;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(validate_mounts)

BOOST_AUTO_TEST_CASE(E07_uid_and_gid_mappings_go_together) {
  constexpr const char* map = R"([{"containerID": 0, "hostID": 1000, "size": 1}])";
  const auto bind = [&](const char* members) {
    return mount(
        fmt::format(R"({{"destination": "/a", "source": "/b", "options": ["bind"], {}}})", members)
            .c_str());
  };
  expect_one(bind(fmt::format(R"("uidMappings": {})", map).c_str()), "/mounts/0/gidMappings",
             "mount-mappings-both");
  expect_one(bind(fmt::format(R"("gidMappings": {})", map).c_str()), "/mounts/0/uidMappings",
             "mount-mappings-both");
  expect_clean(bind(fmt::format(R"("uidMappings": {}, "gidMappings": {})", map, map).c_str()));
}

BOOST_AUTO_TEST_CASE(E08_idmap_needs_mappings_or_a_user_namespace) {
  for (const char* word : {"idmap", "ridmap"}) {
    const std::string bind =
        fmt::format(R"({{"destination": "/a", "source": "/b", "options": ["rbind", "{}"]}})", word);
    expect_one(mount(bind.c_str()), "/mounts/0/options", "mount-idmap-mappings", word);
    const auto joined =
        with("/linux/namespaces/1", R"({"type": "user", "path": "/proc/1/ns/user"})");
    expect_clean(mount(bind.c_str(), joined));
  }
}

BOOST_AUTO_TEST_CASE(E09_a_file_system_may_be_idmapped) {
  expect_clean(mount(R"({"destination": "/a", "type": "tmpfs", "options": ["idmap"],
      "uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]})"));
}

BOOST_AUTO_TEST_CASE(E10_a_bind_mount_takes_no_data_of_a_file_system) {
  expect_one(
      mount(
          R"({"destination": "/a", "source": "/b", "options": ["bind", "ro", "size=1m", "foo"]})"),
      "/mounts/0/options", "mount-bind-data", "size=1m, foo");
  expect_one(
      mount(R"({"destination": "/a", "type": "bind", "source": "/b", "options": ["mode=755"]})"),
      "/mounts/0/options", "mount-bind-data", "mode=755");
  expect_clean(mount(R"({"destination": "/a", "type": "tmpfs", "options": ["size=1m", "foo"]})"));
}

BOOST_AUTO_TEST_CASE(E11_a_NUL_in_a_field_is_refused) {
  for (const char* member : {"destination", "source", "type"}) {
    const std::string text =
        fmt::format(R"({{"ociVersion": "1.0.0", "mounts": [{{"{}": "/a\u0000b"}}]}})", member);
    BOOST_CHECK_EXCEPTION(ocelot::oci::read_spec(text), std::exception,
                          [](const std::exception& e) {
                            return std::string(e.what()).find("NUL") != std::string::npos;
                          });
  }
}

BOOST_AUTO_TEST_CASE(E12_a_relative_destination_is_warned_of) {
  expect_warning(mount(R"({"destination": "data", "type": "tmpfs"})"), "/mounts/0/destination",
                 "mount-destination-absolute", "\"/data\"");
}

BOOST_AUTO_TEST_CASE(E13_nothing_but_a_procfs_goes_over_proc) {
  for (const char* path :
       {"/proc", "/proc/", "//proc", "/./proc", "/dev/../proc", "/proc/self/..", "/../proc"}) {
    expect_one(mount(fmt::format(R"({{"destination": "{}", "type": "tmpfs"}})", path).c_str()),
               "/mounts/0/destination", "mount-over-proc", "not of type proc");
    expect_clean(mount(fmt::format(R"({{"destination": "{}", "type": "proc"}})", path).c_str()));
  }
}

BOOST_AUTO_TEST_CASE(E13_below_proc_only_files_that_others_emulate_are_covered) {
  for (const char* path : {"/proc/self/attr", "/proc/sys", "/proc/1", "/proc/fs", "/proc/net/dev",
                           "/proc/sys/kernel/core_pattern", "/proc//sys/", "/proc/cpuinfo/../sys",
                           "/x/../proc/sysrq-trigger", "/proc/cpuinfos"}) {
    for (const char* what :
         {R"("type": "tmpfs")", R"("source": "/x", "options": ["bind"])", R"("type": "proc")"}) {
      expect_one(mount(fmt::format(R"({{"destination": "{}", {}}})", path, what).c_str()),
                 "/mounts/0/destination", "mount-inside-proc", "inside /proc");
    }
  }
  for (const char* path :
       {"cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo",
        "sys/kernel/ns_last_pid", "sys/crypto/fips_enabled", "./cpuinfo"}) {
    expect_clean(mount(
        fmt::format(R"({{"destination": "/proc/{}", "source": "/x", "options": ["bind"]}})", path)
            .c_str()));
  }
  expect_clean(mount(R"({"destination": "/process", "type": "tmpfs"})"));
}

BOOST_AUTO_TEST_CASE(a_mount_over_the_root_is_refused) {
  for (const char* path : {"/", "//", "/.", "/..", "/a/.."}) {
    expect_one(mount(fmt::format(R"({{"destination": "{}", "type": "tmpfs"}})", path).c_str()),
               "/mounts/0/destination", "mount-over-root");
  }
}

BOOST_AUTO_TEST_CASE(a_mount_needs_a_destination_and_a_type_or_a_source_to_bind) {
  expect_one(mount(R"({"type": "tmpfs"})"), "/mounts/0/destination", "required");
  expect_one(mount(R"({"destination": "/a"})"), "/mounts/0/type", "mount-type", "bind");
  expect_one(mount(R"({"destination": "/a", "type": "none"})"), "/mounts/0/type", "mount-type");
  expect_one(mount(R"({"destination": "/a", "type": "none", "options": ["bind"]})"),
             "/mounts/0/source", "required");
}

BOOST_AUTO_TEST_CASE(tmpcopyup_on_anything_but_a_tmpfs_is_warned_of) {
  expect_clean(mount(R"({"destination": "/a", "type": "tmpfs", "options": ["tmpcopyup"]})"));
  expect_warning(
      mount(R"({"destination": "/a", "source": "/b", "options": ["bind", "tmpcopyup"]})"),
      "/mounts/0/options", "mount-tmpcopyup");
}

BOOST_AUTO_TEST_SUITE_END()
