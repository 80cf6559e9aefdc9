// The six kinds of hooks: when, where and with what they run, and what their failure does.
#include <sys/stat.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

const std::vector<std::string> kKinds{"prestart",       "createRuntime", "createContainer",
                                      "startContainer", "poststart",     "poststop"};

// A bundle whose hooks of all kinds write what they see to a directory that is in the container at
// the path that it has outside, so that all of them reach it.
class Hooked {
 public:
  Hooked() {
    checked(::chmod(log_.path().c_str(), 0777), "chmod");
    bundle.add_mount(log_.path(), "bind", log_.path(), {"bind"});
    for (const std::string& kind : kKinds) hook(kind, record(kind));
    bundle.args({"/bin/sh", "-c", "echo process >> " + log_ / "order"});
  }

  // /bin/sh is there outside and inside.
  void hook(const std::string& kind, const std::string& script) {
    bundle.config["hooks"][kind] = json::array({{{"path", "/bin/sh"},
                                                 {"args", {"sh", "-c", script}},
                                                 {"env", {"PATH=/bin:/usr/bin", "KIND=" + kind}}}});
  }

  std::string record(const std::string& kind) const {
    return "cat > " + log_ / (kind + ".state") + "; echo " + kind + " >> " + log_ / "order" +
           "; readlink /proc/self/ns/mnt > " + log_ / (kind + ".mnt") + "; env > " +
           log_ / (kind + ".env") + "; pwd > " + log_ / (kind + ".cwd");
  }

  json state(const std::string& kind) const {
    return json::parse(read_file(log_ / (kind + ".state")));
  }
  std::string note(const std::string& kind, const std::string& what) const {
    std::string text = read_file(log_ / (kind + "." + what));
    return text.substr(0, text.find('\n'));
  }
  bool ran(const std::string& kind) const {
    return std::filesystem::exists(log_ / (kind + ".state"));
  }
  std::string order() const { return read_file(log_ / "order"); }
  std::string file(const std::string& name) const { return log_ / name; }

  // Hooks of all kinds that write two words, and the files that the words go to.
  void write_words_to(const std::string& out, const std::string& err) {
    for (const std::string& kind : kKinds) hook(kind, "echo out $KIND; echo err $KIND >&2");
    bundle.config["annotations"] = {{"run.oci.hooks.stdout", out}, {"run.oci.hooks.stderr", err}};
  }

  Bundle bundle;

