#include "runtime/record.hpp"

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"

namespace ocelot {
namespace {

using nlohmann::json;

constexpr const char* file_name = "state.json";
constexpr int format_version = 1;

json to_json(const std::vector<oci::Hook>& hooks) {
  json list = json::array();
  for (const oci::Hook& hook : hooks) {
    json entry{{"path", hook.path}, {"args", hook.args}};
    if (hook.env) entry["env"] = *hook.env;
    if (hook.timeout_seconds) entry["timeout"] = *hook.timeout_seconds;
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<oci::Hook> hooks_from(const json& list) {
  std::vector<oci::Hook> hooks;
  for (const json& entry : list) {
    oci::Hook& hook = hooks.emplace_back();
    hook.path = entry.at("path");
    hook.args = entry.at("args").get<std::vector<std::string>>();
    if (entry.contains("env")) hook.env = entry["env"].get<std::vector<std::string>>();
    if (entry.contains("timeout")) hook.timeout_seconds = entry["timeout"].get<std::int64_t>();
  }
  return hooks;
}

const char* manager_word(cgroups::Manager manager) {
  switch (manager) {
    case cgroups::Manager::cgroupfs: return "cgroupfs";
    case cgroups::Manager::systemd: return "systemd";
    case cgroups::Manager::disabled: return "disabled";
  }
  return "";
}

cgroups::Manager manager_from(const std::string& word) {
  for (const auto manager : {cgroups::Manager::cgroupfs, cgroups::Manager::systemd, cgroups::Manager::disabled}) {
    if (word == manager_word(manager)) return manager;
  }
  throw Error{ErrorKind::Failed, "unknown cgroup manager " + word};
}

Record parse(const std::string& text) {
  const json document = json::parse(text);
  if (document.at("version").get<int>() != format_version) {
    throw Error{ErrorKind::Failed, "was written by another version of the runtime"};
  }
  Record record;
  record.phase = document.at("phase") == "created" ? Phase::created : Phase::creating;
  record.id = document.at("id");
  record.bundle = document.at("bundle");
  record.rootfs = document.at("rootfs");
  record.created = document.at("created");
  if (document.contains("init")) {
    const json& init = document["init"];
    record.init = ProcessIdentity{.pid = init.at("pid"),
                                  .pidfd_inode = init.at("pidfdInode"),
                                  .start_time = init.at("startTime"),
                                  .boot_id = init.at("bootId")};
  }
  record.cgroup.manager = manager_from(document.at("cgroupManager"));
  record.cgroup.paths = document.at("cgroups").get<std::map<std::string, std::string>>();
  record.own_pid_namespace = document.at("ownPidNamespace");
  record.intel_rdt_group = document.at("intelRdtGroup");
  record.intel_rdt_monitor = document.at("intelRdtMonitor");
  record.annotations = document.at("annotations").get<std::map<std::string, std::string>>();
  record.poststart = hooks_from(document.at("poststart"));
  record.poststop = hooks_from(document.at("poststop"));
  return record;
}

}  // namespace

oci::State Record::state(oci::Status status) const {
  return {.id = id,
          .status = status,
          .pid = status == oci::Status::stopped || !init ? 0 : init->pid,
          .bundle = bundle,
          .annotations = annotations};
}

void save(int directory, const Record& record) {
  json document{{"version", format_version},
                {"phase", record.phase == Phase::created ? "created" : "creating"},
                {"id", record.id},
                {"bundle", record.bundle},
                {"rootfs", record.rootfs},
                {"created", record.created},
                {"cgroupManager", manager_word(record.cgroup.manager)},
                {"cgroups", record.cgroup.paths},
                {"ownPidNamespace", record.own_pid_namespace},
                {"intelRdtGroup", record.intel_rdt_group},
                {"intelRdtMonitor", record.intel_rdt_monitor},
                {"annotations", record.annotations},
                {"poststart", to_json(record.poststart)},
                {"poststop", to_json(record.poststop)}};
  if (record.init) {
    document["init"] = {{"pid", record.init->pid},
                        {"pidfdInode", record.init->pidfd_inode},
                        {"startTime", record.init->start_time},
                        {"bootId", record.init->boot_id}};
  }
  write_atomically(directory, file_name, document.dump(), 0600);
}

std::optional<Record> load(int directory) {
  const auto text = read_file_if_exists(directory, file_name);
  if (!text) return std::nullopt;
  Context at{[] { return std::string(file_name); }};
  try {
    return parse(*text);
  } catch (const json::exception& error) {
    throw Error{ErrorKind::Failed, std::string("damaged: ") + error.what()}.with_hint(
        "`delete --force` removes what is left of the container");
  }
}

}  // namespace ocelot
