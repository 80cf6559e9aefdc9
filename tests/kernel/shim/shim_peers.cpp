// Who may ask what of a real shim: operators, observers, strangers, and the container itself.
#include <fcntl.h>
#include <sys/stat.h>

#include <functional>

#include "runtime/base/error.hpp"
#include "runtime/base/process.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "shim/control/client.hpp"
#include "tests/support/black_box.hpp"
#include "tests/support/shimmed.hpp"

namespace {

using namespace ocelot::test;
using namespace std::chrono_literals;
using nlohmann::json;
using ocelot::control::Client;
using ocelot::control::Clock;

constexpr uid_t stranger = 12345, observer = 12346, operating = 12347;
constexpr gid_t observers = 12348, more_observers = 12349;
const std::string denied = "connect control.sock: Permission denied";

struct As {
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups = {};
  bool may_pass_modes = false;  // CAP_DAC_OVERRIDE
};

void become(const As& who) {
  constexpr std::uint64_t dac_override = 1u << 1;
  ocelot::sys::set_groups(who.groups);
  ocelot::sys::set_gid(who.gid);
  ocelot::sys::set_keep_capabilities(who.may_pass_modes);
  ocelot::sys::set_uid(who.uid);
  if (who.may_pass_modes) ocelot::sys::set_capabilities(dac_override, dac_override, 0);
}

std::string answer(const std::string& directory, const std::string& document,
                   const std::function<void()>& connected = {}) {
  try {
    const ocelot::UniqueFd fd = ocelot::sys::open(AT_FDCWD, directory, O_PATH | O_DIRECTORY);
    auto client = Client::connect_if_listening(fd.get());
    if (!client) return "nobody listens";
    if (connected) connected();
    const std::uint64_t id = client->send(document);
    const auto come = client->wait(Clock::now() + 20s);
    if (!come || come->id != id) return "no answer";
    return come->document;
  } catch (const ocelot::Error& error) {
    return error.what();
  }
}

// What a process with these ids is told.
enum class Becomes { before_it_connects, when_it_has_connected };
std::string ask(const Shimmed& container, const As& who, const std::string& document,
                Becomes when = Becomes::before_it_connects) {
  ocelot::sys::Pipe pipe = ocelot::sys::pipe();
  const std::string directory = container.directory();
  ocelot::ChildProcess child = ocelot::spawn(
      "client", {},
      [&] {
        const auto change = [&] { become(who); };
        if (when == Becomes::before_it_connects) change();
        const bool late = when == Becomes::when_it_has_connected;
        ocelot::sys::write_all(
            pipe.write_end.get(),
            answer(directory, document, late ? change : std::function<void()>{}));
        return 0;
      },
      [](const ocelot::Error&) {});
  pipe.write_end.reset();
  std::string said = ocelot::sys::read_all(pipe.read_end.get());
  child.wait();
  return said;
}

std::string operation(const std::string& name) {
  return R"({"operation":")" + name + R"("})";
}

mode_t mode_of(const std::string& path) {
  struct stat facts;
  BOOST_REQUIRE_EQUAL(::lstat(path.c_str(), &facts), 0);
  return facts.st_mode & 07777;
}

gid_t group_of(const std::string& path) {
  struct stat facts;
  BOOST_REQUIRE_EQUAL(::lstat(path.c_str(), &facts), 0);
  return facts.st_gid;
}

void check_looks_only(const Shimmed& container, const As& who) {
  BOOST_TEST_CONTEXT("uid " << who.uid << ", gid " << who.gid) {
    BOOST_TEST(json::parse(ask(container, who, operation("state"))).at("status") == "running");
    BOOST_TEST(json::parse(ask(container, who, operation("stats"))).at("type") == "stats");
    BOOST_TEST(json::parse(ask(container, who, operation("events"))).at("event") == "subscribed");
    for (const char* name : {"kill", "exec", "status", "attach", "delete"}) {
      const std::string told = ask(container, who, operation(name));
      BOOST_TEST(contains(told, std::string(name) + ": needs the role operator"), told);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shim_peers, *needs::root() * needs::ocelot())

BOOST_AUTO_TEST_CASE(without_guests_the_socket_is_its_owners_alone) {
  Runtime runtime;
  Bundle bundle;
  const mode_t root = mode_of(runtime.root());
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  BOOST_TEST(mode_of(runtime.root()) == root);
  BOOST_TEST(mode_of(container.directory()) == 0700u);
  BOOST_TEST(mode_of(container.directory() + "/control.sock") == 0600u);
}

BOOST_AUTO_TEST_CASE(an_observer_group_gets_as_far_as_the_socket) {
  Runtime runtime;
  BOOST_REQUIRE_EQUAL(::chmod(runtime.root().c_str(), 0700), 0);
  Bundle bundle;
  const Shimmed container{
      runtime, bundle.args({"sleep", "1000"}), {"--observer", ":" + std::to_string(observers)}};
  const std::string own = container.directory() + "/control";
  BOOST_TEST(mode_of(runtime.root()) == 0711u);
  BOOST_TEST(mode_of(container.directory()) == 0711u);
  BOOST_TEST(mode_of(own) == 0750u);
  BOOST_TEST(group_of(own) == observers);
  BOOST_TEST(mode_of(own + "/control.sock") == 0660u);
  BOOST_TEST(group_of(own + "/control.sock") == observers);
  // Nothing else that can now be reached can be read or written.
  for (const auto& entry : std::filesystem::directory_iterator(container.directory())) {
    if (entry.path() == own || entry.is_symlink()) continue;
    BOOST_TEST((mode_of(entry.path()) & 077) == 0u, entry.path());
  }

  check_looks_only(container, {stranger, observers});
  check_looks_only(container, {stranger, stranger, {1, observers}});
  BOOST_TEST(contains(ask(container, {stranger, stranger}, operation("state")), denied));
}

BOOST_AUTO_TEST_CASE(users_and_further_groups_are_let_in_by_an_access_control_list) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"]["org.ocelot.observer"] = ":" + std::to_string(more_observers);
  const Shimmed container{
      runtime,
      bundle.args({"sleep", "1000"}),
      {"--observer", std::to_string(observer), "--observer", ":" + std::to_string(observers),
       "--operator", std::to_string(operating)}};
  BOOST_TEST(mode_of(container.directory() + "/control") == 0750u);
  BOOST_TEST(mode_of(container.directory() + "/control/control.sock") == 0660u);

  check_looks_only(container, {observer, stranger});
  check_looks_only(container, {stranger, observers});
  check_looks_only(container, {stranger, more_observers});
  BOOST_TEST(contains(ask(container, {stranger, stranger}, operation("state")), denied));
  BOOST_TEST(json::parse(ask(container, {operating, stranger}, operation("status"))).at("pid") ==
             container.shim_pid());
  BOOST_TEST(ask(container, {operating, stranger}, operation("pause")) == "{}");
  BOOST_TEST(ask(container, {operating, stranger}, operation("resume")) == "{}");
}

BOOST_AUTO_TEST_CASE(an_operator_does_not_say_which_program_the_shim_is) {
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{
      runtime, bundle.args({"sleep", "1000"}), {"--operator", std::to_string(operating)}};
  for (const Becomes when : {Becomes::before_it_connects, Becomes::when_it_has_connected}) {
    const std::string told = ask(container, {operating, operating}, operation("upgrade"), when);
    BOOST_TEST(contains(told, "PermissionDenied"), told);
    BOOST_TEST(contains(told, "upgrade: needs the role owner"), told);
  }
}

BOOST_AUTO_TEST_CASE(an_annotation_makes_observers_and_never_operators) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"]["org.ocelot.observer"] = std::to_string(observer);
  bundle.config["annotations"]["org.ocelot.operator"] = std::to_string(operating);
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  check_looks_only(container, {observer, stranger});
  BOOST_TEST(contains(ask(container, {operating, stranger}, operation("state")), denied));
}

BOOST_AUTO_TEST_CASE(a_stranger_whom_modes_do_not_stop_is_refused_counted_and_logged) {
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{runtime, bundle.args({"sleep", "1000"})};
  const std::string told = ask(container, {stranger, stranger, {}, true}, operation("state"));
  BOOST_TEST(contains(told, "uid 12345, gid 12345 is neither operator nor observer"), told);
  BOOST_TEST(container.shim_status().at("control").at("refused") == 1);
  const std::string log = read_file(container.directory() + "/shim.log");
  BOOST_TEST(contains(log, "uid 12345, gid 12345 is neither operator nor observer"), log);
}

BOOST_AUTO_TEST_CASE(an_observer_waits_for_the_end) {
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{
      runtime, bundle.shell("exit 7"), {"--observer", std::to_string(observer)}};
  BOOST_TEST(json::parse(ask(container, {observer, stranger}, operation("wait"))).at("status") ==
             7);
}

BOOST_AUTO_TEST_CASE(a_shim_that_adopts_admits_whom_the_first_one_did) {
  Runtime runtime;
  Bundle bundle;
  bundle.config["annotations"]["org.ocelot.observer"] = ":" + std::to_string(observers);
  const Shimmed container{
      runtime, bundle.args({"sleep", "1000"}), {"--operator", std::to_string(operating)}};
  checked(::kill(container.shim_pid(), SIGKILL), "kill");
  container.wait_for_shim();
  BOOST_REQUIRE_EQUAL(container.call({"shim", "adopt"}).status, 0);
  check_looks_only(container, {stranger, observers});
  BOOST_TEST(ask(container, {operating, stranger}, operation("pause")) == "{}");
}

BOOST_AUTO_TEST_CASE(the_commands_work_for_an_observer) {
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{
      runtime, bundle.shell("sleep 1000"), {"--observer", std::to_string(observer)}};
  const RunOptions as_observer{.in_child = [] { become({observer, stranger}); }};
  const Output seen = container.call({"state"}, {}, as_observer);
  BOOST_TEST(seen.out == container.call({"state"}).out, seen.err);
  const Output killed = container.call({"kill"}, {}, as_observer);
  BOOST_TEST(killed.status == 1);
  BOOST_TEST(contains(killed.err, "kill: needs the role operator"), killed.err);
  // With descriptors the request does not even leave.
  const Output added = container.call({"exec"}, {"true"}, as_observer);
  BOOST_TEST(added.status == 255);
  BOOST_TEST(contains(added.err, "needs the role operator"), added.err);
  const RunOptions as_stranger{.in_child = [] { become({stranger, stranger}); }};
  const Output refused = container.call({"kill"}, {}, as_stranger);
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.err, denied), refused.err);
}