 private:
  TempDir log_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(hooks, *needs::root())

BOOST_AUTO_TEST_CASE(hooks_run_in_the_order_of_the_life_of_a_container) {
  Runtime runtime;
  Hooked hooked;
  BOOST_TEST(runtime.run(hooked.bundle).status == 0);
  std::istringstream lines{hooked.order()};
  std::vector<std::string> order;
  for (std::string line; std::getline(lines, line);) order.push_back(line);
  // The process may run before or after poststart.
  BOOST_TEST(std::erase(order, "process") == 1U);
  BOOST_TEST(order == kKinds, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(hooks_belong_to_create_start_or_delete) {
  Runtime runtime;
  Hooked hooked;
  Container container = runtime.must_create(hooked.bundle);
  BOOST_TEST(hooked.order() == "prestart\ncreateRuntime\ncreateContainer\n");
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(hooked.ran("startContainer"));
  BOOST_TEST(hooked.ran("poststart"));
  BOOST_TEST(!hooked.ran("poststop"));
  container.wait();
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(hooked.ran("poststop"));
}

BOOST_AUTO_TEST_CASE(hooks_get_the_state_on_standard_input) {
  Runtime runtime;
  Hooked hooked;
  hooked.bundle.config["annotations"] = {{"key", "a/value"}};
  Container container = runtime.must_create(hooked.bundle, "stated");
  container.start();
  container.wait();
  container.del();
  for (const std::string& kind : kKinds) {
    json state = hooked.state(kind);
    BOOST_TEST(state["id"] == "stated", kind);
    BOOST_TEST(state["bundle"] == hooked.bundle.path(), kind);
    BOOST_TEST(state["annotations"]["key"] == "a/value", kind);
    BOOST_TEST(state.contains("ociVersion"), kind);
    if (kind != "poststop") BOOST_TEST(state["pid"].get<int>() > 0, kind);
  }
  BOOST_TEST(hooked.state("createRuntime")["pid"] == container.pid());
  BOOST_TEST(hooked.state("poststart")["pid"] == container.pid());
  for (auto [kind, status] :
       {std::pair{"prestart", "creating"}, std::pair{"createRuntime", "creating"},
        std::pair{"createContainer", "creating"}, std::pair{"startContainer", "created"},
        std::pair{"poststart", "running"}, std::pair{"poststop", "stopped"}})
    BOOST_TEST(hooked.state(kind)["status"] == status, kind);
}

BOOST_AUTO_TEST_CASE(state_for_hooks_is_one_line_with_plain_slashes) {  // L36
  Runtime runtime;
  Hooked hooked;
  hooked.bundle.config["annotations"] = {{"key", "a/value"}};
  runtime.run(hooked.bundle);
  std::string text = read_file(hooked.file("createRuntime.state"));
  BOOST_TEST(!contains(text, "\n"));
  BOOST_TEST(contains(text, "\"key\":\"a/value\""));
}

BOOST_AUTO_TEST_CASE(hooks_run_in_their_namespaces) {
  Runtime runtime;
  Hooked hooked;
  hooked.bundle.shell("readlink /proc/self/ns/mnt > " + hooked.file("process.mnt"));
  BOOST_TEST(runtime.run(hooked.bundle).status == 0);
  const std::string host = std::filesystem::read_symlink("/proc/self/ns/mnt");
  const std::string container = hooked.note("process", "mnt");
  for (const char* kind : {"prestart", "createRuntime", "poststart", "poststop"})
    BOOST_TEST(hooked.note(kind, "mnt") == host, kind);
  for (const char* kind : {"createContainer", "startContainer"})
    BOOST_TEST(hooked.note(kind, "mnt") == container, kind);
}

BOOST_AUTO_TEST_CASE(create_container_hooks_run_before_the_root_changes) {
  Runtime runtime;
  Hooked hooked;
  // The path of the rootfs is that of the host; the mounts of the container are in place there.
  hooked.hook("createContainer", "test -d " + hooked.bundle.rootfs() + "/proc/self && mkdir " +
                                     hooked.bundle.rootfs() + "/made");  // L8: not yet read-only
  Output output = runtime.run(hooked.bundle);
  BOOST_TEST(output.status == 0, output.err);
  BOOST_TEST(std::filesystem::exists(hooked.bundle.rootfs() + "/made"));
}

BOOST_AUTO_TEST_CASE(mounts_of_a_create_container_hook_stay_in_the_container) {
  Runtime runtime;
  Hooked hooked;
  const Leftovers before;
  hooked.bundle.put_directory("/injected");
  hooked.hook("createContainer", "mount -t tmpfs injected " + hooked.bundle.rootfs() + "/injected");
  json seen = report(runtime, hooked.bundle);
  BOOST_TEST(mount_in(seen, "/injected")["source"] == "injected");
  for (const std::string& item : before.since()) BOOST_TEST(!item.starts_with("mount"), item);
}

BOOST_AUTO_TEST_CASE(namespaces_can_be_joined_when_runtime_hooks_run) {
  Runtime runtime;
  Hooked hooked;
  hooked.hook("createRuntime",
              "pid=$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/'); nsenter --net --target $pid "
              "ip link add hook0 type veth peer name hook1");
  json interfaces = report(runtime, hooked.bundle)["interfaces"];
  BOOST_TEST(interfaces.contains("hook0"));
}

BOOST_AUTO_TEST_CASE(environment_of_a_hook_is_its_own) {
  Runtime runtime;
  Hooked hooked;
  RunOptions options;
  options.env = {"OCELOT_TEST_OUTSIDE=1"};
  hooked.bundle.env("OF_THE_PROCESS=1");
  BOOST_TEST(runtime.run(hooked.bundle, "c", {}, options).status == 0);
  for (const std::string& kind : kKinds) {
    std::string env = read_file(hooked.file(kind + ".env"));
    BOOST_TEST(contains(env, "KIND=" + kind), kind);
    BOOST_TEST(!contains(env, "OCELOT_TEST_OUTSIDE"), kind);
    BOOST_TEST(!contains(env, "OF_THE_PROCESS"), kind);
  }
}

BOOST_AUTO_TEST_CASE(start_container_hook_without_an_environment_has_that_of_the_process) {
  Runtime runtime;
  Hooked hooked;
  hooked.bundle.env("OF_THE_PROCESS=1");
  hooked.bundle.config["hooks"]["startContainer"][0].erase("env");
  BOOST_TEST(runtime.run(hooked.bundle).status == 0);
  const std::string env = read_file(hooked.file("startContainer.env"));
  BOOST_TEST(contains(env, "OF_THE_PROCESS=1"), env);
}

BOOST_AUTO_TEST_CASE(arguments_of_a_hook_include_its_name) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  bundle.config["hooks"]["createRuntime"] = json::array(
      {{{"path", "/bin/sh"},
        {"args", {"any name", "-c", "echo \"$0 $1\" > " + log / "args", "zero", "one"}}}});
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
  BOOST_TEST(read_file(log / "args") == "zero one\n");
}

BOOST_AUTO_TEST_CASE(several_hooks_of_a_kind_run_in_order) {
  Runtime runtime;
  Bundle bundle;
  TempDir log;
  for (const char* word : {"one", "two", "three"})
    bundle.config["hooks"]["createRuntime"].push_back(
        {{"path", "/bin/sh"},
         {"args", {"sh", "-c", std::string{"echo "} + word + " >> " + log / "order"}}});
  BOOST_TEST(runtime.run(bundle.args({"true"})).status == 0);
  BOOST_TEST(read_file(log / "order") == "one\ntwo\nthree\n");
}

BOOST_AUTO_TEST_CASE(failing_hook_of_create_fails_create_and_undoes_it) {  // E67
  for (const char* kind : {"prestart", "createRuntime", "createContainer"}) {
    Runtime runtime;
    Hooked hooked;
    hooked.hook(kind, "echo words of the hook >&2; exit 3");
    std::string error = check_refused(runtime, hooked.bundle, kind);
    BOOST_TEST(contains(error, "words of the hook"), kind << ": " << error);
    BOOST_TEST(contains(error, "3"), kind);
  }
}

BOOST_AUTO_TEST_CASE(poststop_hooks_run_after_a_failed_create) {
  Runtime runtime;
  Hooked hooked;
  hooked.hook("createRuntime", "exit 1");
  BOOST_TEST(runtime.create(hooked.bundle).created.status == 1);
  BOOST_TEST(hooked.ran("poststop"));
}

BOOST_AUTO_TEST_CASE(failing_start_container_hook_fails_start_and_stops_the_container) {  // E67
  Runtime runtime;
  Hooked hooked;
  hooked.hook("startContainer", "exit 3");
  Container container = runtime.must_create(hooked.bundle);
  const Output started = container.start();
  BOOST_TEST(started.status == 1);
  if (!Runtime::is_reference()) BOOST_TEST(contains(started.err, "startContainer"), started.err);
  container.wait();
  BOOST_TEST(!contains(hooked.order(), "process"));
  runtime.del("c", {"--force"});
  BOOST_TEST(hooked.ran("poststop"));
}

BOOST_AUTO_TEST_CASE(failing_poststart_hook_fails_start_and_removes_the_container) {  // E67, L9
  Runtime runtime;
  Hooked hooked;
  hooked.hook("poststart", "exit 3");
  Container container = runtime.must_create(hooked.bundle.args({"sleep", "1000"}));
  BOOST_TEST(container.start().status == 1);
  container.wait();
  BOOST_TEST(hooked.ran("poststop"));
  BOOST_TEST(runtime.status("c") == "absent");
}

BOOST_AUTO_TEST_CASE(failing_poststop_hook_is_a_warning_and_the_others_run) {  // E68
  Runtime runtime;
  Hooked hooked;
  json good = hooked.bundle.config["hooks"]["poststop"][0];
  hooked.hook("poststop", "exit 3");
  hooked.bundle.config["hooks"]["poststop"].push_back(good);
  Container container = runtime.must_create(hooked.bundle);
  container.start();
  container.wait();
  Output deleted = container.del();
  BOOST_TEST(deleted.status == 0, deleted.err);
  BOOST_TEST(hooked.ran("poststop"));
  BOOST_TEST(runtime.status("c") == "absent");
}

BOOST_AUTO_TEST_CASE(hook_that_outlives_its_timeout_is_killed_and_fails) {
  Runtime runtime;
  Hooked hooked;
  hooked.hook("createRuntime", "exec sleep 1000");
  hooked.bundle.config["hooks"]["createRuntime"][0]["timeout"] = 1;
  std::string error = check_refused(runtime, hooked.bundle, "createRuntime");
  BOOST_TEST(!error.empty());
}

BOOST_AUTO_TEST_CASE(missing_hook_is_an_error_that_names_it) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["hooks"]["createRuntime"] = json::array({{{"path", "/no/such/hook"}}});
  BOOST_TEST(contains(check_refused(runtime, bundle, "/no/such/hook"), "/no/such/hook"));
}

BOOST_AUTO_TEST_CASE(relative_path_of_a_hook_is_an_error) {  // E65
  Runtime runtime;
  Bundle bundle;
  bundle.config["hooks"]["poststop"] = json::array({{{"path", "bin/true"}}});
  check_refused(runtime, bundle, "/hooks/poststop/0/path");
}

BOOST_AUTO_TEST_CASE(timeout_that_is_not_positive_is_an_error) {  // E66
  Runtime runtime;
  for (int timeout : {0, -1}) {
    Bundle bundle;
    bundle.config["hooks"]["poststop"] =
        json::array({{{"path", "/bin/true"}, {"timeout", timeout}}});
    check_refused(runtime, bundle, "/hooks/poststop/0/timeout");
  }
}

BOOST_AUTO_TEST_CASE(hook_that_does_not_read_its_input_is_no_failure) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"] = {{"long", std::string(200000, 'x')}};
  bundle.config["hooks"]["createRuntime"] = json::array({{{"path", "/bin/true"}}});
  Output output = runtime.run(bundle.args({"true"}));
  BOOST_TEST(output.status == 0, output.err);
}

