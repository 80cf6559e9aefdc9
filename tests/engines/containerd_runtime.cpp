#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/engines/containerd.hpp"
#include "tests/support/check.hpp"
#include "tests/support/runtime.hpp"

// Which runtime containerd says it uses, and which one it really used.

namespace ocelot::test {

namespace fs = std::filesystem;
using nlohmann::json;

BOOST_FIXTURE_TEST_SUITE(containerd_runtime, ContainerdCase)

BOOST_AUTO_TEST_CASE(the_configuration_makes_ocelot_the_runtime_of_kubernetes) {
  Output dump =
      run({"containerd", "--config", containerd.sandbox() / "config.toml", "config", "dump"},
          containerd.options());
  BOOST_TEST(dump.status == 0);
  BOOST_TEST(dump.out.find("default_runtime_name = \"ocelot\"") != std::string::npos);
  BOOST_TEST(dump.out.find("BinaryName = \"" + Containerd::binary(With::Ocelot) + "\"") !=
             std::string::npos);
  BOOST_TEST(containerd.must({"plugins", "ls", "id==cri"}).find(" ok ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_container_is_made_by_the_runtime_that_containerd_names) {
  for (With with : kBoth) {
    containerd.start(with, {}, "echo up; sleep 1000");
    const std::string binary = Containerd::binary(with);

    // The options are a protobuf message in base64; the name of the binary is a plain string in it.
    json runtime = json::parse(containerd.must({"containers", "info", "c"}))["Runtime"];
    BOOST_TEST(runtime["Name"] == "io.containerd.runc.v2");
    RunOptions decode = containerd.options();
    decode.input = runtime["Options"]["value"];
    BOOST_TEST(run({"base64", "--decode"}, std::move(decode)).out.find(binary) !=
               std::string::npos);

    BOOST_TEST(read_file(Containerd::bundle() + "/runtime") == binary);
    BOOST_TEST(json::parse(read_file(Containerd::bundle() + "/options.json"))["binary_name"] ==
               binary);
    BOOST_TEST(read_file("/proc/" + std::to_string(containerd.pid()) + "/cgroup")
                   .find(Containerd::cgroup() + "\n") != std::string::npos);
    BOOST_TEST(fs::exists("/run/containerd/runc/" + Containerd::name() + "/c"));
    containerd.must({"task", "rm", "--force", "c"});
    containerd.must({"containers", "rm", "c"});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
