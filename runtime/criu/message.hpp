#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// criu's requests and answers, each a protobuf message in a packet: the only place that knows of
// protozero. The names and numbers are those of criu's rpc.proto.
namespace ocelot::criu {

enum class Type {
  dump = 1,
  restore = 2,
  pre_dump = 4,
  notify = 6,
  feature_check = 9,
  version = 10
};
const char* to_string(Type type);

enum class CgroupMode { ignore = 0, soft = 3, full = 4, strict = 5 };
enum class NetworkLock { iptables = 1, nftables = 2, skip = 3 };

struct ExternalMount {
  std::string key, value;  // dump: destination, name in the image; restore: that name, source
};
struct InheritedFd {
  std::string key;
  int fd = -1;  // its number in criu's process
};
struct CgroupRoot {
  std::string controller, path;  // without a controller: of all that are not named
};
struct PageServer {
  std::string address;
  int port = 0;
};

// What a dump or a restore is to do. Numbers of descriptors count in criu's process.
struct Options {
  int images_dir_fd = -1;
  int work_dir_fd = -1;  // -1: the images directory
  std::string log_file;
  pid_t pid = 0;           // dump: the root of the tree
  std::string root;        // restore: the mount that becomes the container's root
  std::string parent_img;  // of an earlier dump, relative to the images directory
  bool leave_running = false;
  bool track_memory = false;
  bool external_unix_sockets = false;
  bool tcp_established = false, tcp_close = false, tcp_skip_in_flight = false;
  bool shell_job = false;
  bool file_locks = false;
  bool link_remap = false;
  bool auto_dedup = false;
  bool lazy_pages = false;
  int status_fd = -1;
  unsigned empty_namespaces = 0;  // CLONE_NEWNET, or none
  CgroupMode cgroup_mode = CgroupMode::soft;
  std::string freeze_cgroup;
  std::string cgroup_yard;  // a directory a hierarchy; else criu mounts them
  std::optional<NetworkLock> network_lock;
  std::optional<PageServer> page_server;
  std::string config_file;
  std::string lsm_profile, lsm_mount_context;
  std::vector<ExternalMount> external_mounts;
  std::vector<std::string> external;  // dump: "net[inode]:name"
  std::vector<InheritedFd> inherited_fds;
  std::vector<CgroupRoot> cgroup_roots;
};

struct Features {
  bool memory_tracking = false;
  bool lazy_pages = false;
};

std::string encode_request(Type type, const Options& options);
// Which of `wanted` criu and the kernel have.
std::string encode_feature_check(const Features& wanted);
std::string encode_version_request();
// The answer to a notification.
std::string encode_notified();

struct Answer {
  Type type{};
  bool success = false;
  pid_t restored_pid = 0;
  std::string script;    // of a notification
  pid_t script_pid = 0;  // of a notification
  int error_number = 0;  // an errno, or 0
  std::string error_text;
  Features features;
  int major = 0, minor = 0;
};
// Throws Error{Failed} for bytes that are no answer.
Answer decode_answer(std::string_view bytes);

}  // namespace ocelot::criu