std::string lines_of_all_kinds(const std::string& first_word) {
  std::string lines;
  for (const std::string& kind : kKinds) lines += first_word + " " + kind + "\n";
  return lines;
}

BOOST_AUTO_TEST_CASE(what_hooks_write_is_appended_to_files_that_annotations_name,
                     *needs::ocelot("the annotations are crun's")) {
  Runtime runtime;
  Hooked hooked;
  TempDir files;
  write_file(files / "err", "earlier\n");
  hooked.write_words_to(files / "out", files / "err");
  // The files are the host's: what the container has at that path is not touched.
  hooked.bundle.add_mount(files.path(), "tmpfs", "tmpfs").args({"ls", files.path()});
  Container container = runtime.must_create(hooked.bundle);
  struct stat facts {};
  checked(::stat((files / "out").c_str(), &facts), "stat");
  BOOST_TEST((facts.st_mode & 07777) == 0600U);
  BOOST_TEST(container.start().status == 0);
  container.wait();
  BOOST_TEST(container.del().status == 0);
  BOOST_TEST(container.read_to_end() == "");
  BOOST_TEST(read_file(files / "out") == lines_of_all_kinds("out"));
  BOOST_TEST(read_file(files / "err") == "earlier\n" + lines_of_all_kinds("err"));
}

