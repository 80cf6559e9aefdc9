// A process that is added to a container: nobody there gets at it, or through it at the host,
// before it is the container's own program.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

// A container that looks into every process that comes: `script` has its pid in $p.
Bundle& watch(Bundle& bundle, const std::string& script) {
  bundle.capabilities({"CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"});
  return bundle.shell(
      "echo up; while [ ! -e /dev/shm/end ]; do for d in /proc/[0-9]*; do p=${d#/proc/}; "
      "[ $p = $$ ] || { " +
      script + "; }; done; done; echo end");
}

// As many processes as it takes for some to be seen before their execve. The end is told from
// outside: a process that tells it would be killed as it ends, when the container does.
void add_many(const Runtime& runtime, const Container& container, int count) {
  for (int i = 0; i < count; ++i) BOOST_TEST(runtime.call({"exec", "c", "true"}).status == 0);
  write_file("/proc/" + std::to_string(container.pid()) + "/root/dev/shm/end", "");
}

// A container whose listener is asked before one of its processes becomes the user `uid`.
Bundle& ask_before_becoming(Bundle& bundle, uid_t uid, const ConsoleSocket& listener) {
  // While it is privileged a process loads its filter before it has the container's credentials.
  bundle.process()["noNewPrivileges"] = false;
  const json args{{{"index", 0}, {"value", uid}, {"op", "SCMP_CMP_EQ"}}};
  bundle.linux()["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"listenerPath", listener.path()},
      {"syscalls", {{{"names", {"setresuid"}}, {"action", "SCMP_ACT_NOTIFY"}, {"args", args}}}}};
  return bundle;
}

