// The bytes were compared with those that criu's own Python module makes of the same request.
#include "runtime/criu/message.hpp"

#include <boost/test/unit_test.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"

using namespace ocelot;
using namespace ocelot::criu;

BOOST_AUTO_TEST_SUITE(criu_messages)

BOOST_AUTO_TEST_CASE(requests_have_criu_s_numbers) {
  BOOST_TEST(hex(encode_version_request()) == "080a2001");
  BOOST_TEST(hex(encode_notified()) == "08061801");
  BOOST_TEST(hex(encode_feature_check({.memory_tracking = true, .lazy_pages = true})) ==
             "080920012a0408011001");
}

BOOST_AUTO_TEST_CASE(an_option_that_is_not_asked_for_is_not_sent) {
  BOOST_TEST(hex(encode_request(Type::dump, {.images_dir_fd = 5, .log_file = "l", .pid = 7})) ==
             "08011216080510073001480452016c6001c00101900203900301");
}

BOOST_AUTO_TEST_CASE(a_restore_asks_for_children_of_ours) {
  // Members that are messages come last.
  BOOST_TEST(hex(encode_request(Type::restore, {.images_dir_fd = 5,
                                                .root = "/r",
                                                .cgroup_yard = "/y",
                                                .external_mounts = {{"/a", "/b"}},
                                                .inherited_fds = {{"pipe:[1]", 9}},
                                                .cgroup_roots = {{"pids", "/c"}}})) ==
             "080212440805300148046001"
             "6a022f72c00101d00101900203900301e203022f79"
             "ba01080a022f6112022f62"
             "ca010a0a047069647312022f63"
             "da010c0a08706970653a5b315d1009");
}

BOOST_AUTO_TEST_CASE(answers_are_understood) {
  const Answer notification = decode_answer(*from_hex("080610012a0a0a087072652d64756d70"));
  BOOST_TEST((notification.type == Type::notify));
  BOOST_TEST(notification.script == "pre-dump");
  const Answer version = decode_answer(*from_hex("080a10015206080310112001"));
  BOOST_TEST(version.success);
  BOOST_TEST(version.major == 3);
  BOOST_TEST(version.minor == 17);
  const Answer refused = decode_answer(*from_hex("080110001a020800"));
  BOOST_TEST((refused.type == Type::dump));
  BOOST_TEST(!refused.success);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_answer_are_an_error) {
  for (const char* bytes : {"ff", "0806100152", "520f00", "2a7f"})
    BOOST_CHECK_THROW(decode_answer(*from_hex(bytes)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
