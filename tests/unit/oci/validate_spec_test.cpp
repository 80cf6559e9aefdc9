#include "tests/unit/oci/document.hpp"

// Top level, root, annotations, hooks. The names begin with the row of the error catalogue that
// they prove.
using namespace ocelot::oci::test;

BOOST_AUTO_TEST_SUITE(validate_spec)

BOOST_AUTO_TEST_CASE(a_minimal_document_has_no_violation) {
  expect_clean(minimal());
}

BOOST_AUTO_TEST_CASE(E01_ociVersion_must_be_a_semantic_version_of_major_1) {
  expect_one(without("/ociVersion"), "/ociVersion", "required");
  for (const char* wrong : {R"("1.0")", R"("1")", R"("v1.0.2")", R"("1.0.2-")", R"("1.0.02")",
                            R"("1.0.2 ")", R"("latest")", R"("1.0.2+")", R"("1.0.2-a..b")"}) {
    expect_one(with("/ociVersion", wrong), "/ociVersion", "version-semver", "SemVer");
  }
  expect_one(with("/ociVersion", R"("0.9.0")"), "/ociVersion", "version-major", "1.0 to 1.3");
  expect_one(with("/ociVersion", R"("2.0.0")"), "/ociVersion", "version-major");
  expect_one(with("/ociVersion", R"("")"), "/ociVersion", "required");
}

BOOST_AUTO_TEST_CASE(E01_known_versions_pass_and_a_newer_minor_is_warned_of) {
  for (const char* version :
       {R"("1.0.0")", R"("1.0.2-dev")", R"("1.1.0+dev")", R"("1.2.1")", R"("1.3.7-rc.1+x.y")"}) {
    expect_clean(with("/ociVersion", version));
  }
  expect_warning(with("/ociVersion", R"("1.4.0")"), "/ociVersion", "version-newer",
                 "newer than 1.3");
}

BOOST_AUTO_TEST_CASE(E02_root_is_required) {
  expect_one(without("/root"), "/root", "required");
  expect_one(with("/root", "{}"), "/root/path", "required");
  expect_one(with("/root/path", R"("")"), "/root/path", "required");
}

BOOST_AUTO_TEST_CASE(E04_process_must_not_be_unset) {
  expect_one(without("/process"), "/process", "required", "process property must not be empty");
  expect_one(with("/process", "null"), "/process", "required",
             "process property must not be empty");
}

BOOST_AUTO_TEST_CASE(a_cgroup_to_delegate_is_one_name_and_of_v2) {
  const auto named = [](const std::string& name) {
    return with("/annotations", (R"({"run.oci.delegate-cgroup": ")" + name + "\"}").c_str());
  };
  const std::string place = "/annotations/run.oci.delegate-cgroup";
  for (const char* good : {"payload", "a.b", "...", "a b"}) {
    expect_clean(named(good), cgroup_v2());
    expect_one(named(good), place, "delegate-cgroup-v2", "needs cgroup v2", cgroup_v1());
  }
  expect_clean(named(""), cgroup_v1());
  for (const std::string& bad :
       {std::string{"."}, std::string{".."}, std::string{"../x"}, std::string{"/x"},
        std::string{"x/"}, std::string{"a/b"}, std::string{"a\\nb"}, std::string(256, 'x')})
    expect_one(named(bad), place, "cgroup-name", "no name of a cgroup", cgroup_v2());
}

BOOST_AUTO_TEST_CASE(a_cgroup_in_a_scope_is_one_name_and_of_v2) {
  const auto named = [](const std::string& name) {
    return with("/annotations", (R"({"run.oci.systemd.subgroup": ")" + name + "\"}").c_str());
  };
  const std::string place = "/annotations/run.oci.systemd.subgroup";
  auto v1 = cgroup_v1(), v2 = cgroup_v2();
  expect_clean(named("../x"), v2);  // nobody looks at it where files are the cgroups' maker
  v1.systemd_cgroup = v2.systemd_cgroup = true;
  const auto systemd = [](const json& document) {
    return with("/linux/cgroupsPath", R"("a.slice:b:c")", document);
  };
  expect_clean(systemd(named("container")), v2);
  expect_one(systemd(named("container")), place, "systemd-subgroup-v2", "needs cgroup v2", v1);
  expect_clean(systemd(named("")), v1);
  for (const char* bad : {".", "..", "../x", "/x", "a/b", "a\\nb"})
    expect_one(systemd(named(bad)), place, "cgroup-name", "no name of a cgroup", v2);
}

BOOST_AUTO_TEST_CASE(E29_a_name_of_the_container_needs_its_own_uts_namespace) {
  expect_one(with("/hostname", R"("web")"), "/hostname", "name-uts-namespace",
             "unable to set hostname without a private UTS namespace");
  expect_one(with("/domainname", R"("web")"), "/domainname", "name-uts-namespace");
  const auto uts = with("/linux/namespaces/1", R"({"type": "uts"})");
  expect_clean(with("/domainname", R"("web")", with("/hostname", R"("web")", uts)));
  const auto joined =
      with("/hostname", R"("web")",
           with("/linux/namespaces/1", R"({"type": "uts", "path": "/proc/1/ns/uts"})"));
  expect_clean(joined);
  expect_one(joined, "/hostname", "name-uts-namespace", "", caller_is_in({"/proc/1/ns/uts"}));
}

