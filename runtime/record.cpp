#include "runtime/record.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/crc32c.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"

namespace ocelot {
namespace {

using nlohmann::json;

constexpr const char* file_name = "state.json";
constexpr int format_version = 1;
constexpr const char* removal_hint = "`delete --force` removes what is left of the container";

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
    case cgroups::Manager::cgroupfs:
      return "cgroupfs";
    case cgroups::Manager::systemd:
      return "systemd";
    case cgroups::Manager::disabled:
      return "disabled";
  }
  return "";
}

cgroups::Manager manager_from(const std::string& word) {
  for (const auto manager :
       {cgroups::Manager::cgroupfs, cgroups::Manager::systemd, cgroups::Manager::disabled}) {
    if (word == manager_word(manager)) return manager;
  }
  throw Error{ErrorKind::Failed, "unknown cgroup manager " + word};
}

// The sum is over the members in their order here, which is that of their names: how they are laid
// out does not matter.
std::string checksum(const json& container) {
  return fmt::format("{:08x}", crc32c(container.dump()));
}

// A wrong bit in a pid or a cgroup's path would hit somebody else: what does not add up is not
// looked at.
json container_in(const std::string& text) {
  json file = json::parse(text);
  if (file.at("version").get<int>() != format_version) {
    throw Error{ErrorKind::Failed, "was written by another version of the runtime"}.with_hint(
        "operate it with the version that made it");
  }
  if (file.at("crc32c") != checksum(file.at("container"))) {
    throw Error{ErrorKind::Failed, "damaged: its checksum is wrong"}.with_hint(removal_hint);
  }
  return std::move(file["container"]);
}

Record parse(const std::string& text) {
  const json document = container_in(text);
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
  record.cgroup.unit = document.value("unit", "");
  if (document.value("unitOfUser", false)) record.cgroup.instance = cgroups::Instance::user;
  record.cgroup.subgroup = document.value("subgroup", "");
  record.own_pid_namespace = document.at("ownPidNamespace");
  record.checkpointed = document.value("checkpointed", false);
  record.session_keyring = document.at("sessionKeyring");
  record.intel_rdt_group = document.at("intelRdtGroup");
  record.intel_rdt_monitor = document.at("intelRdtMonitor");
  record.annotations = document.at("annotations").get<Annotations>();
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
  const trace::Span span{text("write the state")};
  json document{{"phase", record.phase == Phase::created ? "created" : "creating"},
                {"id", record.id},
                {"bundle", record.bundle},
                {"rootfs", record.rootfs},
                {"created", record.created},
                {"cgroupManager", manager_word(record.cgroup.manager)},
                {"cgroups", record.cgroup.paths},
                {"ownPidNamespace", record.own_pid_namespace},
                {"sessionKeyring", record.session_keyring},
                {"intelRdtGroup", record.intel_rdt_group},
                {"intelRdtMonitor", record.intel_rdt_monitor},
                {"annotations", record.annotations},
                {"poststart", to_json(record.poststart)},
                {"poststop", to_json(record.poststop)}};
  if (!record.cgroup.unit.empty()) {
    document["unit"] = record.cgroup.unit;
    document["unitOfUser"] = record.cgroup.instance == cgroups::Instance::user;
  }
  if (!record.cgroup.subgroup.empty()) document["subgroup"] = record.cgroup.subgroup;
  if (record.checkpointed) document["checkpointed"] = true;
  if (record.init) {
    document["init"] = {{"pid", record.init->pid},
                        {"pidfdInode", record.init->pidfd_inode},
                        {"startTime", record.init->start_time},
                        {"bootId", record.init->boot_id}};
  }
  const json file{{"version", format_version},
                  {"crc32c", checksum(document)},
                  {"container", std::move(document)}};
  write_atomically(directory, file_name, file.dump(), 0600);
}

std::optional<Record> load(int directory) {
  const auto text = read_regular_file_if_exists(directory, file_name);
  if (!text) return std::nullopt;
  Context at{[] { return std::string(file_name); }};
  try {
    return parse(*text);
  } catch (const json::exception& error) {
    throw Error{ErrorKind::Failed, std::string("damaged: ") + error.what()}.with_hint(removal_hint);
  }
}

}  // namespace ocelot
