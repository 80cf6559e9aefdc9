// Descriptors that a caller hands through to the process: --preserve-fds and LISTEN_FDS.
#include <fcntl.h>
#include <unistd.h>

#include "tests/support/black_box.hpp"

using namespace ocelot::test;
using nlohmann::json;

namespace {

UniqueFd open_file(const std::string& path) {
  return UniqueFd{checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open " + path)};
}

// The runtime started by a shell that knows the pid which it is going to have.
Output run_listening(const Runtime& runtime, Bundle& bundle, unsigned count, const std::string& pid,
                     const std::vector<std::string>& flags, RunOptions options) {
  bundle.args({"/bin/probe"}).write();
  std::vector<std::string> words{"run", "--bundle", bundle.path()};
  words.insert(words.end(), flags.begin(), flags.end());
  words.emplace_back("c");
  std::vector<std::string> line{
      "sh", "-c", "LISTEN_FDS=" + std::to_string(count) + " LISTEN_PID=" + pid + " exec \"$@\"",
      "sh"};
  for (const std::string& word : runtime.command(words)) line.push_back(word);
  return run(line, std::move(options));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inherited_fds)

BOOST_AUTO_TEST_CASE(preserved_descriptors_keep_their_numbers_and_others_are_closed) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  for (const char* name : {"three", "four", "five"}) write_file(files / name, name);
  UniqueFd three = open_file(files / "three"), four = open_file(files / "four"),
           five = open_file(files / "five");
  RunOptions options;
  options.fds = {{three.get(), 3}, {four.get(), 4}, {five.get(), 5}};
  bundle.shell("cat <&3; echo; cat <&4; echo; ls /proc/self/fd | tr '\\n' ' '");
  Output output = runtime.run(bundle, "c", {"--preserve-fds", "2"}, options);
  // ls has one of its own beside 0 to 4.
  BOOST_TEST(output.out.starts_with("three\nfour\n0 1 2 3 4 "), output.out + output.err);
  BOOST_TEST(std::count(output.out.begin(), output.out.end(), ' ') == 6);
}

BOOST_AUTO_TEST_CASE(preserved_descriptors_survive_create_and_start) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  write_file(files / "three", "three");
  UniqueFd three = open_file(files / "three");
  RunOptions options;
  options.fds = {{three.get(), 3}};
  Container container =
      runtime.must_create(bundle.shell("cat <&3"), "c", {"--preserve-fds", "1"}, options);
  BOOST_TEST(container.start().status == 0);
  BOOST_TEST(container.read_to_end() == "three");
  container.wait();
}

BOOST_AUTO_TEST_CASE(directories_are_preserved) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  write_file(files / "file", "content");
  UniqueFd directory = open_file(files.path());
  RunOptions options;
  options.fds = {{directory.get(), 3}};
  bundle.args(probe_args({{"read", "/proc/self/fd/3/file"}}));
  Output output = runtime.run(bundle, "c", {"--preserve-fds", "1"}, options);
  BOOST_TEST(json::parse(output.out)[0]["text"] == "content");
}

BOOST_AUTO_TEST_CASE(holes_stay_closed, *needs::ocelot("runc refuses holes")) {  // L41
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  write_file(files / "five", "five");
  UniqueFd five = open_file(files / "five");
  RunOptions options;
  options.fds = {{five.get(), 5}};
  bundle.args({"/bin/probe"});
  Output output = runtime.run(bundle, "c", {"--preserve-fds", "5"}, options);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  json fds = json::parse(output.out)["fds"];
  BOOST_TEST(fds.size() == 4U, fds.dump());
  BOOST_TEST(fds.contains("5"));
}

BOOST_AUTO_TEST_CASE(nonsense_for_a_number_is_an_error) {
  Runtime runtime;
  Bundle bundle;
  bundle.args({"true"});
  BOOST_TEST(runtime.run(bundle, "c", {"--preserve-fds", "two"}).status == 1);
  BOOST_TEST(runtime.run(bundle, "c", {"--preserve-fds=-1"}).status == 1);
}