BOOST_AUTO_TEST_CASE(an_observer_sees_the_figures_that_the_owner_sees) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["pids"] = {{"limit", 77}};
  const Shimmed container{
      runtime, bundle.shell("sleep 1000"), {"--observer", std::to_string(observer)}};
  const RunOptions as_observer{.in_child = [] { become({observer, stranger}); }};
  const std::vector<std::string> once{"stats", "--no-stream", "--interval",
                                      "10ms",  "--format",    "json"};
  const json own = json::parse(container.call(once).out).at(0);
  const Output seen = container.call(once, {}, as_observer);
  BOOST_REQUIRE_MESSAGE(seen.status == 0, seen.err);
  const json theirs = json::parse(seen.out).at(0);
  for (const char* name : {"id", "pids", "pidsLimit", "memoryLimit", "readBytes", "writtenBytes"})
    BOOST_TEST(theirs.at(name) == own.at(name), name);
  BOOST_TEST(theirs.at("pidsLimit") == 77);
  BOOST_TEST(theirs.at("memory") > 0);

  const json event = json::parse(container.call({"events", "--stats"}, {}, as_observer).out);
  BOOST_TEST(event.at("type") == "stats");
  BOOST_TEST(event.at("data").at("pids").at("limit") == 77);
  Command events{runtime.command({"events", "--interval", "10ms", "c"}), as_observer};
  for (int i = 0; i < 3; ++i) events.read_until("\n");
  checked(::kill(container.pid(), SIGKILL), "kill");
  const Output told = events.wait();
  BOOST_TEST(told.status == 0, told.err);
  const json first = json::parse(told.out.substr(0, told.out.find('\n')));
  BOOST_TEST(first.at("type") == "stats");
  BOOST_TEST(!first.contains("number"));

  for (const char* command : {"ps", "logs"}) {
    const Output refused = container.call({command}, {}, as_observer);
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(contains(refused.err, "needs the role operator"), refused.err);
  }
}

