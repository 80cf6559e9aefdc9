#include "runtime/exec_document.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"

namespace ocelot {
namespace {

using nlohmann::json;

template <typename Value>
void read(const json& document, const char* name, Value& value) {
  const auto found = document.find(name);
  if (found == document.end()) return;
  try {
    found->get_to(value);
  } catch (const json::exception&) {
    throw Error{ErrorKind::InvalidArgument, fmt::format("{}: is of the wrong type", name)};
  }
}

// json would cut a number to the type that is asked for.
std::uint32_t id_of(const json& value, const char* name) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("{}: is no whole number from 0 to {}", name, most)};
  return value.get<std::uint32_t>();
}

void read(const json& document, const char* name, std::optional<std::uint32_t>& value) {
  if (document.contains(name)) value = id_of(document[name], name);
}

void read(const json& document, const char* name, std::vector<std::uint32_t>& values) {
  if (!document.contains(name)) return;
  const json& list = document[name];
  if (!list.is_array())
    throw Error{ErrorKind::InvalidArgument, fmt::format("{}: is of the wrong type", name)};
  for (const json& value : list) values.push_back(id_of(value, name));
}

json parse_process(const std::string& text) {
  Context at{[] { return "process document"; }};
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    throw Error{ErrorKind::InvalidSpec, error.what()};
  }
}

}  // namespace

json exec_document(const ExecOptions& options) {
  json document{{"cgroups", options.cgroups}, {"ignorePaused", options.ignore_paused}};
  if (!options.process_file.empty() || options.process_text) {
    Context at{[&] { return options.process_file.empty() ? "process" : options.process_file; }};
    document["process"] = parse_process(
        options.process_text ? *options.process_text : read_file(AT_FDCWD, options.process_file));
    return document;
  }
  document["args"] = options.args;
  document["cwd"] = options.cwd;
  document["env"] = options.env;
  if (options.uid) document["uid"] = *options.uid;
  if (options.gid) document["gid"] = *options.gid;
  document["additionalGids"] = options.additional_gids;
  document["capabilities"] = options.capabilities;
  document["apparmorProfile"] = options.apparmor_profile;
  document["selinuxLabel"] = options.selinux_label;
  document["terminal"] = options.tty;
  document["noNewPrivileges"] = options.no_new_privileges;
  return document;
}

bool wants_terminal(const json& document) {
  const json& process = document.contains("process") ? document["process"] : document;
  const auto terminal = process.find("terminal");  // of whatever type: the reader judges
  return terminal != process.end() && terminal->is_boolean() && terminal->get<bool>();
}

ExecOptions exec_options_from(const json& document) {
  ExecOptions options;
  read(document, "cgroups", options.cgroups);
  read(document, "ignorePaused", options.ignore_paused);
  if (document.contains("process")) {
    options.process_text = document["process"].dump();
    return options;
  }
  read(document, "args", options.args);
  read(document, "cwd", options.cwd);
  read(document, "env", options.env);
  read(document, "uid", options.uid);
  read(document, "gid", options.gid);
  read(document, "additionalGids", options.additional_gids);
  read(document, "capabilities", options.capabilities);
  read(document, "apparmorProfile", options.apparmor_profile);
  read(document, "selinuxLabel", options.selinux_label);
  read(document, "terminal", options.tty);
  read(document, "noNewPrivileges", options.no_new_privileges);
  return options;
}

}  // namespace ocelot