BOOST_AUTO_TEST_CASE(listen_fds_are_passed_with_their_environment) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  write_file(files / "three", "");
  UniqueFd three = open_file(files / "three");
  RunOptions options;
  options.fds = {{three.get(), 3}};
  Output output = run_listening(runtime, bundle, 1, "$$", {}, options);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  json seen = json::parse(output.out);
  BOOST_TEST(seen["fds"].size() == 4U, seen["fds"].dump());
  BOOST_TEST(seen["fds"].contains("3"));
  BOOST_TEST(variable_in(seen, "LISTEN_FDS") == "1");
  BOOST_TEST(variable_in(seen, "LISTEN_PID") == "1");
  BOOST_TEST(variable_in(seen, "LISTEN_FDNAMES").is_null());
  if (Runtime::is_reference()) return;  // it passes no names on
  options.env = {"LISTEN_FDNAMES=of-the-socket"};
  output = run_listening(runtime, bundle, 1, "$$", {}, options);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  BOOST_TEST(variable_in(json::parse(output.out), "LISTEN_FDNAMES") == "of-the-socket");
}

BOOST_AUTO_TEST_CASE(listen_fds_are_passed_by_a_shim_too, *needs::ocelot()) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  write_file(files / "three", "");
  UniqueFd three = open_file(files / "three");
  RunOptions options;
  options.fds = {{three.get(), 3}};
  Output output = run_listening(runtime, bundle, 1, "$$", {"--shim"}, options);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  json seen = json::parse(output.out);
  BOOST_TEST(seen["fds"].size() == 4U, seen["fds"].dump());
  BOOST_TEST(seen["fds"].contains("3"));
  BOOST_TEST(variable_in(seen, "LISTEN_FDS") == "1");
  BOOST_TEST(variable_in(seen, "LISTEN_PID") == "1");
}

BOOST_AUTO_TEST_CASE(listen_fds_of_another_process_are_not_passed) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  write_file(files / "three", "");
  UniqueFd three = open_file(files / "three");
  RunOptions options;
  options.fds = {{three.get(), 3}};
  Output output = run_listening(runtime, bundle, 1, "1", {}, options);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  json seen = json::parse(output.out);
  BOOST_TEST(seen["fds"].size() == 3U, seen["fds"].dump());
  BOOST_TEST(variable_in(seen, "LISTEN_FDS").is_null());
}

BOOST_AUTO_TEST_CASE(preserved_descriptors_count_after_listen_fds) {
  Runtime runtime;
  Bundle bundle;
  TempDir files;
  for (const char* name : {"three", "four", "five"}) write_file(files / name, "");
  UniqueFd three = open_file(files / "three"), four = open_file(files / "four"),
           five = open_file(files / "five");
  RunOptions options;
  options.fds = {{three.get(), 3}, {four.get(), 4}, {five.get(), 5}};
  Output output = run_listening(runtime, bundle, 1, "$$", {"--preserve-fds", "1"}, options);
  BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  json fds = json::parse(output.out)["fds"];
  BOOST_TEST(fds.contains("3"));
  BOOST_TEST(fds.contains("4"));
  BOOST_TEST(!fds.contains("5"));
}

BOOST_AUTO_TEST_CASE(more_than_can_be_are_an_error_and_do_not_wrap_round,
                     *needs::ocelot("runc opens what it is told to be open")) {
  Runtime runtime;
  Bundle bundle;
  for (const char* preserved : {"0", "1", "2", "4294967295"}) {
    const Output output =
        run_listening(runtime, bundle, 4294967295, "$$", {"--preserve-fds", preserved}, {});
    BOOST_TEST(output.status == 1, preserved);
    BOOST_TEST(output.err.find("more than 65536 descriptors") != std::string::npos, output.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()