BOOST_AUTO_TEST_CASE(one_file_takes_both_streams_and_the_other_stays_in_the_error,
                     *needs::ocelot("the annotations are crun's")) {
  Runtime runtime;
  Hooked hooked;
  TempDir files;
  hooked.write_words_to(files / "both", files / "both");
  runtime.run(hooked.bundle);
  BOOST_TEST(contains(read_file(files / "both"), "out prestart\nerr prestart\nout createRuntime"));

  hooked.hook("createRuntime", "echo to the file; echo to the error >&2; exit 3");
  hooked.bundle.config["annotations"].erase("run.oci.hooks.stderr");
  const std::string error = check_refused(runtime, hooked.bundle, "createRuntime");
  BOOST_TEST(contains(error, "to the error"), error);
  BOOST_TEST(!contains(error, "to the file"), error);
  BOOST_TEST(contains(read_file(files / "both"), "to the file\n"));
}

BOOST_AUTO_TEST_CASE(files_for_the_output_of_hooks_are_made_for_hooks_alone,
                     *needs::ocelot("the annotations are crun's")) {
  Runtime runtime;
  Hooked hooked;
  hooked.write_words_to(hooked.file("out"), hooked.file("err"));
  hooked.bundle.config.erase("hooks");
  BOOST_TEST(runtime.run(hooked.bundle.args({"true"})).status == 0);
  BOOST_TEST(!std::filesystem::exists(hooked.file("out")));
  BOOST_TEST(!std::filesystem::exists(hooked.file("err")));
}

