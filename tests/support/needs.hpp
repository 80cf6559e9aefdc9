#pragma once

#include <boost/test/unit_test.hpp>
#include <string>

// Preconditions of tests. Use: BOOST_AUTO_TEST_CASE(name, *needs::root()) or, for a whole suite,
// BOOST_AUTO_TEST_SUITE(name, *needs::root()). A test whose precondition does not hold is skipped
// with the reason; the main program of the tests says which skips are expected (expectations.hpp).
namespace ocelot::test::needs {

using Decorator = boost::unit_test::precondition;

Decorator root();
// Only for ocelot, because it is a design of ours that no reference runtime has, or for `reason`.
Decorator ocelot(const std::string& reason = "a design of ocelot's own");
Decorator capability(const std::string& name);     // "CAP_SYS_RESOURCE": effective in us
Decorator no_capability(const std::string& name);  // the error path
Decorator controller(const std::string& name);     // on some hierarchy
Decorator cgroup_v1();                             // controllers are on v1
Decorator cgroup_v2();                             // controllers are on v2
Decorator file(const std::string& path);           // a kernel feature shows as this file
Decorator absent(const std::string& path);         // the error path where a feature is missing
Decorator filesystem(const std::string& type);     // in /proc/filesystems
Decorator apparmor();
Decorator selinux();
Decorator system_call(long number, const std::string& name);  // the kernel knows it
Decorator cpus(unsigned count);                               // we may run on so many
Decorator network_device(const std::string& kind);  // `ip link add type KIND` works in a new netns

// All that is needed of a test by a function of one's own.
Decorator that(bool holds, const std::string& reason);

}  // namespace ocelot::test::needs