BOOST_AUTO_TEST_CASE(an_observer_is_told_of_memory_that_runs_out) {
  Runtime runtime;
  Bundle bundle;
  bundle.linux()["resources"]["memory"] = {{"limit", 32 << 20}, {"swap", 32 << 20}};
  const std::string too_much = "/bin/probe fill " + std::to_string(128 << 20) + " 2>/dev/null";
  const Shimmed container{runtime,
                          bundle.shell("read go; " + too_much + "; read go; exec " + too_much),
                          {"--observer", std::to_string(observer), "--stdin"}};
  Command events{runtime.command({"events", "--interval", "10ms", "c"}), {.in_child = [] {
                   become({observer, stranger});
                 }}};
  events.read_until("\"stats\"");  // it listens
  const std::string oom = "{\"type\":\"oom\",\"id\":\"c\"}\n";
  Command attached{runtime.command({"attach", "c"}), {.keep_input_open = true}};
  attached.write("go\n");  // of a child
  events.read_until(oom);
  attached.write("go\n");  // of init
  const Output told = events.wait();
  BOOST_TEST(told.status == 0, told.err);
  BOOST_TEST(contains(told.out.substr(told.out.find(oom) + oom.size()), oom), told.out);
  BOOST_TEST(container.wait().at("oomKilled") == true);
}

