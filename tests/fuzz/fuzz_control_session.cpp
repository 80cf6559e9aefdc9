#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/crc32c.hpp"
#include "shim/control/session.hpp"
#include "tests/fuzz/expect.hpp"

// A connection, from its first packet to its end. Each packet of the input: a byte that says how it
// comes, a byte for its sender, a byte for its descriptors, its length in two bytes, its bytes.
namespace {

using namespace ocelot::control;
using ocelot::UniqueFd;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  unsigned byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string packet() {
    const unsigned low = byte();
    const std::size_t length = low | byte() << 8;
    std::string bytes{rest_.substr(0, length)};
    rest_.remove_prefix(bytes.size());
    return bytes;
  }

 private:
  std::string_view rest_;
};

// As a sender would have sealed it, so that what is behind the checksum is reached.
void seal(std::string& bytes) {
  if (bytes.size() < header_bytes) return;
  const auto put = [&](std::size_t at, std::size_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  };
  bytes.replace(0, 5, "OCTL\x01");
  put(20, bytes.size() - header_bytes);
  put(24, 0);
  put(24, ocelot::crc32c(bytes));
}

Credentials sender(unsigned choice) {
  switch (choice % 8) {
    case 0:
      return {1, 12345, 1};  // nobody
    case 1:
      return {0, 0, 0};  // whom the kernel cannot name
    case 2:
      return {1, 2000, 1};  // an observer
    default:
      return {1, 0, 0};
  }
}

int lowest_free_descriptor() {
  return UniqueFd{::dup(STDERR_FILENO)}.get();
}

struct Scene {
  Limits limits;
  Metrics metrics;
  Authority authority{{.observers = {2000}, .foreign_namespaces = true}};
  Session session{authority, Peer{{1, 0, 0}, {}, Role::Operator, {}}, limits, metrics};
  Clock::time_point now{};
  bool greeted = false;

  // False: the connection is over.
  bool receive(Input& input) {
    const unsigned how = input.byte();
    const Credentials from = sender(input.byte());
    const std::size_t descriptors = input.byte() % 8;
    std::string bytes = input.packet();
    if ((how & 1) == 0) seal(bytes);
    now += std::chrono::milliseconds{how & 0x30 ? 0 : 3000};
    std::vector<UniqueFd> fds;
    while (fds.size() < descriptors) fds.emplace_back(::dup(STDERR_FILENO));

    const std::uint64_t before = session.packets();
    const Session::Outcome outcome =
        session.receive({bytes, std::move(fds), from, (how & 0xc) == 0xc}, now);
    EXPECT(session.packets() == before + 1);
    session.expire(now);
    EXPECT(session.next_expiry() > now);
    return judge(outcome, from, before);
  }

  bool judge(const Session::Outcome& outcome, const Credentials& from, std::uint64_t ordinal) {
    switch (outcome.kind) {
      case Session::Outcome::Kind::Nothing:
        break;
      case Session::Outcome::Kind::Hello:
        greeted = true;
        break;
      case Session::Outcome::Kind::Request:
        EXPECT(greeted);
        EXPECT(outcome.message.type == Type::Request);
        EXPECT(outcome.message.role != Role::None);
        EXPECT(outcome.message.role <= authority.role(from, {}));
        EXPECT(outcome.message.bytes.size() <= max_message_bytes);
        EXPECT(outcome.message.fds.size() <= max_descriptors);
        break;
      case Session::Outcome::Kind::Resend:
        EXPECT(outcome.ordinal == ordinal);
        EXPECT(metrics.resends() <= limits.damaged_altogether);
        break;
      case Session::Outcome::Kind::Close:
        EXPECT(!outcome.reason.empty());
        return false;
    }
    EXPECT(authority.role(from, {}) != Role::None);
    EXPECT(session.token().has_value() == greeted);
    return true;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int before = lowest_free_descriptor();
  {
    Scene scene;
    Input input{data, size};
    while (!input.empty() && scene.receive(input)) {
    }
  }
  EXPECT(lowest_free_descriptor() == before);
  return 0;
}
