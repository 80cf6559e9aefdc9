// mounts: what is mounted into a container that is there already.
#include <sys/mount.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A container that lives, and a directory of the host with the file `file`.
struct Case {
  explicit Case(const std::function<void(Bundle&)>& change = [](Bundle&) {}) {
    change(bundle);
    running.emplace(runtime, bundle);
    write_file(host / "file", "content\n");
  }

  Output mounts(const std::string& action, const json& list) const {
    RunOptions options;
    options.input = list.dump();
    return runtime.call({"mounts", action, "c", "-"}, options);
  }
  void must(const std::string& action, const json& list) const {
    const Output output = mounts(action, list);
    BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
    BOOST_TEST(output.out == "");
  }
  std::string inside(const std::string& script) const {
    return running->exec({"sh", "-c", script}).out;
  }
  std::size_t count_mounts() const {
    const std::string lines = inside("cat /proc/self/mountinfo");
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
  }

  Runtime runtime;
  Bundle bundle;
  TempDir host;
  std::optional<Running> running;
};

json bind_mount(const std::string& source, const std::string& destination,
                std::vector<std::string> options = {"bind"}) {
  return {{"destination", destination}, {"source", source}, {"options", std::move(options)}};
}

// One element, whatever a compiler makes of braces.
json list_of(json mount) {
  json list = json::array();
  list.push_back(std::move(mount));
  return list;
}

json at(const std::string& destination) {
  return list_of({{"destination", destination}});
}

void allow_writes(Bundle& bundle) {
  bundle.config["root"]["readonly"] = false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mounts, *needs::root() * needs::ocelot("runc has no such command"))

BOOST_AUTO_TEST_CASE(directory_of_the_host_comes_and_goes) {
  const Case c{allow_writes};
  const json list = list_of(bind_mount(c.host.path(), "/data", {"rbind", "ro"}));
  c.must("add", list);
  BOOST_TEST(c.inside("cat /data/file; touch /data/new || echo read-only") ==
             "content\nread-only\n");
  c.must("remove", list);
  BOOST_TEST(c.inside("ls /data") == "");
  BOOST_TEST(c.runtime.status("c") == "running");
}

BOOST_AUTO_TEST_CASE(file_is_laid_upon_a_file) {
  const Case c;
  const json list = list_of(bind_mount(c.host / "file", "/etc/passwd"));
  const std::string before = c.inside("cat /etc/passwd");
  c.must("add", list);
  BOOST_TEST(c.inside("cat /etc/passwd") == "content\n");
  c.must("remove", list);
  BOOST_TEST(c.inside("cat /etc/passwd") == before);
}

BOOST_AUTO_TEST_CASE(new_file_systems_are_those_of_the_containers_namespaces) {
  const Case c{allow_writes};
  c.must("add",
         {{{"destination", "/scratch"}, {"type", "tmpfs"}, {"options", {"size=64k", "noexec"}}},
          {{"destination", "/procfs"}, {"type", "proc"}, {"source", "proc"}}});
  BOOST_TEST(contains(c.inside("grep ' /scratch ' /proc/self/mountinfo"), "size=64k"));
  BOOST_TEST(c.inside("cat /procfs/1/cmdline | tr '\\0' ' '") == "sleep 1000 ");
}

BOOST_AUTO_TEST_CASE(container_with_a_user_namespace_gets_its_own) {
  const Case c{[](Bundle& bundle) {
    allow_writes(bundle);
    bundle.add_user_namespace();
  }};
  std::filesystem::permissions(c.host.path(), std::filesystem::perms{0755});
  c.must("add", {bind_mount(c.host.path(), "/data"),
                 bind_mount(c.host.path(), "/mapped", {"bind", "idmap"}),
                 {{"destination", "/scratch"}, {"type", "tmpfs"}, {"source", "tmpfs"}},
                 {{"destination", "/procfs"}, {"type", "proc"}, {"source", "proc"}}});
  BOOST_TEST(c.inside("cat /data/file; stat -c %u /data/file /mapped/file /scratch; ls -d "
                      "/procfs/1") == "content\n65534\n0\n0\n/procfs/1\n");
}

BOOST_AUTO_TEST_CASE(source_of_a_bind_may_be_relative_to_the_bundle) {
  const Case c{[](Bundle& bundle) {
    allow_writes(bundle);
    write_file(bundle.path() + "/beside", "beside\n");
  }};
  c.must("add", list_of(bind_mount("beside", "/data")));
  BOOST_TEST(c.inside("cat /data") == "beside\n");
}

BOOST_AUTO_TEST_CASE(cgroups_are_not_mounted_later) {
  const Case c{allow_writes};
  const std::size_t before = c.count_mounts();
  check_error(c.mounts("add", {bind_mount(c.host.path(), "/data"),
                               {{"destination", "/cg"}, {"type", "cgroup"}, {"source", "cgroup"}}}),
              "cgroups are mounted when the container is created");
  BOOST_TEST(c.count_mounts() == before);
}

