#include "shim/stdio/replay.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

namespace ocelot::shim {
namespace {

std::string content(const Replay& replay, Stream stream) {
  std::string all;
  replay.read(stream, [&](std::string_view bytes) { all += bytes; });
  return all;
}

BOOST_AUTO_TEST_SUITE(replay)

BOOST_AUTO_TEST_CASE(a_new_one_remembers_nothing) {
  const Replay ring{100};
  BOOST_TEST(content(ring, Stream::output).empty());
  BOOST_TEST(ring.size(Stream::error) == 0u);
}

BOOST_AUTO_TEST_CASE(each_stream_is_remembered_for_itself) {
  Replay ring{100};
  ring.add(Stream::output, "one ");
  ring.add(Stream::error, "oops");
  ring.add(Stream::output, "two");
  BOOST_TEST(content(ring, Stream::output) == "one two");
  BOOST_TEST(content(ring, Stream::error) == "oops");
}

BOOST_AUTO_TEST_CASE(the_oldest_is_forgotten_first) {
  Replay ring{20};
  ring.add(Stream::error, "abcdef");
  ring.add(Stream::output, "0123456789");
  BOOST_TEST(content(ring, Stream::error) == "cdef");
  BOOST_TEST(content(ring, Stream::output) == "0123456789");
}

BOOST_AUTO_TEST_CASE(without_capacity_nothing_is_remembered) {
  for (std::size_t capacity = 0; capacity < 12; ++capacity) {
    Replay ring{capacity};
    for (int i = 0; i < 50; ++i) {
      ring.add(i % 3 == 0 ? Stream::error : Stream::output, "ab");
      ring.add(Stream::output, std::string(50, 'x'));
    }
    const std::size_t size = ring.size(Stream::output) + ring.size(Stream::error);
    BOOST_TEST(size <= capacity);
    BOOST_TEST((size == 0) == (capacity <= 3));
  }
}

BOOST_AUTO_TEST_CASE(more_than_the_largest_is_cut_to_it) {
  Replay ring{std::size_t{1} << 40};
  ring.add(Stream::output, std::string(3 << 20, 'x'));
  BOOST_TEST(ring.size(Stream::output) <= Replay::largest_capacity);
  BOOST_TEST(ring.size(Stream::output) > Replay::largest_capacity - 100);
}

BOOST_AUTO_TEST_CASE(what_is_remembered_is_the_end_of_what_was_written) {
  std::mt19937 random{1};
  for (const std::size_t capacity : {4u, 7u, 64u, 1000u, 70000u, 200000u}) {
    Replay ring{capacity};
    std::string written[2];
    unsigned char next = 0;
    for (int i = 0; i < 2000; ++i) {
      const auto stream = random() % 4 == 0 ? Stream::error : Stream::output;
      std::string bytes(random() % (random() % 10 == 0 ? capacity * 2 : 9), '\0');
      for (char& byte : bytes) byte = static_cast<char>(next++);
      ring.add(stream, bytes);
      written[index(stream)] += bytes;
      std::size_t total = 0;
      for (const Stream each : {Stream::output, Stream::error}) {
        const std::string kept = content(ring, each);
        total += kept.size();
        if (!written[index(each)].ends_with(kept)) BOOST_ERROR("not the end of it");
      }
      if (total > capacity) BOOST_ERROR("more than it may remember");
      for (std::string& text : written)
        if (text.size() > 3 * capacity) text.erase(0, text.size() - capacity);
    }
  }
}

BOOST_AUTO_TEST_CASE(single_bytes_of_one_stream_take_no_more_room_than_a_block) {
  Replay ring{100};
  for (int i = 0; i < 1000; ++i) ring.add(Stream::output, "x");
  BOOST_TEST(ring.size(Stream::output) >= 94u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ocelot::shim
