#include <cstdint>
#include <string>
#include <string_view>

#include "shim/control/documents.hpp"
#include "shim/control/frame.hpp"
#include "shim/control/greeting.hpp"
#include "shim/control/limits.hpp"
#include "tests/fuzz/expect.hpp"

// Any bytes as one packet of the control socket, and as the payload of one.
namespace {

using namespace ocelot::control;

std::string packet(const Header& header, std::string_view payload) {
  const HeaderBytes bytes = encode(header, payload);
  return std::string{bytes.data(), bytes.size()}.append(payload);
}

void expect_same(const std::string& bytes, const Header& header, std::string_view payload) {
  const Frame frame = decode(bytes);
  EXPECT(frame.damage == Damage::None);
  EXPECT(frame.header == header);
  EXPECT(frame.payload == payload);
}

// The fixed payloads and the documents: whatever they hold, it is read or refused.
void read_as_payload(std::string_view payload) {
  const auto session = read_hello(payload);
  EXPECT(session.has_value() == (payload.size() == 16));
  if (session) EXPECT(hello(*session) == payload);
  if (const auto values = read_welcome(payload)) EXPECT(welcome(*values) == payload);
  if (const auto ordinal = read_resend(payload)) EXPECT(resend(*ordinal) == payload);
  operation_of(payload);
  number_member(payload, "request");
  number_of(payload);
  if (const auto error = error_of(payload)) EXPECT(error_of(error_document(*error)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const Frame frame = decode(bytes);
  if (frame.damage == Damage::None) {
    // What is sound was encoded just so.
    EXPECT(size <= max_packet_bytes);
    EXPECT(frame.header.index < frame.header.count);
    EXPECT(frame.header.descriptors <= max_descriptors);
    EXPECT(packet(frame.header, frame.payload) == bytes);
  }
  read_as_payload(bytes);
  if (size <= max_packet_bytes - header_bytes) {
    const Header header{.type = Type::Event, .id = size};
    expect_same(packet(header, bytes), header, bytes);
  }
  return 0;
}
