#include "runtime/seccomp_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "runtime/base/error.hpp"
#include "runtime/base/fd.hpp"
#include "runtime/seccomp_entry.hpp"
#include "seccomp_profile.hpp"

using namespace ocelot;
using namespace ocelot::test;
namespace fs = std::filesystem;

namespace {

Seccomp some_profile() {
  Seccomp document = profile(
      Action::errno_,
      {rule({"read", "no_such_call"}, Action::allow),
       rule({"personality"}, Action::allow, {{.index = 0, .value = 8, .op = Operator::eq}})});
  document.architectures = {"SCMP_ARCH_X86"};
  return document;
}

// A root directory. Whether an answer came from the cache shows in the warnings: an entry of ours
// says so.
class Root {
 public:
  Root() {
    std::string pattern = (fs::temp_directory_path() / "ocelot-cache-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    fd_ = UniqueFd{::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  }
  Root(const Root&) = delete;
  ~Root() { fs::remove_all(path_); }

  SeccompProgram compile(const Seccomp& document) const {
    return cached_seccomp(fd_.get(), document);
  }
  fs::path cache() const { return path_ / ".seccomp"; }
  fs::path only_entry() const {
    BOOST_REQUIRE(entries() == 1);
    return fs::directory_iterator {
      cache()
      } -> path();
  }
  long entries() const { return std::distance(fs::directory_iterator{cache()}, {}); }

  // An entry for `document` that can be told from what the compiler would say.
  void plant(const Seccomp& document) const {
    compile(document);
    SeccompProgram planted = compile_seccomp(document);
    planted.warnings = {"from the cache"};
    const std::string key = cache_key(document);
    std::ofstream{only_entry(), std::ios::trunc} << to_entry(key, planted);
    BOOST_REQUIRE(answers_from_cache(document));
  }
  bool answers_from_cache(const Seccomp& document) const {
    const SeccompProgram got = compile(document);
    BOOST_TEST((got.filter == compile_seccomp(document).filter));
    return got.warnings == std::vector<std::string>{"from the cache"};
  }

 private:
  fs::path path_;
  UniqueFd fd_;
};

std::string read(const fs::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seccomp_cache)

BOOST_AUTO_TEST_CASE(the_second_answer_is_the_first_one) {
  const Root root;
  const SeccompProgram first = root.compile(some_profile());
  BOOST_TEST((first == compile_seccomp(some_profile())));
  BOOST_TEST((root.compile(some_profile()) == first));
  BOOST_TEST(root.entries() == 1);
}

BOOST_AUTO_TEST_CASE(an_entry_is_used) {
  const Root root;
  root.plant(some_profile());
  BOOST_TEST(root.answers_from_cache(some_profile()));
}

BOOST_AUTO_TEST_CASE(a_listener_comes_back_with_the_program) {
  const Root root;
  Seccomp document = profile(Action::allow, {rule({"mount"}, Action::notify)});
  document.listener_path = "/run/agent.sock";
  document.listener_metadata = "m";
  root.compile(document);
  BOOST_TEST((root.compile(document) == compile_seccomp(document)));
}

BOOST_AUTO_TEST_CASE(directory_and_entries_are_the_users_alone) {
  const Root root;
  root.compile(some_profile());
  BOOST_TEST((fs::status(root.cache()).permissions() == fs::perms::owner_all));
  BOOST_TEST((fs::status(root.only_entry()).permissions() ==
              (fs::perms::owner_read | fs::perms::owner_write)));
}

BOOST_AUTO_TEST_CASE(profiles_that_differ_in_anything_have_different_keys) {
  std::vector<Seccomp> all(16, some_profile());
  std::size_t i = 1;
  all[i++].default_action = Action::kill;
  all[i++].default_errno_ret = 0;
  all[i++].architectures = {};
  all[i++].flags.emplace();
  all[i++].flags = {"SECCOMP_FILTER_FLAG_LOG"};
  all[i++].listener_path = "/x";
  all[i++].listener_metadata = "/x";
  all[i++].syscalls.pop_back();
  all[i++].syscalls[0].names = {"readno_such_call"};
  all[i++].syscalls[0].names = {"no_such_call", "read"};
  all[i++].syscalls[0].errno_ret = 0;
  all[i++].syscalls[0].action = Action::log;
  all[i++].syscalls[1].args[0].index = 1;
  all[i++].syscalls[1].args[0].value_two = 1;
  all[i++].syscalls[1].args[0].op = Operator::ne;
  std::set<std::string> keys;
  for (const Seccomp& document : all) keys.insert(cache_key(document));
  BOOST_TEST(keys.size() == all.size());
}

BOOST_AUTO_TEST_CASE(an_entry_cut_anywhere_or_with_a_changed_byte_is_not_believed) {
  const std::string key = cache_key(some_profile());
  const std::string entry = to_entry(key, compile_seccomp(some_profile()));
  BOOST_REQUIRE(from_entry(entry, key).has_value());
  for (std::size_t i = 0; i < entry.size(); ++i) {
    std::string changed = entry;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    if (from_entry(entry.substr(0, i), key) || from_entry(changed, key)) BOOST_ERROR("byte " << i);
  }
  BOOST_TEST(!from_entry(entry + std::string(1, '\0'), key));
}

BOOST_AUTO_TEST_CASE(a_whole_entry_with_senseless_content_is_not_believed) {
  const std::string key = cache_key(some_profile());
  SeccompProgram program = compile_seccomp(some_profile());
  const auto believed = [&] { return from_entry(to_entry(key, program), key).has_value(); };
  BOOST_TEST(believed());
  const std::string filter = std::exchange(program.filter, "");
  BOOST_TEST(!believed());
  program.filter = filter + "x";
  BOOST_TEST(!believed());
  program.filter = std::string(4097 * sizeof(sock_filter), '\0');
  BOOST_TEST(!believed());
  program.filter = filter;
  program.flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  BOOST_TEST(!believed());
}

BOOST_AUTO_TEST_CASE(an_entry_for_another_profile_under_this_ones_name_is_not_believed) {
  const Root root;
  root.plant(some_profile());
  Seccomp permissive = profile(Action::allow);
  std::ofstream{root.only_entry(), std::ios::trunc}
      << to_entry(cache_key(permissive), compile_seccomp(permissive));
  BOOST_TEST(!root.answers_from_cache(some_profile()));
}

BOOST_AUTO_TEST_CASE(a_damaged_entry_is_compiled_again_and_replaced) {
  const Root root;
  root.plant(some_profile());
  const std::string whole = read(root.only_entry());
  fs::resize_file(root.only_entry(), whole.size() / 2);
  BOOST_TEST(!root.answers_from_cache(some_profile()));
  BOOST_TEST(read(root.only_entry()) ==
             to_entry(cache_key(some_profile()), compile_seccomp(some_profile())));
}

BOOST_AUTO_TEST_CASE(an_entry_that_others_could_have_written_is_replaced) {
  for (const fs::perms open :
       {fs::perms::group_write, fs::perms::others_write, fs::perms::others_read}) {
    const Root root;
    root.plant(some_profile());
    fs::permissions(root.only_entry(), open, fs::perm_options::add);
    BOOST_TEST(!root.answers_from_cache(some_profile()));
  }
}

BOOST_AUTO_TEST_CASE(an_entry_of_another_user_is_replaced,
                     *boost::unit_test::precondition([](auto) { return ::geteuid() == 0; })) {
  const Root root;
  root.plant(some_profile());
  BOOST_REQUIRE(::chown(root.only_entry().c_str(), 65534, 65534) == 0);
  BOOST_TEST(!root.answers_from_cache(some_profile()));
}

BOOST_AUTO_TEST_CASE(a_link_a_fifo_or_a_directory_in_place_of_an_entry_is_no_entry) {
  const Root root;
  root.plant(some_profile());
  const fs::path entry = root.only_entry();
  const fs::path aside = root.cache() / "aside";
  fs::rename(entry, aside);
  fs::create_symlink(aside, entry);
  BOOST_TEST(!root.answers_from_cache(some_profile()));
  BOOST_TEST(fs::is_regular_file(fs::symlink_status(entry)));
  fs::remove(entry);
  BOOST_REQUIRE(::mkfifo(entry.c_str(), 0600) == 0);
  BOOST_TEST(!root.answers_from_cache(some_profile()));
  fs::remove(entry);
  fs::create_directory(entry);
  BOOST_TEST(!root.answers_from_cache(some_profile()));
}

BOOST_AUTO_TEST_CASE(a_directory_that_others_may_write_is_not_used) {
  const Root root;
  root.plant(some_profile());
  fs::permissions(root.cache(), fs::perms::group_write, fs::perm_options::add);
  BOOST_TEST(!root.answers_from_cache(some_profile()));
}

BOOST_AUTO_TEST_CASE(a_link_or_a_file_in_place_of_the_directory_is_not_used) {
  const Root root, elsewhere;
  elsewhere.plant(some_profile());
  fs::create_symlink(elsewhere.cache(), root.cache());
  BOOST_TEST(!root.answers_from_cache(some_profile()));
  fs::remove(root.cache());
  std::ofstream{root.cache()} << "file";
  BOOST_TEST(!root.answers_from_cache(some_profile()));
}

BOOST_AUTO_TEST_CASE(at_most_64_entries_are_kept_and_the_oldest_go) {
  const Root root;
  Seccomp document = some_profile();
  const auto compile_one_more = [&](int i) {
    document.listener_metadata = std::to_string(i);
    root.compile(document);
  };
  compile_one_more(0);
  const fs::path first = root.only_entry();
  fs::last_write_time(first, fs::file_time_type::clock::now() - std::chrono::hours{1});
  for (int i = 1; i < 64; ++i) compile_one_more(i);
  BOOST_TEST(root.entries() == 64);
  BOOST_TEST(fs::exists(first));
  compile_one_more(64);
  BOOST_TEST(root.entries() == 64);
  BOOST_TEST(!fs::exists(first));
}

BOOST_AUTO_TEST_CASE(a_profile_that_is_refused_is_refused_with_a_cache_too) {
  const Root root;
  BOOST_CHECK_THROW(root.compile(profile(Action::notify)), Error);
  BOOST_TEST(root.entries() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
