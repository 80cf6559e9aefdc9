#include "runtime/base/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "runtime/base/log_text.hpp"
#include "runtime/base/text.hpp"

using namespace ocelot;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// A directory of its own, and standard error in a file there.
struct Captured {
  Captured() {
    char name[] = "/tmp/ocelot-log-XXXXXX";
    BOOST_REQUIRE(mkdtemp(name) != nullptr);
    directory = name;
    saved_ = dup(STDERR_FILENO);
    const int file =
        ::open((directory / "stderr").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(file, STDERR_FILENO);
    close(file);
  }
  ~Captured() {
    log::open("", log::Format::text, log::Level::warning);
    restore();
    fs::remove_all(directory);
  }
  void restore() {
    if (saved_ == -1) return;
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    saved_ = -1;
  }

  std::string path() const { return directory / "log"; }
  std::string log_file() const { return read(path()); }
  std::string standard_error() const { return read(directory / "stderr"); }

  static std::string read(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  fs::path directory;

 private:
  int saved_ = -1;
};

Error an_error(std::string text) {
  return {ErrorKind::Failed, std::move(text)};
}

const std::regex rfc_3339{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z)"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_of_a_command, Captured)

BOOST_AUTO_TEST_CASE(a_failure_is_one_json_document_and_a_line_for_people) {
  log::open(path(), log::Format::json, log::Level::warning);
  log::warning("something odd");
  log::failure(an_error("exec: \"sh\": no such file or directory"), "ocelot create failed: ");

  const json object = json::parse(log_file());
  BOOST_TEST(object.size() == 3u);
  BOOST_TEST(object["level"] == "error");
  BOOST_TEST(object["msg"] == "ocelot create failed: exec: \"sh\": no such file or directory");
  BOOST_TEST(std::regex_match(object["time"].get<std::string>(), rfc_3339));
  BOOST_TEST(log_file().ends_with("}\n"));
  BOOST_TEST(standard_error() == "ocelot create failed: exec: \"sh\": no such file or directory\n");
}

BOOST_AUTO_TEST_CASE(a_hint_is_a_member_and_a_second_line) {
  log::open(path(), log::Format::json, log::Level::warning);
  log::failure(an_error("no room").with_hint("make some\nor wait"), "");

  BOOST_TEST(json::parse(log_file())["hint"] == "make some\nor wait");
  BOOST_TEST(standard_error() == "ocelot: no room\nhint: make some\n      or wait\n");
}

BOOST_AUTO_TEST_CASE(a_text_log_is_one_line_a_message) {
  log::open(path(), log::Format::text, log::Level::warning);
  log::failure(an_error("a \"b\" \\ c\nlevel=error msg=\"forged\"").with_hint("try"), "");

  const std::regex line{
      R"re(time="[^"]+" level=error msg="a \\"b\\" \\\\ c\\x0alevel=error msg=\\"forged\\"" hint="try"\n)re"};
  BOOST_TEST(std::regex_match(log_file(), line), log_file());
}

BOOST_AUTO_TEST_CASE(warnings_wait_for_success) {
  log::open(path(), log::Format::json, log::Level::warning);
  log::warning("first");
  log::warning("second");
  BOOST_TEST(log_file() == "");
  log::flush_warnings();

  const std::string text = log_file();
  const auto lines = split(trim(text), '\n');
  BOOST_TEST(lines.size() == 2u);
  BOOST_TEST(json::parse(lines.front())["level"] == "warning");
  BOOST_TEST(json::parse(lines.back())["msg"] == "second");
  BOOST_TEST(standard_error() == "");
}

BOOST_AUTO_TEST_CASE(without_a_file_messages_are_for_people) {
  log::open("", log::Format::text, log::Level::debug);
  log::debug("a step");
  log::warning("odd");
  log::failure(an_error("bad"), "");
  BOOST_TEST(standard_error() == "ocelot: debug: a step\nocelot: warning: odd\nocelot: bad\n");
}

BOOST_AUTO_TEST_CASE(without_a_file_json_goes_to_standard_error_alone) {
  log::open("", log::Format::json, log::Level::warning);
  log::failure(an_error("bad"), "");
  BOOST_TEST(json::parse(standard_error())["msg"] == "bad");
}

BOOST_AUTO_TEST_CASE(levels_choose_what_is_logged) {
  log::open(path(), log::Format::json, log::Level::error);
  log::warning("odd");
  log::debug("a step");
  log::flush_warnings();
  BOOST_TEST(!log::debugging());
  BOOST_TEST(log_file() == "");
  log::open(path(), log::Format::json, log::Level::debug);
  BOOST_TEST(log::debugging());
  log::debug("a step");
  BOOST_TEST(json::parse(log_file())["level"] == "debug");
}

BOOST_AUTO_TEST_CASE(a_log_is_appended_to_and_made_for_everybody_to_read) {
  umask(022);
  std::ofstream{path()} << "before\n";
  log::open(path(), log::Format::json, log::Level::warning);
  log::failure(an_error("bad"), "");
  BOOST_TEST(log_file().starts_with("before\n{"));
  log::open(directory / "new", log::Format::json, log::Level::warning);
  struct stat status;
  BOOST_REQUIRE(stat((directory / "new").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 07777) == 0644u);
}

BOOST_AUTO_TEST_CASE(a_log_is_never_reached_through_a_symbolic_link) {
  fs::create_symlink(directory / "victim", path());
  log::open(path(), log::Format::json, log::Level::warning);
  log::failure(an_error("bad"), "");
  BOOST_TEST(!fs::exists(directory / "victim"));
  BOOST_TEST(json::parse(standard_error())["msg"] == "bad");
}

BOOST_AUTO_TEST_CASE(a_fifo_that_nobody_reads_blocks_nothing) {
  BOOST_REQUIRE(mkfifo(path().c_str(), 0600) == 0);
  log::open(path(), log::Format::text, log::Level::warning);
  log::failure(an_error("bad"), "");
  BOOST_TEST(standard_error() == "ocelot: bad\n");
}

BOOST_AUTO_TEST_CASE(a_log_that_cannot_be_opened_is_warned_of_and_fails_nothing) {
  log::open(directory / "missing/log", log::Format::text, log::Level::warning);
  log::flush_warnings();
  BOOST_TEST(standard_error().starts_with("ocelot: warning: log: "), standard_error());
  BOOST_TEST(standard_error().ends_with("No such file or directory\n"), standard_error());
}

BOOST_AUTO_TEST_CASE(the_log_makes_room_for_the_descriptors_of_the_container) {
  log::open(path(), log::Format::json, log::Level::warning);
  log::make_room(40);
  log::failure(an_error("bad"), "");
  BOOST_TEST(json::parse(log_file())["msg"] == "bad");
  BOOST_TEST((fcntl(40, F_GETFD) & FD_CLOEXEC) == FD_CLOEXEC);
  for (int fd = 3; fd < 40; ++fd) {
    std::error_code none;
    BOOST_TEST(fs::read_symlink("/proc/self/fd/" + std::to_string(fd), none) != path(), fd);
  }
}

BOOST_AUTO_TEST_CASE(without_memory_the_log_still_holds_one_document) {
  log::open(path(), log::Format::json, log::Level::warning);
  log::out_of_memory();
  BOOST_TEST(json::parse(log_file())["msg"] == "cannot allocate memory");
  BOOST_TEST(json::parse(log_file())["level"] == "error");
  BOOST_TEST(standard_error() == "ocelot: cannot allocate memory\n");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(log_text)

using log::escaped;
using log::Escapes;

BOOST_AUTO_TEST_CASE(whatever_the_bytes_json_is_one_line_and_valid) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  for (int byte = 255; byte >= 0; --byte) every_byte += static_cast<char>(byte);
  const std::string text = escaped(every_byte, Escapes::json);
  const json value = json::parse("\"" + text + "\"");
  BOOST_TEST(value.get<std::string>().starts_with(every_byte.substr(0, 0x80)));
  for (const char c : text) BOOST_TEST(static_cast<unsigned char>(c) >= 0x20);
}

BOOST_AUTO_TEST_CASE(valid_text_comes_back_from_json_as_it_was) {
  const std::string text =
      "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x88 \"quoted\" \\ \t\n\x01\x7f \xc2\x9b "
      "\xe2\x80\xa8\xe2\x80\xa9";
  BOOST_TEST(json::parse("\"" + escaped(text, Escapes::json) + "\"").get<std::string>() == text);
  BOOST_TEST(escaped(text, Escapes::json).find("\xe2\x80\xa8") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_utf_8_is_replaced) {
  for (const std::string_view bytes : {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                       "\xf4\x90\x80\x80", "\xe2\x82", "\xf8\x88\x80\x80\x80"}) {
    const std::string text = escaped("a" + std::string(bytes), Escapes::plain);
    BOOST_TEST(text.starts_with("a\xef\xbf\xbd"), text);
    for (const char c : std::string_view(text).substr(1))
      BOOST_TEST((c == '\xef' || c == '\xbf' || c == '\xbd'), text);
  }
}

BOOST_AUTO_TEST_CASE(a_terminal_gets_no_control_character) {
  BOOST_TEST(escaped("a\x1b[31m\r\nb\xc2\x9b", Escapes::plain) ==
             "a\\x1b[31m\\x0d\\x0ab\\xc2\\x9b");
  BOOST_TEST(escaped("a\nocelot: b\x1b", Escapes::indented) == "a\n      ocelot: b\\x1b");
}

BOOST_AUTO_TEST_CASE(a_long_message_keeps_its_beginning_and_its_end) {
  const std::string text =
      escaped("begins" + std::string(100'000, 'x') + ": No space left on device", Escapes::plain);
  BOOST_TEST(text.size() <= 8192u);
  BOOST_TEST(text.starts_with("begins"));
  BOOST_TEST(text.ends_with(": No space left on device"));
}

BOOST_AUTO_TEST_SUITE_END()