BOOST_AUTO_TEST_CASE(mounts_of_the_host_reach_a_bind_as_the_propagation_of_the_root_says) {
  for (const auto& [word, reach] : {std::pair{"", true}, std::pair{"rprivate", false}}) {
    const Case c{[&word = word](Bundle& bundle) {
      allow_writes(bundle);
      bundle.linux()["rootfsPropagation"] = word;
    }};
    const std::string source = c.host.path(), late = source + "/late";
    std::filesystem::create_directory(late);
    checked(::mount(source.c_str(), source.c_str(), "", MS_BIND, nullptr), "bind");
    checked(::mount("", source.c_str(), "", MS_SHARED, nullptr), "shared");
    c.must("add", list_of(bind_mount(source, "/data")));
    checked(::mount("tmpfs", late.c_str(), "tmpfs", 0, "size=64k"), "mount");
    const std::string inside = c.inside("cat /proc/self/mountinfo");
    ::umount2(source.c_str(), MNT_DETACH);
    BOOST_TEST(contains(inside, " /data/late ") == reach, word << inside);
  }
}

BOOST_AUTO_TEST_CASE(when_one_fails_none_is_there) {
  const Case c{allow_writes};
  const std::size_t before = c.count_mounts();
  const Output output =
      c.mounts("add", {bind_mount(c.host.path(), "/a"), bind_mount(c.host / "file", "/b"),
                       bind_mount(c.host.path(), "/etc/passwd/below")});
  BOOST_TEST(output.status == 1);
  BOOST_TEST(contains(output.err, "Not a directory"), output.err);
  BOOST_TEST(c.count_mounts() == before);
  BOOST_TEST(c.mounts("add", {bind_mount(c.host.path(), "/a"), bind_mount(c.host / "none", "/b")})
                 .status == 1);
  BOOST_TEST(c.count_mounts() == before);
  // Also what was mounted through a link.
  BOOST_REQUIRE(c.inside("mkdir /real; ln -s real /link; echo done") == "done\n");
  BOOST_TEST(
      c.mounts("add", {bind_mount(c.host.path(), "/link"), bind_mount(c.host / "none", "/b")})
          .status == 1);
  BOOST_TEST(c.count_mounts() == before);
}

// It could not be undone.
BOOST_AUTO_TEST_CASE(what_is_mounted_already_is_not_mounted_otherwise) {
  const Case c{allow_writes};
  c.must("add", list_of(bind_mount(c.host.path(), "/a")));
  const std::size_t before = c.count_mounts();
  json remount = bind_mount(c.host.path(), "/a");
  remount["options"] = {"bind", "remount", "ro"};
  check_error(c.mounts("add", {bind_mount(c.host.path(), "/b"), remount}), "remount");
  BOOST_TEST(c.count_mounts() == before);
}

BOOST_AUTO_TEST_CASE(links_of_the_container_lead_to_nothing_of_the_host) {
  const Case c{allow_writes};
  BOOST_REQUIRE(c.inside("ln -s / /up; ln -s ../../../target /away; echo done") == "done\n");
  BOOST_TEST(c.mounts("add", list_of(bind_mount(c.host.path(), "/up"))).status == 1);
  c.must("add", list_of(bind_mount(c.host.path(), "/away")));
  BOOST_TEST(c.inside("cat /target/file") == "content\n");
  // To be unmounted it is named by its own path.
  check_error(c.mounts("remove", at("/away")), "/away");
  check_error(c.mounts("remove", at("/up/target")), "/up/target");
  c.must("remove", at("/target"));
}

BOOST_AUTO_TEST_CASE(only_mounts_other_than_the_root_are_removed) {
  const Case c;
  const std::size_t before = c.count_mounts();
  check_error(c.mounts("remove", at("/etc")), "nothing is mounted there");
  check_error(c.mounts("remove", at("/")), "is the container's root");
  check_error(c.mounts("remove", at("/none")), "No such file or directory");
  BOOST_TEST(c.count_mounts() == before);
}

BOOST_AUTO_TEST_CASE(paused_container_can_be_mounted_into) {
  const Case c{allow_writes};
  BOOST_REQUIRE(c.runtime.call({"pause", "c"}).status == 0);
  c.must("add", list_of(bind_mount(c.host.path(), "/data")));
  BOOST_TEST(c.runtime.status("c") == "paused");
  BOOST_REQUIRE(c.runtime.call({"resume", "c"}).status == 0);
  BOOST_TEST(c.inside("cat /data/file") == "content\n");
}

BOOST_AUTO_TEST_CASE(document_is_an_array_of_sound_mounts) {
  const Case c;
  check_error(c.mounts("add", json::object()), "mounts: ");
  check_error(c.mounts("add", at("/x")), "/0/type");
  check_error(c.mounts("add", list_of({{"type", "tmpfs"}})), "/0/destination");
  check_error(c.mounts("remove", list_of({{"destination", 1}})), "/0/destination");
  check_error(c.mounts("sort", json::array()), "no action is called \"sort\"");
  check_error(c.runtime.call({"mounts", "add", "c", c.host / "none"}), "none");
  check_error(c.runtime.call({"mounts", "add", "none", c.host / "file"}), "mounts: ");
}

BOOST_AUTO_TEST_CASE(container_must_be_there_and_not_have_stopped) {
  Case c;
  BOOST_REQUIRE(c.running->container().kill("KILL").status == 0);
  c.running->container().wait();
  check_error(c.mounts("add", json::array()), "container not running");
}

BOOST_AUTO_TEST_SUITE_END()
