#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "tests/engines/podman.hpp"
#include "tests/support/check.hpp"

// Pods: containers that share namespaces, made one by one or from a Kubernetes document.

namespace ocelot::test {

using nlohmann::json;

struct PodsCase : PodmanCase {
  PodsCase() { podman.make_pause_image(); }

  static std::string name_of(With with) { return with == With::Ocelot ? "ocelot" : "runc"; }

  // A pod "pod" of two containers, "one" and "two".
  void make_pod(With with, const std::string& shared) const {
    const std::string runtime = name_of(with);
    podman.must({"--runtime", runtime, "pod", "create", "--name", "pod", "--network", "none",
                 "--share", shared});
    for (const char* name : {"one", "two"}) {
      podman.must({"--runtime", runtime, "run", "--detach", "--pod", "pod", "--name", name,
                   "busybox", "sleep", "1000"});
    }
  }
  std::string inside(const std::string& container, const std::string& script) const {
    return podman.must({"exec", container, "sh", "-c", script});
  }
  // podman leaves the cgroup of a pod where controllers are on v1, whatever the runtime.
  void remove_pod(const std::vector<std::string>& words = {"pod", "rm", "--force", "--time", "0",
                                                           "pod"}) const {
    const std::string id = podman.must({"pod", "inspect", "--format", "{{.ID}}", "pod"});
    podman.must(words);
    wait_for_helpers();
    BOOST_TEST(remove_cgroups("/libpod_parent/" + id).empty());
  }
};

BOOST_FIXTURE_TEST_SUITE(podman_pods, PodsCase)

BOOST_AUTO_TEST_CASE(containers_of_a_pod_share_what_they_are_to_share) {
  for (With with : kBoth) {
    make_pod(with, "net,ipc,uts");
    for (const char* kind : {"net", "ipc", "uts", "pid", "mnt"}) {
      const std::string look = std::string("readlink /proc/self/ns/") + kind;
      const bool shared = inside("one", look) == inside("two", look);
      BOOST_TEST(shared == (std::string(kind) != "pid" && std::string(kind) != "mnt"), kind);
    }
    BOOST_TEST(inside("one", "hostname") == "pod");
    remove_pod();
  }
}

BOOST_AUTO_TEST_CASE(containers_of_a_pod_with_one_pid_namespace_see_one_another) {
  for (With with : kBoth) {
    make_pod(with, "net,pid");
    BOOST_TEST(inside("one", "ps -o args | grep -c '^sleep'") == "3");
    podman.must({"kill", "two"});
    podman.must({"wait", "two"});
    BOOST_TEST(inside("one", "ps -o args | grep -c '^sleep'") == "2");
    remove_pod();
  }
}

BOOST_AUTO_TEST_CASE(podman_tells_what_is_in_a_pod_and_stops_it) {
  for (With with : kBoth) {
    make_pod(with, "net");
    const std::string top = podman.must({"pod", "top", "pod", "args"});
    BOOST_TEST(top == "COMMAND\nsleep 1000 \nsleep 1000 \nsleep 1000 ", top);
    const json stats =
        json::parse(podman.must({"pod", "stats", "--no-stream", "--format", "json", "pod"}));
    BOOST_TEST(stats.size() == 3U);
    for (const json& one : stats) BOOST_TEST(one["PIDS"] == "1");
    podman.must({"pod", "pause", "pod"});
    BOOST_TEST(podman.must({"pod", "inspect", "--format", "{{.State}}", "pod"}) == "Paused");
    podman.must({"pod", "unpause", "pod"});
    podman.must({"pod", "stop", "--time", "0", "pod"});
    BOOST_TEST(podman.must({"ps", "--quiet"}) == "");
    remove_pod();
  }
}

BOOST_AUTO_TEST_CASE(kube_play_makes_what_the_document_describes) {
  const std::string document = podman.sandbox() / "pod.yaml";
  write_file(document, R"(
apiVersion: v1
kind: Pod
metadata: {name: pod}
spec:
  restartPolicy: Never
  volumes:
  - {name: shared, emptyDir: {}}
  containers:
  - name: one
    image: localhost/busybox:latest
    command: [sleep, "1000"]
    volumeMounts: [{name: shared, mountPath: /shared}]
    resources: {limits: {memory: 64Mi}}
    securityContext: {readOnlyRootFilesystem: true, runAsUser: 12, capabilities: {drop: [ALL]}}
  - name: two
    image: localhost/busybox:latest
    command: [sleep, "1000"]
    env: [{name: A, value: x y}]
    volumeMounts: [{name: shared, mountPath: /shared}]
)");
  for (With with : kBoth) {
    podman.must({"--runtime", name_of(with), "kube", "play", "--network", "none", document});
    BOOST_TEST(podman.must({"inspect", "--format", "{{.OCIRuntime}}", "pod-one"}) == name_of(with));
    BOOST_TEST(
        inside("pod-one", "id -u; grep CapBnd /proc/self/status; touch /x || echo refused") ==
        "12\nCapBnd:\t0000000000000000\nrefused");
    BOOST_TEST(inside("pod-two", "echo $A; echo seen > /shared/file; id -u") == "x y\n0");
    BOOST_TEST(inside("pod-one", "cat /shared/file") == "seen");
    const std::string net = "readlink /proc/self/ns/net";
    BOOST_TEST(inside("pod-one", net) == inside("pod-two", net));
    BOOST_TEST(podman.must({"inspect", "--format", "{{.HostConfig.Memory}}", "pod-one"}) ==
               "67108864");
    remove_pod({"kube", "down", document});
    podman.must({"volume", "rm", "--all", "--force"});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
