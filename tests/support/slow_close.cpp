#include "tests/support/slow_close.hpp"

#include <fcntl.h>
#include <linux/fuse.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "tests/support/check.hpp"

namespace ocelot::test {
namespace {

constexpr mode_t file_mode = S_IFREG | 0666;

void reply(int device, std::uint64_t unique, int error_number, const void* body, std::size_t size) {
  fuse_out_header header{};
  header.len = static_cast<std::uint32_t>(sizeof header + size);
  header.error = -error_number;
  header.unique = unique;
  const iovec parts[] = {{&header, sizeof header}, {const_cast<void*>(body), size}};
  static_cast<void>(::writev(device, parts, 2));  // its request may be gone
}

template <typename Body>
void reply(int device, std::uint64_t unique, const Body& body) {
  reply(device, unique, 0, &body, sizeof body);
}

}  // namespace

Lingering::Lingering() {
  const UniqueFd listener{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  checked(::bind(listener.get(), any, size), "bind");
  checked(::listen(listener.get(), 1), "listen");
  checked(::getsockname(listener.get(), any, &size), "getsockname");
  writer = UniqueFd{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")};
  checked(::connect(writer.get(), any, size), "connect");
  reader = UniqueFd{checked(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept")};
  const std::string bytes(65536, 'x');
  while (::send(writer.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) continue;
  const linger minute{1, 60};
  checked(::setsockopt(writer.get(), SOL_SOCKET, SO_LINGER, &minute, sizeof minute), "linger");
}

SlowFile::SlowFile()
    : device_{checked(::open("/dev/fuse", O_RDWR | O_CLOEXEC), "open /dev/fuse")},
      stop_{checked(::eventfd(0, EFD_CLOEXEC), "eventfd")} {
  write_file(path(), "");
  const std::string options =
      "fd=" + std::to_string(device_.get()) + ",rootmode=100666,user_id=0,group_id=0,allow_other";
  checked(::mount("slow", path().c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()),
          "mount fuse");
  server_ = std::thread{[this] { serve(); }};
}

SlowFile::~SlowFile() {
  let_go();
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_.get(), &one, sizeof one));
  server_.join();
  device_.reset();  // what is still asked fails
  ::umount2(path().c_str(), MNT_DETACH);
}

void SlowFile::let_go() {
  slow_ = false;
}

void SlowFile::serve() {
  std::vector<char> request(FUSE_MIN_READ_BUFFER + 65536);
  std::vector<std::uint64_t> held;
  for (;;) {
    pollfd fds[] = {{device_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    ::poll(fds, 2, held.empty() ? -1 : 10);
    if (!slow_) {
      for (const std::uint64_t unique : held) reply(device_.get(), unique, 0, nullptr, 0);
      held.clear();
    }
    if (fds[1].revents != 0) return;
    if (fds[0].revents == 0) continue;
    if (::read(device_.get(), request.data(), request.size()) <= 0) continue;
    const auto* header = reinterpret_cast<const fuse_in_header*>(request.data());
    if (header->opcode == FUSE_FLUSH && slow_)
      held.push_back(header->unique);
    else
      answer(request.data());
  }
}

void SlowFile::answer(const char* request) {
  const auto& header = *reinterpret_cast<const fuse_in_header*>(request);
  switch (header.opcode) {
    case FUSE_INIT: {
      fuse_init_out out{};
      out.major = FUSE_KERNEL_VERSION;
      out.minor = FUSE_KERNEL_MINOR_VERSION;
      out.max_write = 4096;
      return reply(device_.get(), header.unique, out);
    }
    case FUSE_GETATTR: {
      fuse_attr_out out{};
      out.attr.ino = FUSE_ROOT_ID;
      out.attr.mode = file_mode;
      out.attr.nlink = 1;
      return reply(device_.get(), header.unique, out);
    }
    case FUSE_OPEN:
      return reply(device_.get(), header.unique, fuse_open_out{});
    case FUSE_STATFS:
      return reply(device_.get(), header.unique, fuse_statfs_out{});
    case FUSE_FLUSH:
    case FUSE_RELEASE:
      return reply(device_.get(), header.unique, 0, nullptr, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
      return;
    default:
      return reply(device_.get(), header.unique, ENOSYS, nullptr, 0);
  }
}

}  // namespace ocelot::test
