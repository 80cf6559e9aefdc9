#include "runtime/criu/message.hpp"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "runtime/base/error.hpp"

namespace ocelot::criu {
namespace {

using protozero::pbf_reader;
using protozero::pbf_writer;

constexpr int most_detailed_but_one = 4;  // of criu's log levels

void add_flag(pbf_writer& message, protozero::pbf_tag_type tag, bool set) {
  if (set) message.add_bool(tag, true);
}

void add_text(pbf_writer& message, protozero::pbf_tag_type tag, const std::string& text) {
  if (!text.empty()) message.add_string(tag, text);
}

void add_number(pbf_writer& message, protozero::pbf_tag_type tag, int number) {
  if (number >= 0) message.add_int32(tag, number);
}

void add_parts(pbf_writer& message, const Options& options) {
  if (options.page_server) {
    pbf_writer part(message, 11);
    part.add_string(1, options.page_server->address);
    part.add_int32(2, options.page_server->port);
  }
  for (const ExternalMount& mount : options.external_mounts) {
    pbf_writer part(message, 23);
    part.add_string(1, mount.key);
    part.add_string(2, mount.value);
  }
  for (const CgroupRoot& root : options.cgroup_roots) {
    pbf_writer part(message, 25);
    add_text(part, 1, root.controller);
    part.add_string(2, root.path);
  }
  for (const InheritedFd& inherited : options.inherited_fds) {
    pbf_writer part(message, 27);
    part.add_string(1, inherited.key);
    part.add_int32(2, inherited.fd);
  }
  for (const std::string& external : options.external) message.add_string(37, external);
}

void add_options(pbf_writer& request, Type type, const Options& options) {
  pbf_writer message(request, 2);
  message.add_int32(1, options.images_dir_fd);
  if (options.pid != 0) message.add_int32(2, options.pid);
  add_flag(message, 3, options.leave_running);
  add_flag(message, 4, options.external_unix_sockets);
  add_flag(message, 5, options.tcp_established);
  message.add_bool(6, true);  // evasive_devices: a device whose node has gone is found elsewhere
  add_flag(message, 7, options.shell_job);
  add_flag(message, 8, options.file_locks);
  message.add_int32(9, most_detailed_but_one);
  add_text(message, 10, options.log_file);
  message.add_bool(12, true);  // notify_scripts
  add_text(message, 13, options.root);
  add_text(message, 14, options.parent_img);
  add_flag(message, 15, options.track_memory);
  add_flag(message, 16, options.auto_dedup);
  add_number(message, 17, options.work_dir_fd);
  add_flag(message, 18, options.link_remap);
  message.add_bool(24, true);                    // manage_cgroups, for versions without a mode
  add_flag(message, 26, type == Type::restore);  // rst_sibling: the restored are our children
  message.add_enum(34, static_cast<int>(options.cgroup_mode));
  if (options.empty_namespaces != 0) message.add_uint32(38, options.empty_namespaces);
  add_text(message, 44, options.freeze_cgroup);
  add_flag(message, 46, options.tcp_skip_in_flight);
  add_flag(message, 48, options.lazy_pages);
  add_number(message, 49, options.status_fd);
  message.add_bool(50, true);  // orphan_pts_master
  add_text(message, 51, options.config_file);
  add_flag(message, 52, options.tcp_close);
  add_text(message, 53, options.lsm_profile);
  add_text(message, 60, options.cgroup_yard);
  add_text(message, 63, options.lsm_mount_context);
  if (options.network_lock) message.add_enum(64, static_cast<int>(*options.network_lock));
  add_parts(message, options);
}

Features decode_features(pbf_reader message) {
  Features features;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        features.memory_tracking = message.get_bool();
        break;
      case 2:
        features.lazy_pages = message.get_bool();
        break;
      default:
        message.skip();
    }
  }
  return features;
}

void decode_notification(pbf_reader message, Answer& answer) {
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        answer.script = message.get_string();
        break;
      case 2:
        answer.script_pid = message.get_int32();
        break;
      default:
        message.skip();
    }
  }
}

void decode_version(pbf_reader message, Answer& answer) {
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        answer.major = message.get_int32();
        break;
      case 2:
        answer.minor = message.get_int32();
        break;
      default:
        message.skip();
    }
  }
}

pid_t decode_restored(pbf_reader message) {
  return message.next(1) ? message.get_int32() : 0;
}

void decode_member(pbf_reader& message, Answer& answer) {
  switch (message.tag()) {
    case 1:
      answer.type = static_cast<Type>(message.get_enum());
      break;
    case 2:
      answer.success = message.get_bool();
      break;
    case 4:
      answer.restored_pid = decode_restored(message.get_message());
      break;
    case 5:
      decode_notification(message.get_message(), answer);
      break;
    case 7:
      answer.error_number = message.get_int32();
      break;
    case 8:
      answer.features = decode_features(message.get_message());
      break;
    case 9:
      answer.error_text = message.get_string();
      break;
    case 10:
      decode_version(message.get_message(), answer);
      break;
    default:
      message.skip();
  }
}

}  // namespace

const char* to_string(Type type) {
  switch (type) {
    case Type::dump:
      return "DUMP";
    case Type::restore:
      return "RESTORE";
    case Type::pre_dump:
      return "PRE_DUMP";
    case Type::notify:
      return "NOTIFY";
    case Type::feature_check:
      return "FEATURE_CHECK";
    case Type::version:
      return "VERSION";
  }
  return "";
}

std::string encode_request(Type type, const Options& options) {
  std::string bytes;
  pbf_writer request(bytes);
  request.add_enum(1, static_cast<int>(type));
  add_options(request, type, options);
  return bytes;
}

std::string encode_feature_check(const Features& wanted) {
  std::string bytes;
  pbf_writer request(bytes);
  request.add_enum(1, static_cast<int>(Type::feature_check));
  request.add_bool(4, true);  // keep_open: another request follows
  pbf_writer features(request, 5);
  add_flag(features, 1, wanted.memory_tracking);
  add_flag(features, 2, wanted.lazy_pages);
  return bytes;
}

std::string encode_version_request() {
  std::string bytes;
  pbf_writer request(bytes);
  request.add_enum(1, static_cast<int>(Type::version));
  request.add_bool(4, true);
  return bytes;
}

std::string encode_notified() {
  std::string bytes;
  pbf_writer request(bytes);
  request.add_enum(1, static_cast<int>(Type::notify));
  request.add_bool(3, true);  // notify_success
  return bytes;
}

Answer decode_answer(std::string_view bytes) {
  Answer answer;
  try {
    pbf_reader message(bytes.data(), bytes.size());
    while (message.next()) decode_member(message, answer);
  } catch (const protozero::exception& error) {
    throw Error{ErrorKind::Failed,
                std::string("criu's answer cannot be understood: ") + error.what()};
  }
  return answer;
}

}  // namespace ocelot::criu
