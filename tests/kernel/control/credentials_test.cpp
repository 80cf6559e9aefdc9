#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "runtime/base/process.hpp"
#include "tests/kernel/control/raw_client.hpp"
#include "tests/kernel/control/server_thread.hpp"

namespace ocelot::test {
namespace {

constexpr uid_t stranger = 12345, observer = 12346;
constexpr gid_t observers = 12347;

constexpr const char* state = R"({"operation":"state"})";
constexpr const char* kill = R"({"operation":"kill"})";

// Everything a client process may be: it becomes `uid` and `gid`, then asks.
struct As {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups = {};

  void become() const {
    sys::set_groups(groups);
    sys::set_gid(gid);
    sys::set_uid(uid);
  }
};

// What a client process says. It is forked in the server's thread, while this one waits: nobody
// holds a lock that would stay held in the child.
template <typename Body>
std::string in_child(ServerThread& shim, Body body) {
  sys::Pipe pipe = sys::pipe();
  ChildProcess child;
  shim.run([&] {
    child = spawn(
        "client", {},
        [&] {
          std::string said;
          try {
            said = body();
          } catch (const Error& error) {
            said = error.what();
          }
          sys::write_all(pipe.write_end.get(), said);
          return 0;
        },
        [](const Error&) {});
  });
  pipe.write_end.reset();
  std::string said = sys::read_all(pipe.read_end.get());
  child.wait();
  return said;
}

std::string ask_as(ServerThread& shim, const As& who, const char* document) {
  return in_child(shim, [&] {
    who.become();
    shim.client().request(document, {}, soon());
    return std::string{"ok"};
  });
}

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

control::Authority::Members members() {
  return {.observers = {observer}, .observer_groups = {observers}};
}

std::uint64_t refused(ServerThread& shim, control::Refusal why) {
  return shim.metrics().refused[static_cast<std::size_t>(why)];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(control_credentials)

// security 4.6, 1: wrong uid and gid are refused, and logged once.
BOOST_AUTO_TEST_CASE(a_stranger_is_told_why_it_is_refused) {
  ServerThread shim{{}, members()};
  const std::string said = ask_as(shim, {stranger, stranger}, state);
  BOOST_TEST(has(said, "uid 12345, gid 12345 is neither operator nor observer"), said);
  BOOST_TEST(refused(shim, control::Refusal::NoRole) == 1u);
  BOOST_TEST(shim.ask<std::size_t>([&] { return shim.log.size(); }) == 1u);
  BOOST_TEST(shim.requests == 0u);
}

// security 4.6, 1: the overflow uid
BOOST_AUTO_TEST_CASE(the_overflow_uid_is_refused_though_it_be_listed) {
  ServerThread shim{{}, {.operators = {65534}}};
  BOOST_TEST(has(ask_as(shim, {65534, 65534}, state), "neither operator nor observer"));
}

BOOST_AUTO_TEST_CASE(observers_look_and_change_nothing) {
  ServerThread shim{{}, members()};
  for (const As& who :
       {As{observer, stranger}, As{stranger, observers}, As{stranger, stranger, {1, observers}}}) {
    BOOST_TEST(ask_as(shim, who, state) == "ok");
    const std::string said = ask_as(shim, who, kill);
    BOOST_TEST(has(said, "kill: needs the role operator"), said);
  }
  BOOST_TEST(shim.effects.empty());
  BOOST_TEST(refused(shim, control::Refusal::Permission) == 3u);
}

// security 4.6, 2: connect as root, drop, send: denied.
BOOST_AUTO_TEST_CASE(privileges_that_were_dropped_after_connecting_do_not_count) {
  ServerThread shim{{}, members()};
  const auto after_dropping_to = [&](uid_t uid) {
    return in_child(shim, [&] {
      control::Client client = shim.client();
      client.request(state, {}, soon());
      As{uid, stranger}.become();
      client.request(kill, {}, soon());
      return std::string{"ok"};
    });
  };
  BOOST_TEST(has(after_dropping_to(observer), "needs the role operator"));
  BOOST_TEST(has(after_dropping_to(stranger), "may not use this connection"));
  BOOST_TEST(shim.effects.empty());
}

// security 4.6, 3: pass the connected socket to another uid: denied.
BOOST_AUTO_TEST_CASE(a_connection_that_was_handed_on_gains_nothing) {
  ServerThread shim{{}, members()};
  const UniqueFd socket = shim.connect();
  send_packet(socket.get(), hello_packet());
  BOOST_TEST((receive(socket.get())->frame.header.type == control::Type::Welcome));
  in_child(shim, [&] {
    As{stranger, stranger}.become();
    send_packet(socket.get(), request_packet(1, kill));
    return std::string{};
  });
  const auto goodbye = receive(socket.get());
  BOOST_TEST((goodbye->frame.header.type == control::Type::Goodbye));
  BOOST_TEST(!receive(socket.get()));
  BOOST_TEST(shim.effects.empty());
}

// security 4.6, 1: a foreign user namespace, or pid namespace, though its uid be 0 here.
BOOST_AUTO_TEST_CASE(a_process_of_another_namespace_is_refused) {
  ServerThread shim;
  const auto from = [&](ServerThread& server, int flags) {
    return in_child(server, [&] {
      sys::unshare(flags);
      ChildProcess inside = spawn(
          "inside", {},
          [&] {
            control::Client client = server.client();
            client.request(state, {}, soon());
            return 0;
          },
          [](const Error& error) { sys::exit(has(error.what(), "namespace") ? 77 : 78); });
      return std::to_string(inside.wait().code);
    });
  };
  BOOST_TEST(from(shim, CLONE_NEWPID) == "77");
  BOOST_TEST(from(shim, 0) == "0");
  ServerThread open{{}, {.foreign_namespaces = true}};
  BOOST_TEST(from(open, CLONE_NEWPID) == "0");

  // Unmapped, it still has uid 0 in ours: only its namespace tells.
  const std::string said = in_child(shim, [&] {
    sys::unshare(CLONE_NEWUSER);
    shim.client().request(state, {}, soon());
    return std::string{"ok"};
  });
  BOOST_TEST(has(said, "another user namespace"), said);
}

// security 4.6, 1: a managed cgroup; whose it is the shim knows.
BOOST_AUTO_TEST_CASE(the_shim_may_object_to_a_peer) {
  pid_t seen = 0;
  bool by_pidfd = false;
  ServerThread shim{{}, {}, [&](const control::Credentials& who, int pidfd) {
                      seen = who.pid;
                      by_pidfd = pidfd != -1;
                      return std::optional<std::string>{"it is in the container"};
                    }};
  control::Client client = shim.client();
  BOOST_CHECK_EXCEPTION(client.request(state, {}, soon()), Error, [](const Error& error) {
    return has(error.what(), "it is in the container");
  });
  BOOST_TEST(seen == sys::process_id());
  BOOST_TEST(by_pidfd);
}

// security 4.6, 15: no abstract name.
BOOST_AUTO_TEST_CASE(the_socket_is_a_file_that_its_owner_alone_can_open) {
  TempDir directory;
  const UniqueFd fd = sys::open(AT_FDCWD, directory.path(), O_PATH | O_DIRECTORY);
  const control::Listener listener = control::Listener::bind(fd.get(), {});
  struct stat status;
  BOOST_TEST_REQUIRE(::stat((directory / "control.sock").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 07777) == 0600u);
  std::ifstream sockets{"/proc/net/unix"};
  for (std::string line; std::getline(sockets, line);)
    BOOST_TEST(!(has(line, "@") && has(line, "control.sock")), line);
}

// security 4.6, 12: two listeners: the second refuses.
BOOST_AUTO_TEST_CASE(a_living_socket_is_not_replaced_and_a_dead_one_is) {
  TempDir directory;
  const UniqueFd fd = sys::open(AT_FDCWD, directory.path(), O_PATH | O_DIRECTORY);
  {
    const control::Listener living = control::Listener::bind(fd.get(), {});
    BOOST_CHECK_EXCEPTION(control::Listener::bind(fd.get(), {}), Error, [](const Error& error) {
      return error.kind() == ErrorKind::AlreadyExists;
    });
  }
  const control::Listener next = control::Listener::bind(fd.get(), {});
  BOOST_TEST(next.fd() != -1);
}

// T25: 108 bytes
BOOST_AUTO_TEST_CASE(the_path_may_be_longer_than_a_socket_address) {
  TempDir directory;
  std::string path = directory.path();
  UniqueFd fd = sys::open(AT_FDCWD, path, O_PATH | O_DIRECTORY);
  for (int i = 0; i < 5; ++i) {
    const std::string name(200, 'd');
    sys::make_directory(fd.get(), name, 0700);
    fd = sys::open(fd.get(), name, O_PATH | O_DIRECTORY);
  }
  const control::Listener listener = control::Listener::bind(fd.get(), {});
  BOOST_TEST(control::Client::connect_if_listening(fd.get()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
