#include <fcntl.h>

#include <algorithm>

#include "oci/bundle.hpp"
#include "tests/unit/oci/document.hpp"

// What engines really write must be read without an error, and mean what they meant.
using namespace ocelot::oci;
using namespace ocelot::oci::test;

namespace {

Bundle open(const char* name) {
  return open_bundle(std::string(OCELOT_TEST_DATA "/") + name);
}

void expect_accepted(const Bundle& bundle, const HostFacts& host) {
  Violations found = violations_of(bundle, host);
  std::erase_if(found, [](const Violation& violation) { return violation.warning; });
  BOOST_TEST(found.empty(), describe(found));
}
void expect_accepted(const Bundle& bundle) {
  expect_accepted(bundle, cgroup_v1());
  expect_accepted(bundle, cgroup_v2());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(real_documents)

BOOST_AUTO_TEST_CASE(what_podman_writes_is_accepted) {
  const Bundle bundle = open("podman");
  expect_accepted(bundle);
  const Spec& spec = bundle.spec;
  BOOST_TEST(spec.process->user.umask.value() == 077u);
  BOOST_TEST((spec.process->user.additional_gids == std::vector<std::uint32_t>{1000, 5}));
  BOOST_TEST(spec.mounts.size() == 19u);
  BOOST_TEST((spec.mounts[2].options == std::vector<std::string>{"size=1m", "rw", "rprivate",
                                                                 "nosuid", "nodev", "tmpcopyup"}));
  BOOST_TEST(spec.linux_->devices.at(0).file_mode.value() == 020666u);
  BOOST_TEST(spec.linux_->seccomp->default_errno_ret.value() == 38u);
  BOOST_TEST(spec.linux_->resources->memory->swap.value() == 134217728);
  BOOST_TEST(spec.annotations.at("x") == "y");
}

BOOST_AUTO_TEST_CASE(what_containerd_writes_is_accepted) {
  const Bundle bundle = open("containerd");
  expect_accepted(bundle);
  const Spec& spec = bundle.spec;
  BOOST_TEST(spec.linux_->cgroups_path == "/default/web-1");
  BOOST_TEST(spec.linux_->resources->devices.size() == 10u);
  BOOST_TEST(!spec.linux_->resources->devices.at(8).minor.has_value());
  BOOST_TEST(spec.process->capabilities->bounding.size() == 14u);
  BOOST_TEST(!spec.linux_->seccomp->flags.has_value());
}

BOOST_AUTO_TEST_CASE(a_document_as_docker_writes_it_is_accepted_where_there_is_a_swappiness) {
  const Bundle bundle = open("docker-like");
  expect_accepted(bundle, cgroup_v1());
  const Spec& spec = bundle.spec;
  BOOST_TEST(spec.mounts.size() == 14u);
  BOOST_TEST(spec.linux_->seccomp->syscalls.at(0).names.size() == 352u);
  BOOST_TEST(spec.linux_->resources->memory->swappiness.value() == 60u);
  BOOST_TEST(spec.linux_->resources->block_io.has_value());
  Violations found = violations_of(bundle, cgroup_v2());
  std::erase_if(found, [](const Violation& violation) { return violation.warning; });
  BOOST_TEST_REQUIRE(found.size() == 1u, describe(found));
  BOOST_TEST(found[0].path == "/linux/resources/memory/swappiness");
}

BOOST_AUTO_TEST_CASE(the_default_document_is_accepted_without_a_word) {
  const Bundle bundle = open("default");
  expect_accepted(bundle);
  const Violations found = violations_of(bundle, cgroup_v1());
  BOOST_TEST_REQUIRE(found.empty(), describe(found));
}

BOOST_AUTO_TEST_SUITE_END()
