#include <boost/test/unit_test.hpp>
#include <ostream>

#include "cgroups/systemd/request.hpp"
#include "cgroups/systemd/unit_properties.hpp"
#include "cgroups/v1_settings.hpp"
#include "cgroups/v2_settings.hpp"
#include "runtime/base/error.hpp"

namespace ocelot::cgroups::systemd {

std::ostream& operator<<(std::ostream& out, const Property& property) {
  out << property.name << " " << property.signature;
  for (const std::string& word : property.words) out << " " << word;
  return out << (property.unknown == Unknown::ignore ? " (or not at all)" : "");
}

namespace {

auto refused(const std::string& words) {
  return [words](const Error& error) {
    BOOST_TEST_MESSAGE(error.what());
    return error.kind() == ErrorKind::InvalidSpec &&
           std::string(error.what()).find(words) != std::string::npos;
  };
}

UnitName named(const std::string& path, Instance instance = Instance::system) {
  return unit_name(path, "c1", instance);
}

Property limit(const std::string& name, const std::string& value) {
  return {name, "t", {value}, Unknown::ignore};
}

Properties of_v2(const oci::Resources& resources) {
  return properties_of(v2::settings(resources), true);
}

Property annotated(const std::string& text) {
  return annotated_property("Name", text);
}

#define PROPERTIES_ARE(actual, ...) \
  BOOST_TEST((actual) == (Properties __VA_ARGS__), boost::test_tools::per_element())

}  // namespace

BOOST_AUTO_TEST_SUITE(systemd_units)

BOOST_AUTO_TEST_CASE(a_path_names_slice_and_scope) {
  const UnitName name = named("machine.slice:libpod:1234");
  BOOST_TEST(name.unit == "libpod-1234.scope");
  BOOST_TEST(name.slice == "machine.slice");
  BOOST_TEST(name.path == "/machine.slice/libpod-1234.scope");
}

BOOST_AUTO_TEST_CASE(what_is_left_out_is_as_runc_has_it) {
  BOOST_TEST(named("").path == "/system.slice/ocelot-c1.scope");
  BOOST_TEST(named("::x").path == "/system.slice/x.scope");
  BOOST_TEST(named(":p:x", Instance::user).path == "/user.slice/p-x.scope");
  BOOST_TEST(named("-.slice:p:x").path == "/p-x.scope");
}

BOOST_AUTO_TEST_CASE(a_slice_is_below_those_that_its_name_begins_with) {
  BOOST_TEST(slice_path("a-b-c.slice") == "/a.slice/a-b.slice/a-b-c.slice");
  BOOST_TEST(slice_path("-.slice").empty());
  BOOST_TEST(named("kubepods-burstable-pod1.slice:cri:x").path ==
             "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-x.scope");
}

BOOST_AUTO_TEST_CASE(a_name_that_ends_in_slice_is_a_slice) {
  const UnitName name = named("a.slice:ignored:a-b.slice");
  BOOST_TEST(name.is_slice());
  BOOST_TEST(name.unit == "a-b.slice");
  BOOST_TEST(name.path == "/a.slice/a-b.slice");
}

BOOST_AUTO_TEST_CASE(what_systemd_does_not_take_as_a_name_is_refused) {
  for (const char* path : {"a", "a.slice:b", "a:b:c:d", "system.slice:p:"})
    BOOST_CHECK_EXCEPTION(named(path), Error, refused("slice:prefix:name"));
  for (const char* slice : {"a", "a.scope", ".slice", "-a.slice", "a-.slice", "a--b.slice"})
    BOOST_CHECK_EXCEPTION(slice_path(slice), Error, refused("is no slice"));
  for (const char* path : {":p:a/b", ":p:a b", ":p/..:a", "a/b.slice:p:x", ":p:x\n"})
    BOOST_CHECK_EXCEPTION(named(path), Error, refused("other characters"));
  BOOST_CHECK_EXCEPTION(named("::" + std::string(250, 'x')), Error, refused("255 bytes"));
  BOOST_CHECK_NO_THROW(named("::" + std::string(249, 'x')));
  BOOST_CHECK_EXCEPTION(named("::-.slice"), Error, refused("processes of the host"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(systemd_properties)

BOOST_AUTO_TEST_CASE(limits_are_those_of_the_files) {
  PROPERTIES_ARE(
      of_v2({.memory = oci::MemoryResources{.limit = 100, .reservation = 50, .swap = 150},
             .pids = oci::PidsResources{7}}),
      {limit("TasksMax", "7"), limit("MemorySwapMax", "50"), limit("MemoryMax", "100"),
       limit("MemoryLow", "50")});
  PROPERTIES_ARE(
      of_v2({.memory = oci::MemoryResources{.limit = -1}, .pids = oci::PidsResources{-1}}),
      {limit("TasksMax", "18446744073709551615"), limit("MemorySwapMax", "18446744073709551615"),
       limit("MemoryMax", "18446744073709551615")});
}

BOOST_AUTO_TEST_CASE(no_task_at_all_is_one_to_systemd) {
  PROPERTIES_ARE(of_v2({.pids = oci::PidsResources{0}}), {limit("TasksMax", "1")});
}

BOOST_AUTO_TEST_CASE(a_quota_is_a_share_of_each_second_in_whole_percents) {
  const auto quota = [](std::int64_t quota_us, std::uint64_t period_us) {
    return of_v2({.cpu = oci::CpuResources{.quota = quota_us, .period = period_us}});
  };
  PROPERTIES_ARE(quota(50'000, 100'000),
                 {limit("CPUQuotaPeriodUSec", "100000"), limit("CPUQuotaPerSecUSec", "500000")});
  PROPERTIES_ARE(quota(1'001, 100'000),
                 {limit("CPUQuotaPeriodUSec", "100000"), limit("CPUQuotaPerSecUSec", "20000")});
  PROPERTIES_ARE(quota(-1, 50'000), {limit("CPUQuotaPeriodUSec", "50000"),
                                     limit("CPUQuotaPerSecUSec", "18446744073709551615")});
}

BOOST_AUTO_TEST_CASE(processors_are_a_mask_with_the_lowest_first) {
  PROPERTIES_ARE(of_v2({.cpu = oci::CpuResources{.cpus = "0-2,9", .mems = "0"}}),
                 {{"AllowedCPUs", "ay", {"7", "2"}, Unknown::ignore},
                  {"AllowedMemoryNodes", "ay", {"1"}, Unknown::ignore}});
  for (const char* list : {"0-999999999", "3-1", "x", ""})
    BOOST_TEST(properties_of({{"cpuset.cpus", list}}, true).empty());
}

BOOST_AUTO_TEST_CASE(what_unified_overrides_is_told_too) {
  PROPERTIES_ARE(
      of_v2({.pids = oci::PidsResources{5},
             .unified = {{"memory.high", "4096"}, {"pids.max", "6"}, {"memory.oom.group", "1"}}}),
      {limit("TasksMax", "6"),
       limit("MemoryHigh", "4096"),
       {"OOMPolicy", "s", {"kill"}, Unknown::ignore}});
}

BOOST_AUTO_TEST_CASE(an_idle_group_has_weight_0) {
  PROPERTIES_ARE(of_v2({.cpu = oci::CpuResources{.shares = 1024}}), {limit("CPUWeight", "100")});
  PROPERTIES_ARE(of_v2({.cpu = oci::CpuResources{.shares = 1024, .idle = 1}}),
                 {limit("CPUWeight", "0")});
}

BOOST_AUTO_TEST_CASE(a_weight_of_one_device_is_in_its_file_alone) {
  oci::BlockIoResources io{.weight = 10};
  io.weight_device.push_back({.major = 8, .minor = 0, .weight = 100});
  PROPERTIES_ARE(of_v2({.block_io = io}), {limit("IOWeight", "1")});
}

BOOST_AUTO_TEST_CASE(v1_has_properties_of_its_own) {
  const oci::Resources resources{
      .memory = oci::MemoryResources{.limit = 100},
      .cpu = oci::CpuResources{.shares = 512, .quota = 5'000, .period = 10'000, .cpus = "0"}};
  PROPERTIES_ARE(properties_of(v1::settings(resources), false),
                 {limit("MemoryLimit", "100"), limit("CPUShares", "512"),
                  limit("CPUQuotaPeriodUSec", "10000"), limit("CPUQuotaPerSecUSec", "500000")});
}

BOOST_AUTO_TEST_CASE(devices_are_those_that_are_allowed) {
  const DevicePolicy policy{false,
                            {{true, 'c', 1, 3},
                             {true, 'b', 8, std::nullopt, device_read},
                             {true, 'a', {}, {}, device_mknod},
                             {false, 'c', 1, 5}}};
  PROPERTIES_ARE(device_properties(policy),
                 {{"DevicePolicy", "s", {"strict"}},
                  {"DeviceAllow",
                   "a(ss)",
                   {"/dev/char/1:3", "rwm", "block-8", "r", "char-*", "m", "block-*", "m"}}});
  BOOST_TEST(device_properties({true, {}}).empty());
}

BOOST_AUTO_TEST_CASE(annotations_change_all_but_what_limits_and_places_the_unit) {
  const Properties properties = unit_properties(named("a.slice:p:x"), "x", true,
                                                {{"org.systemd.property.TasksMax", "uint64 9"},
                                                 {"org.systemd.property.CollectMode", "'inactive'"},
                                                 {"org.systemd.propertyless", "'x'"}},
                                                {limit("TasksMax", "5")});
  const auto is = [&](const std::string& name) {
    const auto found = std::ranges::find(properties, name, &Property::name);
    return found == properties.end() ? Property{} : *found;
  };
  BOOST_TEST(is("TasksMax") == limit("TasksMax", "5"));
  BOOST_TEST(is("CollectMode") == (Property{"CollectMode", "s", {"inactive"}}));
  BOOST_TEST(is("Slice") == (Property{"Slice", "s", {"a.slice"}}));
  BOOST_TEST(is("PIDs") == (Property{"PIDs", "au", {"0"}}));
  BOOST_TEST(is("Delegate") == (Property{"Delegate", "b", {"true"}}));
  BOOST_TEST(is("less") == Property{});
}

BOOST_AUTO_TEST_CASE(a_slice_holds_no_process_of_its_own) {
  const Properties properties = unit_properties(named("a.slice::a-b.slice"), "x", true, {}, {});
  for (const char* name : {"PIDs", "Delegate", "Slice"})
    BOOST_TEST((std::ranges::find(properties, name, &Property::name) == properties.end()));
  BOOST_TEST(properties.back() == (Property{"Wants", "as", {"a.slice"}}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(systemd_annotations)

BOOST_AUTO_TEST_CASE(values_are_those_of_gvariant_text) {
  const auto value = [](const std::string& signature, std::vector<std::string> words) {
    return Property{"Name", signature, std::move(words)};
  };
  BOOST_TEST(annotated("true") == value("b", {"true"}));
  BOOST_TEST(annotated(" 'a b' ") == value("s", {"a b"}));
  BOOST_TEST(annotated(R"("say \"it\"")") == value("s", {R"(say "it")"}));
  BOOST_TEST(annotated("-5") == value("i", {"-5"}));
  BOOST_TEST(annotated("uint64 18446744073709551615") == value("t", {"18446744073709551615"}));
  BOOST_TEST(annotated("byte 255") == value("y", {"255"}));
  BOOST_TEST(annotated("1.5") == value("d", {"1.5"}));
  BOOST_TEST(annotated("['a', \"b\"]") == value("as", {"a", "b"}));
  BOOST_TEST(annotated("[uint32 1, 2]") == value("au", {"1", "2"}));
  BOOST_TEST(annotated("@as []") == value("as", {}));
  BOOST_TEST(annotated("@t 5") == value("t", {"5"}));
  BOOST_TEST(annotated("[('/dev/null', 'rw'), ('/dev/zero', 'r')]") ==
             value("a(ss)", {"/dev/null", "rw", "/dev/zero", "r"}));
}

BOOST_AUTO_TEST_CASE(what_is_no_value_is_refused) {
  for (const char* text : {"",
                           "x",
                           "'a",
                           "'a\\",
                           "['a'",
                           "['a', 1]",
                           "[]",
                           "[[1]]",
                           "1 2",
                           "byte 256",
                           "uint64 -1",
                           "4294967296",
                           "@as [1]",
                           "@a{sv} {}",
                           "('a', 'b')",
                           "[()]",
                           "[('a', 'b'), ('c',)]",
                           "@",
                           "inf",
                           "1e999",
                           "uint32",
                           "byte 'a'",
                           "'a\\x'"}) {
    BOOST_TEST_CONTEXT(text)
    BOOST_CHECK_EXCEPTION(annotated(text), Error, refused("is no value that can be understood"));
  }
  BOOST_CHECK_EXCEPTION(annotated(std::string("'a\0b'", 5)), Error, refused("is no value"));
}

BOOST_AUTO_TEST_CASE(seconds_become_microseconds) {
  BOOST_TEST(annotated_property("TimeoutStopSec", "uint64 90") ==
             (Property{"TimeoutStopUSec", "t", {"90000000"}}));
  BOOST_TEST(annotated_property("TimeoutStopSec", "0.5") ==
             (Property{"TimeoutStopUSec", "t", {"500000"}}));
  BOOST_TEST(annotated_property("TimeoutStopUSec", "uint64 90") ==
             (Property{"TimeoutStopUSec", "t", {"90"}}));
  BOOST_CHECK_EXCEPTION(annotated_property("TimeoutStopSec", "'90'"), Error,
                        refused("number of seconds"));
  BOOST_CHECK_EXCEPTION(annotated_property("TimeoutStopSec", "-1"), Error, refused("out of range"));
  BOOST_CHECK_EXCEPTION(annotated_property("TimeoutStopSec", "1e30"), Error,
                        refused("out of range"));
}

BOOST_AUTO_TEST_CASE(a_name_has_letters_alone_and_is_not_one_of_ours) {
  for (const char* name : {"", "ab", "A1b", "After ", "Ex.ec"})
    BOOST_CHECK_EXCEPTION(annotated_property(name, "true"), Error, refused("letters alone"));
  for (const char* name : {"PIDs", "Slice", "BPFProgram"})
    BOOST_CHECK_EXCEPTION(annotated_property(name, "true"), Error,
                          refused("only the runtime sets"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(systemd_documents)

BOOST_AUTO_TEST_CASE(a_request_and_an_answer_arrive_as_they_were_sent) {
  const Request request{.operation = Operation::change,
                        .instance = Instance::user,
                        .unit = "x.scope",
                        .properties = {limit("TasksMax", "5"), {"Slice", "s", {"a\n\"b"}}},
                        .timeout = std::chrono::milliseconds{1500}};
  BOOST_TEST((decode_request(encode(request)) == request));
  const Answer answer{"no", "try", {"AllowedCPUs"}};
  BOOST_TEST((decode_answer(encode(answer)) == answer));
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused) {
  for (const char* text :
       {"", "{", "[]", "null", "{}", R"({"operation":"start"})",
        R"({"operation":"x","user":false,"unit":"u","properties":[],"timeoutMs":1})",
        R"({"operation":"stop","user":false,"unit":"u","properties":[],"timeoutMs":-1})",
        R"({"operation":"stop","user":0,"unit":"u","properties":[],"timeoutMs":1})",
        R"({"operation":"stop","user":false,"unit":"u","properties":[1],"timeoutMs":1})"}) {
    BOOST_TEST_CONTEXT(text) BOOST_CHECK_THROW(decode_request(text), Error);
    BOOST_TEST_CONTEXT(text) BOOST_CHECK_THROW(decode_answer(text), Error);
  }
  Request long_one{.unit = "x.scope",
                   .properties = {{"Description", "s", {std::string(200'000, 'x')}}}};
  BOOST_CHECK_THROW(encode(long_one), Error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::cgroups::systemd