// The call that stands still until it is let go on.
seccomp_notif held_call(int notifications) {
  pollfd asked{notifications, POLLIN, 0};
  if (checked(::poll(&asked, 1, 20'000), "poll") == 0) throw std::runtime_error("nothing is asked");
  seccomp_notif request{};
  checked(::ioctl(notifications, SECCOMP_IOCTL_NOTIF_RECV, &request), "NOTIF_RECV");
  return request;
}

void let_go_on(int notifications, const seccomp_notif& request) {
  seccomp_notif_resp response{};
  response.id = request.id;
  response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  checked(::ioctl(notifications, SECCOMP_IOCTL_NOTIF_SEND, &response), "NOTIF_SEND");
}

std::vector<pid_t> children_of(pid_t pid) {
  const std::string process = "/proc/" + std::to_string(pid);
  std::istringstream words{read_file(process + "/task/" + std::to_string(pid) + "/children")};
  std::vector<pid_t> all;
  for (pid_t child; words >> child;) all.push_back(child);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(added_process, *needs::root())

BOOST_AUTO_TEST_CASE(its_descriptors_and_directories_cannot_be_reached) {  // S2, CVE-2016-9962
  Runtime runtime;
  Bundle bundle;
  // Still the runtime's afterwards: then what was reached was not the container's own. Its memory
  // says so: the name (comm) changes in the middle of execve(2), when all is closed already.
  watch(bundle,
        "ls /proc/$p/fd/ /proc/$p/cwd/. >/dev/null 2>&1 && "
        "case \"$(readlink /proc/$p/exe)\" in *busybox|'') ;; *) echo reached;; esac");
  Container container = runtime.must_create(bundle);
  BOOST_TEST(container.start().status == 0);
  container.read_until("up\n");
  add_many(runtime, container, 200);
  const std::string output = container.read_to_end();
  container.wait();
  BOOST_TEST(!contains(output, "reached"));
}

BOOST_AUTO_TEST_CASE(its_program_cannot_be_overwritten) {  // S1, CVE-2019-5736
  const std::string before = read_file(Runtime::path());
  Runtime runtime;
  Bundle bundle;
  watch(bundle,
        "case \"$(readlink /proc/$p/exe)\" in *busybox|'') ;; *) "
        "(exec 7<>/proc/$p/exe && echo other >&7) 2>/dev/null && echo overwritten;; esac");
  bundle.put("/bin/evil", "#!/proc/self/exe\n", 0755);
  Container container = runtime.must_create(bundle);
  BOOST_TEST(container.start().status == 0);
  container.read_until("up\n");
  for (const char* program : {"/proc/self/exe", "/bin/evil"})
    BOOST_TEST(runtime.call({"exec", "c", program, "--version"}).status < 256);
  add_many(runtime, container, 50);
  const std::string output = container.read_to_end();
  container.wait();
  BOOST_TEST(!contains(output, "overwritten"));
  BOOST_TEST((read_file(Runtime::path()) == before));
}

// The stage, whose memory the process has, would go on there when the process gives it up.
BOOST_AUTO_TEST_CASE(what_it_comes_from_has_ended_before_it_has_the_containers_credentials,
                     *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  ConsoleSocket listener;
  Running running{runtime, ask_before_becoming(bundle, 1000, listener)};
  listener.receive();  // that of init
  Command added = running.exec_in_foreground({"/bin/true"}, {"--user", "1000"});
  const Received received = listener.receive();
  BOOST_REQUIRE(received.fds.size() == 1U);
  const int notifications = received.fds[0].get();

  const seccomp_notif call = held_call(notifications);
  std::vector<pid_t> others = children_of(added.pid());
  BOOST_TEST(std::erase(others, static_cast<pid_t>(call.pid)) == 1U);
  BOOST_REQUIRE(others.size() == 1U);
  const UniqueFd stage = open_pidfd(others[0]);
  pollfd ended{stage.get(), POLLIN, 0};
  BOOST_TEST(checked(::poll(&ended, 1, 10'000), "poll") == 1);
  let_go_on(notifications, call);
  BOOST_TEST(added.wait().status == 0);
}

BOOST_AUTO_TEST_CASE(files_of_the_container_neither_block_nor_fill_it,
                     *needs::ocelot("runc waits for the FIFO")) {  // CVE-2024-9676
  Runtime runtime;
  for (const std::string what : {"mkfifo /etc/passwd", "ln -s /dev/zero /etc/passwd",
                                 "truncate -s 10G /etc/passwd", "mkdir /etc/passwd"}) {
    Bundle bundle;
    bundle.config["root"]["readonly"] = false;
    Running running{runtime, bundle};
    BOOST_REQUIRE(running.exec({"sh", "-c", "rm /etc/passwd; " + what}).status == 0);
    Output output = running.exec({"sh", "-c", "echo $HOME"});
    BOOST_TEST(output.status == 0, what + output.err);
    BOOST_TEST(output.out == "/\n", what);
  }
}

BOOST_AUTO_TEST_CASE(what_the_container_has_for_its_null_device_is_not_opened) {
  Runtime runtime;
  Bundle bundle;
  Running running{runtime, bundle};
  BOOST_REQUIRE(running.exec({"sh", "-c", "rm /dev/null && echo mine > /dev/null"}).status == 0);
  const std::string file = "/proc/" + std::to_string(running.container().pid()) + "/root/dev/null";
  UniqueFd watch{checked(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "inotify_init1")};
  checked(::inotify_add_watch(watch.get(), file.c_str(), IN_OPEN), "inotify_add_watch");
  char event[4096];
  UniqueFd null{checked(::open("/dev/null", O_RDWR | O_CLOEXEC), "open")};
  RunOptions options;
  options.fds = {{null.get(), 0}};
  BOOST_TEST(running.exec({"true"}, {}, options).status == 0);
  BOOST_TEST(::read(watch.get(), event, sizeof event) == -1);
  BOOST_TEST(read_file(file) == "mine\n");  // control: such an opening is seen
  BOOST_TEST(::read(watch.get(), event, sizeof event) > 0);
}

BOOST_AUTO_TEST_SUITE_END()