BOOST_AUTO_TEST_CASE(an_operator_lists_the_processes_and_reads_the_log) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  const std::string log = files / "log";
  const Shimmed container{runtime,
                          bundle.shell("echo said; exec sleep 1000"),
                          {"--operator", std::to_string(operating), "--output-log", log}};
  while (read_file(log).empty()) container.shim_status();
  BOOST_REQUIRE((mode_of(log) & 0007) == 0u);  // not the operator's to read
  const RunOptions as_operator{.in_child = [] { become({operating, stranger}); }};
  const Output listed = container.call({"ps", "--format", "json"}, {}, as_operator);
  BOOST_TEST(listed.out == "[" + std::to_string(container.pid()) + "]\n", listed.err);
  const Output lines = container.call({"ps"}, {}, as_operator);
  BOOST_TEST(contains(lines.out, "sleep 1000"), lines.err);
  const Output logged = container.call({"logs"}, {}, as_operator);
  BOOST_TEST(logged.out == "said\n", logged.err);
}

BOOST_AUTO_TEST_CASE(a_shim_that_adopts_may_be_given_others) {
  Runtime runtime;
  Bundle bundle;
  const Shimmed container{
      runtime,
      bundle.args({"sleep", "1000"}),
      {"--operator", std::to_string(operating), "--observer", std::to_string(observer),
       "--observer", ":" + std::to_string(observers)}};
  const auto adopt = [&](const std::vector<std::string>& flags) {
    const pid_t shim = container.shim_status().at("pid");
    const UniqueFd pidfd = open_pidfd(shim);
    checked(::kill(shim, SIGKILL), "kill");
    wait_for_end(pidfd.get());
    std::vector<std::string> words{"shim", "adopt"};
    words.insert(words.end(), flags.begin(), flags.end());
    const Output adopted = container.call(words);
    BOOST_REQUIRE_MESSAGE(adopted.status == 0, adopted.err);
  };
  adopt({"--observer", ":" + std::to_string(more_observers)});
  check_looks_only(container, {stranger, more_observers});
  const std::string probe = R"({"operation":"kill","signal":0})";
  BOOST_TEST(ask(container, {operating, stranger}, probe) == "{}");
  BOOST_TEST(contains(ask(container, {observer, stranger}, operation("state")), denied));
  BOOST_TEST(contains(ask(container, {stranger, observers}, operation("state")), denied));

  adopt({});
  check_looks_only(container, {stranger, more_observers});

  adopt({"--operator", "", "--observer", ""});
  BOOST_TEST(mode_of(container.directory()) == 0700u);
  BOOST_TEST(contains(ask(container, {operating, stranger}, operation("state")), denied));
  BOOST_TEST(contains(ask(container, {stranger, more_observers}, operation("state")), denied));

  const Output refused = container.call({"shim", "status", "--operator", "5"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(contains(refused.err, "takes neither"), refused.err);
}

BOOST_AUTO_TEST_CASE(words_that_name_nobody_are_refused_and_leave_nothing) {
  Runtime runtime;
  Bundle bundle;
  const auto create = [&](const std::vector<std::string>& flags) {
    bundle.args({"true"}).write();
    std::vector<std::string> words{"create", "--shim", "--bundle", bundle.path()};
    words.insert(words.end(), flags.begin(), flags.end());
    words.emplace_back("c");
    const Output made = runtime.call(words);
    BOOST_TEST(made.status == 1);
    BOOST_TEST(runtime.ids().empty());
    return made.err;
  };
  BOOST_TEST(contains(create({"--operator", ":5"}), "--operator: \":5\" is not the id of a user"));
  BOOST_TEST(contains(create({"--operator", "1,,2"}), "--operator: \"\" is not"));
  BOOST_TEST(contains(create({"--observer", "65534"}), "--observer: \"65534\" is not"));
  BOOST_TEST(contains(create({"--observer", ":-1"}), "a colon and the id of a group"));
  BOOST_TEST(contains(create({"--observer", "4294967295"}), "is not the id of a user"));
  bundle.config["annotations"]["org.ocelot.observer"] = "root";
  BOOST_TEST(contains(create({}), "org.ocelot.observer: \"root\" is not"));
  BOOST_TEST(our_cgroups().empty());
}

// CVE-2020-15257: the socket of a runtime within reach of a container that has the host's
// namespaces.
BOOST_AUTO_TEST_CASE(the_container_itself_is_refused_in_the_namespaces_of_the_host_too) {
  Runtime runtime;
  Bundle bundle;
  bundle.remove_namespace("pid");
  BOOST_REQUIRE(!contains(bundle.linux().at("namespaces").dump(), "user"));
  bundle.add_mount("/state", "none", runtime.root(), {"rbind", "rw"});
  bundle.add_mount("/bin/ocelot", "none", Runtime::path(), {"bind", "ro"});
  bundle.put("/bin/ocelot", "", 0755);
  bundle.put_directory("/state");
  bundle.args({"sleep", "1000"});
  const Shimmed container{runtime, bundle};

  const std::vector<std::string> client{"/bin/ocelot", "--root", "/state", "shim", "status", "c"};
  const Output inside = container.call({"exec"}, client);
  BOOST_TEST(inside.status == 1);
  BOOST_TEST(contains(inside.err, "is a process of the container"), inside.out + inside.err);
  const json status = container.shim_status();
  BOOST_TEST(status.at("control").at("refused") == 1);
  BOOST_TEST(
      contains(read_file(container.directory() + "/shim.log"), "is a process of the container"));
}

BOOST_AUTO_TEST_SUITE_END()
