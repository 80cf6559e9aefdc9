#pragma once
#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "oci/host_facts.hpp"
#include "oci/read_spec.hpp"
#include "oci/validate.hpp"

// A document without mistakes, and what is found when one thing in it is changed.
namespace ocelot::oci::test {

using nlohmann::json;

inline json minimal() {
  return json::parse(R"({
    "ociVersion": "1.3.0",
    "root": {"path": "rootfs"},
    "process": {"args": ["true"], "cwd": "/"},
    "linux": {"namespaces": [{"type": "mount"}]}
  })");
}

// A document with the value (as JSON text) put at a JSON pointer.
inline json with(const char* pointer, const char* value, json document = minimal()) {
  document[json::json_pointer(pointer)] = json::parse(value);
  return document;
}
inline json without(const char* pointer, json document = minimal()) {
  const json::json_pointer path(pointer);
  document[path.parent_pointer()].erase(path.back());
  return document;
}

inline HostFacts cgroup_v1() {
  HostFacts host;
  host.cgroup_controllers = {"blkio",  "cpu",     "cpuset",   "devices", "hugetlb",
                             "memory", "net_cls", "net_prio", "pids",    "rdma"};
  host.hugepage_sizes = {"2MB", "1GB"};
  return host;
}
inline HostFacts cgroup_v2() {
  HostFacts host;
  host.cgroup_v2 = true;
  host.cgroup_controllers = {"cpu", "cpuset", "hugetlb", "io", "memory", "pids", "rdma"};
  host.hugepage_sizes = {"2MB", "1GB"};
  return host;
}

// A machine where joining these paths changes nothing for the caller.
inline HostFacts caller_is_in(std::vector<std::string> paths) {
  HostFacts host = cgroup_v1();
  host.callers_own_namespaces = std::move(paths);
  return host;
}

inline Violations found_in(const json& document, const HostFacts& host = cgroup_v1()) {
  const ReadSpec read = read_spec(document.dump());
  return merge(read.violations, validate(read.spec, host));
}

inline std::string describe(const Violations& violations) {
  std::string text;
  for (const Violation& v : violations) {
    text += fmt::format("{}{} [{}] {}\n", v.warning ? "warning: " : "", v.path, v.rule, v.message);
  }
  return text.empty() ? "nothing" : text;
}

inline void expect_clean(const json& document, const HostFacts& host = cgroup_v1()) {
  const Violations found = found_in(document, host);
  BOOST_TEST(found.empty(),
             "expected no violation of " << document.dump() << ", found " << describe(found));
}

enum class Severity { error, warning };

// Exactly one thing is wrong, at `path`, by `rule`; its text has `words`.
inline void expect_one(const json& document, const std::string& path, const std::string& rule,
                       const std::string& words = "", const HostFacts& host = cgroup_v1(),
                       Severity severity = Severity::error) {
  const Violations found = found_in(document, host);
  BOOST_TEST_REQUIRE(found.size() == 1, "expected " << path << " [" << rule << "] of "
                                                    << document.dump() << ", found "
                                                    << describe(found));
  BOOST_TEST(found[0].path == path);
  BOOST_TEST(found[0].rule == rule);
  BOOST_TEST(found[0].message.find(words) != std::string::npos,
             found[0].message << " has no \"" << words << "\"");
  BOOST_TEST(found[0].warning == (severity == Severity::warning));
  BOOST_TEST(found[0].spec.starts_with("config"), "section: " << found[0].spec);
}
inline void expect_warning(const json& document, const std::string& path, const std::string& rule,
                           const std::string& words = "", const HostFacts& host = cgroup_v1()) {
  expect_one(document, path, rule, words, host, Severity::warning);
}

}  // namespace ocelot::oci::test
