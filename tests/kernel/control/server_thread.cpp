#include "tests/kernel/control/server_thread.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>

#include "runtime/base/sys_files.hpp"
#include "runtime/base/sys_processes.hpp"
#include "runtime/base/unix_socket.hpp"

namespace ocelot::test {

using control::Operation;

ServerThread::ServerThread(control::ServerOptions options, control::Authority::Members members,
                           control::Authority::Objection objection)
    : directory_fd_(sys::open(AT_FDCWD, directory_.path(), O_PATH | O_DIRECTORY)),
      wake_(sys::pipe()),
      done_(sys::pipe()) {
  if (!options.log) options.log = [this](std::string_view line) { log.emplace_back(line); };
  server_ = std::make_unique<control::Server>(
      loop_, control::Listener::bind(directory_fd_.get(), {.mode = 0666}),
      control::Authority{std::move(members), std::move(objection)}, *this, std::move(options));
  waking_ = loop_.watch(wake_.read_end.get(), EPOLLIN, [this](std::uint32_t) { take_tasks(); });
  thread_ = std::thread{[this] { loop_.run(); }};
}

ServerThread::~ServerThread() {
  run([this] { loop_.stop(); });
  thread_.join();
}

void ServerThread::run(std::function<void()> task) {
  task_ = std::move(task);
  sys::write_all(wake_.write_end.get(), "t");
  char byte;
  sys::read_some(done_.read_end.get(), {&byte, 1});
}

void ServerThread::take_tasks() {
  char byte;
  sys::read_some(wake_.read_end.get(), {&byte, 1});
  task_();
  sys::write_all(done_.write_end.get(), "d");
}

control::Client ServerThread::client(const control::ClientOptions& options) const {
  return *control::Client::connect_if_listening(directory_fd_.get(), "control.sock", options);
}

UniqueFd ServerThread::connect() const {
  return *connect_unix_if_listening(directory_fd_.get(), "control.sock", SOCK_SEQPACKET);
}

void ServerThread::on_request(control::Request request) {
  ++requests;
  if (before_reply) before_reply();
  switch (request.operation) {
    case Operation::State:
      return server_->reply(request.handle, R"({"status":"running"})");
    case Operation::Events: {
      const auto after = control::number_member(request.payload, "after");
      return server_->subscribe(request.handle, after.value_or(0), after ? server_->instance() : 0);
    }
    case Operation::Wait:
      waits_.push_back(request.handle);
      return;
    case Operation::Open:
    case Operation::Attach:
    case Operation::Channel:
      return server_->reply(request.handle, "{}", std::move(request.fds));
    case Operation::Ps:
      throw Error{ErrorKind::WrongState, "ps: no process"};
    case Operation::Logs:
      return server_->reply(request.handle, std::move(request.payload));
    default: {
      const unsigned number = ++effects[request.payload];
      return server_->reply(request.handle, fmt::format(R"({{"done":{}}})", number));
    }
  }
}

void ServerThread::finish_waits() {
  run([this] {
    for (const control::RequestHandle handle : waits_) server_->reply(handle, R"({"status":0})");
    waits_.clear();
  });
}

control::Clock::time_point soon() {
  return control::Clock::now() + std::chrono::seconds{20};
}

unsigned open_descriptors() {
  const UniqueFd directory = sys::open(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY);
  return static_cast<unsigned>(sys::list_directory(directory.get()).size());
}

}  // namespace ocelot::test