// The program must not have what its hooks could write to.
BOOST_AUTO_TEST_CASE(files_for_the_output_of_hooks_are_no_descriptors_of_the_program,
                     *needs::ocelot("the annotations are crun's")) {
  Runtime runtime;
  Hooked hooked;
  TempDir files;
  hooked.write_words_to(files / "out", files / "err");
  const json seen = report(runtime, hooked.bundle);
  BOOST_TEST(seen["fds"].size() == 3U, seen["fds"].dump());
  BOOST_TEST(contains(read_file(files / "out"), "out startContainer"));
}

BOOST_AUTO_TEST_CASE(poststop_hooks_run_though_the_file_for_their_output_is_gone,
                     *needs::ocelot("the annotations are crun's")) {
  Runtime runtime;
  Hooked hooked;
  TempDir files;
  std::filesystem::create_directory(files / "sub");
  hooked.write_words_to(files / "sub/out", files / "err");
  hooked.hook("poststop", hooked.record("poststop"));
  Container container = runtime.must_create(hooked.bundle);
  container.start();
  container.wait();
  std::filesystem::remove_all(files / "sub");
  const Output deleted = container.del();
  BOOST_TEST(deleted.status == 0, deleted.err);
  BOOST_TEST(contains(deleted.err, "run.oci.hooks.stdout"), deleted.err);
  BOOST_TEST(hooked.ran("poststop"));
  BOOST_TEST(runtime.status("c") == "absent");
}

BOOST_AUTO_TEST_CASE(plan_tells_where_the_output_of_hooks_goes,
                     *needs::ocelot("the annotations are crun's")) {
  Runtime runtime;
  Hooked hooked;
  hooked.write_words_to("/log/out", "/log/err");
  hooked.bundle.write();
  const auto planned = [&] { return runtime.call({"plan", "--bundle", hooked.bundle.path()}).out; };
  for (const char* words : {"stdout of hooks", "to /log/out", "stderr of hooks", "to /log/err"})
    BOOST_TEST(contains(planned(), words), planned());
  hooked.bundle.config.erase("hooks");
  hooked.bundle.write();
  BOOST_TEST(!contains(planned(), "of hooks"));
}

BOOST_AUTO_TEST_SUITE_END()
