#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "oci/document.hpp"
#include "oci/read_spec.hpp"
#include "oci/report.hpp"
#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "tests/fuzz/expect.hpp"

// Any bytes as config.json, as `exec --process` and as `update --resources`: an Error or a Spec,
// and whatever is found wrong can be told.
namespace {

using namespace ocelot;
using namespace ocelot::oci;

HostFacts host(bool cgroup_v2, bool systemd) {
  HostFacts facts;
  facts.cgroup_v2 = cgroup_v2;
  facts.systemd_cgroup = systemd;
  facts.cgroup_controllers = {"cpu", "cpuset", "io", "blkio", "memory", "pids"};
  facts.hugepage_sizes = {"2MB"};
  facts.privileged = systemd;
  return facts;
}

void expect_tellable(const Violations& found, std::string_view text) {
  EXPECT(found.size() <= 2 * max_violations);
  bool refused = false;
  for (const Violation& violation : found) {
    EXPECT(violation.path.empty() || violation.path[0] == '/');
    EXPECT(!violation.rule.empty() && !violation.message.empty() &&
           violation.spec.starts_with("config"));
    for (const char c : violation.path + violation.message)
      EXPECT(static_cast<unsigned char>(c) >= 0x20);
    refused |= !violation.warning;
  }
  EXPECT(nlohmann::json::accept(violations_to_json(found, text)));
  EXPECT(!violations_to_text(found, text, "config.json").empty());
  try {
    refuse(found);
    EXPECT(!refused);
  } catch (const Error& error) {
    EXPECT(refused && error.kind() == ErrorKind::InvalidSpec);
  }
}

template <typename Check>
void expect_read_or_refused(Check check) {
  try {
    check();
  } catch (const Error& error) {
    EXPECT(error.kind() == ErrorKind::InvalidSpec);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expect_read_or_refused([&] {
    (void)Document::parse(text);
    EXPECT(nlohmann::json::accept(text));
  });
  expect_read_or_refused([&] {
    const ReadSpec read = read_spec(text);
    for (const bool v2 : {false, true}) {
      expect_tellable(merge(read.violations, validate(read.spec, host(v2, !v2))), text);
    }
  });
  expect_read_or_refused([&] {
    const ReadProcess read = read_process(text);
    expect_tellable(merge(read.violations, validate(read.process, Spec{}, host(false, false))),
                    text);
  });
  expect_read_or_refused([&] {
    const ReadResources read = read_resources(text);
    expect_tellable(merge(read.violations, validate(read.resources, host(true, false))), text);
  });
  return 0;
}