BOOST_AUTO_TEST_CASE(a_name_longer_than_the_kernel_takes_is_refused) {
  const auto uts = with("/linux/namespaces/1", R"({"type": "uts"})");
  const auto name = [](std::size_t length) { return '"' + std::string(length, 'a') + '"'; };
  expect_clean(with("/hostname", name(64).c_str(), uts));
  expect_one(with("/hostname", name(65).c_str(), uts), "/hostname", "name-length", "65");
  expect_one(with("/domainname", name(65).c_str(), uts), "/domainname", "name-length");
}

BOOST_AUTO_TEST_CASE(E65_the_path_of_a_hook_must_be_absolute) {
  for (const char* kind : {"prestart", "createRuntime", "createContainer", "startContainer",
                           "poststart", "poststop"}) {
    const std::string at = fmt::format("/hooks/{}/0", kind);
    expect_clean(with((at + "/path").c_str(), R"("/bin/hook")",
                      with(("/hooks/" + std::string(kind)).c_str(), "[{}]")));
    expect_one(with((at + "/path").c_str(), R"("hook")",
                    with(("/hooks/" + std::string(kind)).c_str(), "[{}]")),
               at + "/path", "hook-path-absolute", "absolute");
    expect_one(with(("/hooks/" + std::string(kind)).c_str(), "[{}]"), at + "/path", "required");
  }
}

BOOST_AUTO_TEST_CASE(E66_the_timeout_of_a_hook_must_be_positive) {
  const auto hook = [](const char* timeout) {
    return with("/hooks/poststop",
                fmt::format(R"([{{"path": "/bin/hook", "timeout": {}}}])", timeout).c_str());
  };
  expect_clean(hook("1"));
  expect_one(hook("0"), "/hooks/poststop/0/timeout", "hook-timeout", "greater than 0");
  expect_one(hook("-1"), "/hooks/poststop/0/timeout", "hook-timeout");
}

BOOST_AUTO_TEST_CASE(E74_unknown_properties_are_ignored) {
  const json document = with("/linux/resources", R"({"x": 1})",
                             with("/windows", R"({"a": [1]})", with("/process/future", "true")));
  expect_clean(document);
  const std::vector<std::string> unknown{"/process/future", "/linux/resources/x", "/windows"};
  BOOST_TEST(ocelot::oci::read_spec(document.dump()).unknown == unknown,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(E75_a_wrong_type_is_told_by_its_path) {
  expect_one(with("/ociVersion", "1"), "/ociVersion", "type", "string");
  expect_one(with("/root", "[]"), "/root", "type", "object");
  expect_one(with("/root/readonly", "1"), "/root/readonly", "type", "true or false");
  expect_one(with("/process", R"("sh")"), "/process", "type", "object");
  expect_one(with("/process/args", R"("sh")"), "/process/args", "type", "array");
  expect_one(with("/process/args/0", "{}"), "/process/args/0", "type", "string");
  expect_one(with("/mounts", "{}"), "/mounts", "type", "array");
  expect_one(with("/linux", "[]"), "/linux", "type", "object");
  expect_one(with("/linux/namespaces", "{}"), "/linux/namespaces", "type", "array");
}

BOOST_AUTO_TEST_CASE(E75_all_wrong_types_are_told_at_once) {
  auto document =
      with("/process/cwd", "1", with("/root/path", "false", with("/process/args/0", "null")));
  BOOST_TEST(found_in(document).size() == 3u, describe(found_in(document)));
}

BOOST_AUTO_TEST_CASE(E76_annotations_are_strings_under_keys_that_are_not_empty) {
  expect_clean(with("/annotations", R"({"org.example.key": ""})"));
  expect_one(with("/annotations", R"({"": "x"})"), "/annotations/", "annotation-key", "empty");
  expect_one(with("/annotations", R"({"a": 1})"), "/annotations/a", "type", "string");
  expect_one(with("/annotations", R"({"a/b~c": null})"), "/annotations/a~1b~0c", "type", "string");
}

BOOST_AUTO_TEST_CASE(a_key_that_differs_in_case_is_ignored_with_a_warning_that_names_both) {
  auto document = with("/process/NoNewPrivileges", "true");
  expect_warning(document, "/process/NoNewPrivileges", "key-case", "noNewPrivileges");
  BOOST_TEST(!ocelot::oci::read_spec(document.dump()).spec.process->no_new_privileges);
}

BOOST_AUTO_TEST_CASE(null_is_the_same_as_absent) {
  expect_clean(with("/hooks", "null",
                    with("/linux/resources", R"({"memory": {"limit": null}, "cpu": null})")));
}

BOOST_AUTO_TEST_SUITE_END()
