// What create would do with configurations as engines write them, on hosts that are written down
// here. The expected steps are in tests/data/*/plan-*.golden; with OCELOT_UPDATE_GOLDEN=1 they are
// written anew, to be read as a diff.
#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "oci/read_spec.hpp"
#include "oci/validate.hpp"
#include "runtime/notify_socket.hpp"
#include "runtime/plan/describe.hpp"
#include "runtime/plan/make_plan.hpp"
#include "tests/support/check.hpp"

namespace ocelot {
namespace {

using nlohmann::json;

Host hybrid_host() {
  Host host;
  host.facts.cgroup_controllers = {"blkio",  "cpu",     "cpuset",   "devices", "freezer", "hugetlb",
                                   "memory", "net_cls", "net_prio", "pids",    "rdma"};
  host.facts.hugepage_sizes = {"2MB", "1GB"};
  host.hierarchies.mode = cgroups::Mode::hybrid;
  for (const std::string& name : host.facts.cgroup_controllers) {
    host.hierarchies.all.push_back({.name = name,
                                    .controllers = {name},
                                    .mount_point = "/sys/fs/cgroup/" + name,
                                    .own_path = "/"});
  }
  host.hierarchies.all.push_back({.name = "",
                                  .controllers = {},
                                  .mount_point = "/sys/fs/cgroup/unified",
                                  .own_path = "/",
                                  .unified = true});
  return host;
}

Host unified_host() {
  Host host;
  host.facts.cgroup_v2 = true;
  host.facts.cgroup_controllers = {"cpu", "cpuset", "hugetlb", "io", "memory", "pids", "rdma"};
  host.facts.hugepage_sizes = {"2MB", "1GB"};
  host.hierarchies.mode = cgroups::Mode::unified;
  host.hierarchies.all = {{.name = "",
                           .controllers = host.facts.cgroup_controllers,
                           .mount_point = "/sys/fs/cgroup",
                           .own_path = "/user.slice",
                           .unified = true}};
  return host;
}

json configuration(const std::string& name) {
  return json::parse(test::read_file(OCELOT_TEST_DATA "/" + name + "/config.json"));
}

Plan planned(const json& document, const Host& host) {
  const oci::ReadSpec read = oci::read_spec(document.dump());
  BOOST_REQUIRE(read.violations.empty());
  for (const oci::Violation& violation : oci::validate(read.spec, host.facts)) {
    BOOST_REQUIRE_MESSAGE(violation.warning, violation.path << ": " << violation.message);
  }
  return make_plan(read.spec, host, {.id = "web-1", .bundle = "/bundles/web-1"});
}

std::string as_text(const Plan& plan, const Host& host) {
  std::string text;
  for (const DescribedStep& step : describe(plan, host.hierarchies)) {
    text += fmt::format("{}: {} | {} | {}\n", step.phase, step.action, step.object, step.detail);
  }
  return text;
}

void check_golden(const std::string& text, const std::string& file) {
  const std::string path = OCELOT_TEST_DATA "/" + file;
  if (std::getenv("OCELOT_UPDATE_GOLDEN") != nullptr) test::write_file(path, text);
  const std::string expected = test::read_file(path);
  if (text == expected) return;
  std::size_t line = 1;
  std::size_t at = 0;
  while (at < text.size() && at < expected.size() && text[at] == expected[at])
    line += text[at++] == '\n' ? 1 : 0;
  const auto line_of = [&](const std::string& whole) {
    const std::size_t begin = at == 0 ? 0 : whole.rfind('\n', at - 1) + 1;
    return whole.substr(begin, whole.find('\n', begin) - begin);
  };
  BOOST_ERROR(
      fmt::format("{}:{}: \"{}\" instead of \"{}\"", file, line, line_of(text), line_of(expected)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(golden)

BOOST_AUTO_TEST_CASE(the_default_configuration_on_a_hybrid_host) {
  check_golden(as_text(planned(configuration("default"), hybrid_host()), hybrid_host()),
               "default/plan-hybrid.golden");
}

BOOST_AUTO_TEST_CASE(a_configuration_of_docker_on_a_hybrid_host) {
  check_golden(as_text(planned(configuration("docker-like"), hybrid_host()), hybrid_host()),
               "docker-like/plan-hybrid.golden");
}

BOOST_AUTO_TEST_CASE(a_configuration_of_podman_on_a_unified_host) {
  check_golden(as_text(planned(configuration("podman"), unified_host()), unified_host()),
               "podman/plan-unified.golden");
}

BOOST_AUTO_TEST_CASE(a_configuration_of_containerd_on_a_unified_host) {
  check_golden(as_text(planned(configuration("containerd"), unified_host()), unified_host()),
               "containerd/plan-unified.golden");
}

BOOST_AUTO_TEST_CASE(what_few_configurations_ask_for) {
  json document = configuration("default");
  document["linux"]["namespaces"].push_back({{"type", "user"}});
  document["linux"]["uidMappings"] =
      json::array({{{"containerID", 0}, {"hostID", 100000}, {"size", 65536}}});
  document["linux"]["gidMappings"] = document["linux"]["uidMappings"];
  document["linux"]["netDevices"] = {{"enp3s0", {{"name", "eth%d"}}}, {"wlan0", json::object()}};
  document["linux"]["intelRdt"] = {{"closID", "gold"},
                                   {"l3CacheSchema", "L3:0=f"},
                                   {"memBwSchema", "MB:0=20"},
                                   {"enableMonitoring", true}};
  document["linux"]["sysctl"] = {{"net.ipv4.ip_forward", "1"}};
  document["domainname"] = "example.org";
  document["annotations"] = {{"run.oci.delegate-cgroup", "payload"},
                             {"run.oci.hooks.stderr", "/var/log/hooks"}};
  document["process"]["scheduler"] = {{"policy", "SCHED_BATCH"}, {"nice", 5}};
  document["hooks"] = {{"createRuntime", json::array({{{"path", "/bin/one"}, {"timeout", 5}}})},
                       {"createContainer", json::array({{{"path", "/bin/two"}}})},
                       {"startContainer", json::array({{{"path", "/bin/three"}}})},
                       {"poststart", json::array({{{"path", "/bin/four"}}})}};
  Host host = unified_host();
  host.facts.resctrl = "/sys/fs/resctrl";
  Plan plan = planned(document, host);
  plan_notify_socket(plan, "/run/systemd/notify", "/run/ocelot/web-1");
  check_golden(as_text(plan, host), "default/plan-everything.golden");
}

// Of each kind of mount: the option that a new file system gets for linux.mountLabel.
BOOST_AUTO_TEST_CASE(new_file_systems_have_the_mount_label_in_the_option_that_is_asked_for) {
  json document = configuration("podman");
  document["linux"]["mountLabel"] = "system_u:object_r:container_file_t:s0:c1,c2";
  Host host = unified_host();
  host.facts.selinux = true;
  const auto labels = [&] {
    std::vector<std::string> labelled;
    for (const MountStep& step : planned(document, host).rootfs.mounts) {
      for (const std::string& option : step.options.data) {
        if (option.ends_with("context=system_u:object_r:container_file_t:s0:c1,c2"))
          labelled.push_back(fmt::format("{} {}", step.type, option.substr(0, option.find('='))));
      }
    }
    return labelled;
  };
  const auto all = [](const std::string& option) {
    std::vector<std::string> labelled;
    for (const char* type :
         {"tmpfs", "tmpfs", "tmpfs", "tmpfs", "tmpfs", "mqueue", "tmpfs", "devpts"})
      labelled.push_back(fmt::format("{} {}", type, option));
    return labelled;
  };
  BOOST_TEST(labels() == all("context"), boost::test_tools::per_element());
  for (const char* option : {"context", "fscontext", "defcontext", "rootcontext"}) {
    document["annotations"]["run.oci.mount_context_type"] = option;
    BOOST_TEST(labels() == all(option), boost::test_tools::per_element());
  }
  document["linux"].erase("mountLabel");
  BOOST_TEST(labels().empty());
}

BOOST_AUTO_TEST_CASE(planning_twice_gives_the_same) {
  const json document = configuration("docker-like");
  BOOST_TEST(as_text(planned(document, hybrid_host()), hybrid_host()) ==
             as_text(planned(document, hybrid_host()), hybrid_host()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot
