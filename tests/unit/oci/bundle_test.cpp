#include "oci/bundle.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <fstream>
#include <string>

#include "runtime/base/error.hpp"

using namespace ocelot::oci;

namespace {

struct Directory {
  Directory() {
    char name[] = "/tmp/ocelot-bundle-XXXXXX";
    BOOST_TEST_REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~Directory() {
    for (const char* name : {"config.json", "other.json", "target"})
      ::unlink((path + "/" + name).c_str());
    ::rmdir(path.c_str());
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path + "/" + name) << text;
  }
  std::string path;
};

std::string failure(const std::string& directory, const std::string& config = "") {
  try {
    (void)open_bundle(directory, config);
  } catch (const ocelot::Error& error) {
    return error.what();
  }
  return "none";
}

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

constexpr const char* document =
    R"({"ociVersion": "1.0.2", "root": {"path": "rootfs"}, "hostname": 1})";

}  // namespace

BOOST_AUTO_TEST_SUITE(bundle)

BOOST_AUTO_TEST_CASE(a_bundle_is_its_path_its_bytes_and_what_they_mean) {
  const Directory directory;
  directory.write("config.json", document);
  const Bundle bundle = open_bundle(directory.path);
  BOOST_TEST(bundle.path == directory.path);
  BOOST_TEST(bundle.config_text == document);
  BOOST_TEST(bundle.spec.root->path == "rootfs");
  BOOST_TEST_REQUIRE(bundle.violations.size() == 1u);
  BOOST_TEST(bundle.violations[0].path == "/hostname");
  BOOST_TEST(::faccessat(bundle.directory.get(), "config.json", R_OK, 0) == 0);
  BOOST_TEST((::fcntl(bundle.directory.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

BOOST_AUTO_TEST_CASE(the_path_is_absolute_however_it_was_given) {
  const Directory directory;
  directory.write("config.json", document);
  char before[4096];
  BOOST_TEST_REQUIRE(::getcwd(before, sizeof before) != nullptr);
  BOOST_TEST_REQUIRE(::chdir(directory.path.c_str()) == 0);
  BOOST_TEST(open_bundle(".").path == directory.path);
  BOOST_TEST(open_bundle("").path == directory.path);
  BOOST_TEST(open_bundle("../" + directory.path.substr(5) + "/./").path == directory.path);
  BOOST_TEST_REQUIRE(::chdir(before) == 0);
}

BOOST_AUTO_TEST_CASE(another_file_may_take_the_place_of_config_json) {
  const Directory directory;
  directory.write("other.json", document);
  BOOST_TEST(open_bundle(directory.path, directory.path + "/other.json").spec.root->path ==
             "rootfs");
  BOOST_TEST(has(failure(directory.path, "/nowhere/x.json"),
                 "JSON specification file /nowhere/x.json not found"));
}

BOOST_AUTO_TEST_CASE(a_missing_configuration_is_told_in_the_words_that_callers_know) {
  const Directory directory;
  BOOST_TEST(has(failure(directory.path), "JSON specification file config.json not found"));
  BOOST_TEST(has(failure(directory.path + "/no"), "bundle: "));
  BOOST_TEST(has(failure(directory.path + "/no"), "No such file or directory"));
}

BOOST_AUTO_TEST_CASE(a_bundle_that_is_no_directory_is_refused) {
  const Directory directory;
  directory.write("config.json", document);
  BOOST_TEST(has(failure(directory.path + "/config.json"), "Not a directory"));
}

BOOST_AUTO_TEST_CASE(only_a_regular_file_is_read) {
  const Directory directory;
  const std::string config = directory.path + "/config.json";
  BOOST_TEST_REQUIRE(::mkfifo(config.c_str(), 0600) == 0);
  BOOST_TEST(has(failure(directory.path),
                 "config.json: is no regular file"));  // and does not wait for a writer
  BOOST_TEST_REQUIRE(::unlink(config.c_str()) == 0);
  BOOST_TEST_REQUIRE(::symlink("/dev/zero", config.c_str()) == 0);
  BOOST_TEST(has(failure(directory.path), "is no regular file"));
  BOOST_TEST_REQUIRE(::unlink(config.c_str()) == 0);
  BOOST_TEST_REQUIRE(::mkdir(config.c_str(), 0700) == 0);
  BOOST_TEST(has(failure(directory.path), "is no regular file"));
  BOOST_TEST_REQUIRE(::rmdir(config.c_str()) == 0);
  directory.write("target", document);
  BOOST_TEST_REQUIRE(::symlink("target", config.c_str()) == 0);
  BOOST_TEST(failure(directory.path) == "none");
}

BOOST_AUTO_TEST_CASE(a_huge_file_is_refused_before_it_is_read) {
  const Directory directory;
  directory.write("config.json", document);
  BOOST_TEST_REQUIRE(::truncate((directory.path + "/config.json").c_str(), off_t{100} << 30) == 0);
  BOOST_TEST(has(failure(directory.path), "larger than 16 MiB"));
}

BOOST_AUTO_TEST_CASE(what_is_no_document_is_told_with_file_line_and_column) {
  const Directory directory;
  directory.write("config.json", "");
  BOOST_TEST(has(failure(directory.path), "config.json: line 1, column 1: "));
  directory.write("config.json", "{\n \"a\": 1,\n \"a\": 2}");
  BOOST_TEST(
      has(failure(directory.path), "config.json: line 3, column 4: the key \"a\" stands twice"));
  for (const char* text : {"[]", "1", "null", "\"x\""}) {
    directory.write("config.json", text);
    BOOST_TEST(has(failure(directory.path), "config.json: the document must be one JSON object"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
