#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/engines/podman.hpp"
#include "tests/support/runtime.hpp"

// Which runtime podman says it uses, and which one it really used.

namespace ocelot::test {

namespace fs = std::filesystem;
using nlohmann::json;

BOOST_FIXTURE_TEST_SUITE(podman_runtime, PodmanCase)

BOOST_AUTO_TEST_CASE(podman_info_names_ocelot_and_its_version) {
  const fs::path binary = fs::absolute(Runtime::path());
  json runtime = json::parse(podman.must({"info", "--format", "json"}))["host"]["ociRuntime"];
  BOOST_TEST(runtime["name"] == "ocelot");
  BOOST_TEST(runtime["path"] == binary.string());
  const std::string version = runtime["version"];
  BOOST_TEST(version.starts_with(binary.filename().string() + " version "), version);
  BOOST_TEST(version.find("\nspec: ") != std::string::npos, version);
}

BOOST_AUTO_TEST_CASE(a_container_is_made_by_the_runtime_that_podman_names) {
  for (With with : kBoth) {
    podman.start(with, "c", {}, "echo up; sleep 1000");
    json container = json::parse(podman.must({"inspect", "c"}))[0];
    const std::string program =
        with == With::Ocelot ? fs::path{Runtime::path()}.filename().string() : "runc";
    BOOST_TEST(container["OCIRuntime"] == (with == With::Ocelot ? "ocelot" : "runc"));
    BOOST_TEST(fs::exists("/run/" + program + "/" + container["Id"].get<std::string>()));
    podman.must({"rm", "--force", "--time", "0", "c"});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
