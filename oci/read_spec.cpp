#include "oci/read_spec.hpp"

#include "oci/read_structs.hpp"
#include "runtime/base/error.hpp"

namespace ocelot::oci {

void read(Reader& r, Root& root) {
  r.section("config.md#root");
  r.required("path", root.path);
  r.optional("readonly", root.readonly);
}

void read(Reader& r, Mount& mount) {
  r.section("config.md#mounts");
  r.required("destination", mount.destination);
  r.optional("type", mount.type);
  r.optional("source", mount.source);
  r.optional("options", mount.options);
  r.optional("uidMappings", mount.uid_mappings);
  r.optional("gidMappings", mount.gid_mappings);
}

void read(Reader& r, Hook& hook) {
  r.section("config.md#posix-platform-hooks");
  r.required("path", hook.path);
  r.optional("args", hook.args);
  r.optional("env", hook.env);
  r.optional("timeout", hook.timeout_seconds);
}

void read(Reader& r, Hooks& hooks) {
  r.section("config.md#posix-platform-hooks");
  r.optional("prestart", hooks.prestart);
  r.optional("createRuntime", hooks.create_runtime);
  r.optional("createContainer", hooks.create_container);
  r.optional("startContainer", hooks.start_container);
  r.optional("poststart", hooks.poststart);
  r.optional("poststop", hooks.poststop);
}

void read(Reader& r, Spec& spec) {
  r.section("config.md#specification-version");
  r.required("ociVersion", spec.oci_version);
  r.section("config.md#root");
  r.optional("root", spec.root);
  r.section("config.md#process");
  r.optional("process", spec.process);
  r.section("config.md#hostname");
  r.optional("hostname", spec.hostname);
  r.section("config.md#domainname");
  r.optional("domainname", spec.domainname);
  r.section("config.md#mounts");
  r.optional("mounts", spec.mounts);
  r.section("config.md#posix-platform-hooks");
  r.optional("hooks", spec.hooks);
  r.section("config.md#annotations");
  r.optional("annotations", spec.annotations);
  r.section("config.md#platform-specific-configuration");
  r.optional("linux", spec.linux_);
}

namespace {

template <typename T>
void read_document(std::string_view text, const char* section, T& out, Violations& violations,
                   std::vector<std::string>& unknown) {
  const Document document = Document::parse(text);
  Reader r{document, violations, unknown};
  if (!r.is_object())
    throw Error{ErrorKind::InvalidSpec, "the document must be one JSON object"}.with_hint(
        "it begins with { and ends with }");
  r.section(section);
  read_value(r, out);
}

}  // namespace

ReadSpec read_spec(std::string_view text) {
  ReadSpec result;
  read_document(text, "config.md", result.spec, result.violations, result.unknown);
  return result;
}

ReadProcess read_process(std::string_view text) {
  ReadProcess result;
  read_document(text, "config.md#process", result.process, result.violations, result.unknown);
  return result;
}

ReadResources read_resources(std::string_view text) {
  ReadResources result;
  read_document(text, "config-linux.md#control-groups", result.resources, result.violations,
                result.unknown);
  return result;
}

ReadMounts read_mounts(std::string_view text) {
  ReadMounts result;
  const Document document = Document::parse(text);
  Reader r{document, result.violations, result.unknown};
  r.section("config.md#mounts");
  read_value(r, result.mounts);
  return result;
}

}  // namespace ocelot::oci
