#include <fcntl.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "tests/kernel/control/server_thread.hpp"

namespace ocelot::test {

using control::Client;

BOOST_AUTO_TEST_SUITE(control_requests)

BOOST_AUTO_TEST_CASE(a_request_is_answered) {
  ServerThread shim;
  Client client = shim.client();
  BOOST_TEST(client.request(R"({"operation":"state"})", {}, soon()).document ==
             R"({"status":"running"})");
}

BOOST_AUTO_TEST_CASE(an_error_of_the_handler_arrives_with_its_kind_and_text) {
  ServerThread shim;
  Client client = shim.client();
  BOOST_CHECK_EXCEPTION(client.request(R"({"operation":"ps"})", {}, soon()), Error,
                        [](const Error& error) {
                          return error.kind() == ErrorKind::WrongState &&
                                 std::string{error.what()} == "ps: no process";
                        });
}

BOOST_AUTO_TEST_CASE(descriptors_go_both_ways) {
  ServerThread shim;
  Client client = shim.client();
  sys::Pipe pipe = sys::pipe();
  const auto inode = sys::stat(pipe.read_end.get()).st_ino;
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(pipe.read_end));
  const auto answer = client.request(R"({"operation":"channel"})", std::move(fds), soon());
  BOOST_TEST_REQUIRE(answer.fds.size() == 1u);
  BOOST_TEST(sys::stat(answer.fds[0].get()).st_ino == inode);
}

BOOST_AUTO_TEST_CASE(a_message_of_many_packets_arrives_whole) {
  ServerThread shim;
  Client client = shim.client();
  std::string big = R"({"operation":"logs","x":")";
  for (std::size_t i = 0; big.size() < control::max_message_bytes - 2; ++i)
    big += static_cast<char>('a' + i % 26);
  big += "\"}";
  BOOST_TEST_REQUIRE(big.size() == control::max_message_bytes);
  BOOST_TEST((client.request(big, {}, soon()).document == big));
}

BOOST_AUTO_TEST_CASE(where_nobody_listens_there_is_no_client) {
  TempDir empty;
  const UniqueFd directory = sys::open(AT_FDCWD, empty.path(), O_PATH | O_DIRECTORY);
  BOOST_TEST(!Client::connect_if_listening(directory.get()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
