#pragma once
#include <cstddef>
#include <span>
#include <string_view>

// Every command and option, told once: what --help prints, what the man pages say, what shells
// complete and what the command line accepts are all read from here. Constant data: a command that
// runs builds none of it.
namespace ocelot::cli {

// What a shell offers for an argument.
enum class Completion { none, files, directories, containers, commands };

struct Option {
  std::string_view name;      // without dashes
  char letter = '\0';         // its short form, if it has one
  std::string_view argument;  // what stands for its value in help texts; empty for a switch
  std::string_view help;      // one line
  std::string_view more;      // what the man page adds, in sentences
  std::string_view choices;   // the only values it takes, separated by '|'
  Completion completion = Completion::none;
  const Option* needs = nullptr;  // another that must be given with it

  bool is_switch() const { return argument.empty(); }
};

inline constexpr std::size_t any_number = static_cast<std::size_t>(-1);

struct Command {
  std::string_view name;
  std::string_view operands;  // "ID [SIGNAL]"
  std::size_t fewest_operands = 0;
  std::size_t most_operands = 0;
  std::string_view summary;      // one line
  std::string_view description;  // paragraphs, separated by an empty line
  std::span<const Option* const> options;
  Completion completion = Completion::none;  // of the first operand
  bool enters_container = false;             // brings a process of this program into a container
  bool operand_ends_options =
      false;  // what follows the first operand are words for another program
};

// Named, so that code cannot ask for an option that is not in the table.
namespace option {
extern const Option root, log, log_format, log_level, debug, cgroup_manager, systemd_cgroup,
    rootless, criu, version, help;
extern const Option bundle, config, console_socket, pidfd_socket, pid_file, no_pivot,
    no_new_keyring, preserve_fds, trace;
extern const Option detach, keep, no_subreaper;
extern const Option process, tty, cwd, env, user, additional_gids, process_label, apparmor,
    no_new_privs, cap, cgroup, ignore_paused;
// Of checkpoint and restore.
extern const Option image_path, work_path, parent_path, leave_running, tcp_established, tcp_close,
    tcp_skip_in_flight, ext_unix_sk, shell_job, file_locks, link_remap, lazy_pages, status_fd,
    page_server, pre_dump, manage_cgroups_mode, empty_ns, auto_dedup, network_lock, lsm_profile,
    lsm_mount_context;
// Of a container with a shim.
extern const Option channel, channel_fd, timeout_ms, read_fds;
extern const Option shim, open_stdin, keep_terminal, operators, observers, shim_oom_score_adj,
    shim_cgroup, socket_buffer, output_log, output_log_format, output_log_size, output_log_files,
    output_log_rate, replay, no_stdin, no_replay, detach_keys, follow;
extern const Option new_operators, new_observers;
extern const Option attachable, exec_name, exec_stdin, of_process;
extern const Option all, kill_regex, force, delete_regex, format;
extern const Option quiet, table_format, event_interval, stats_interval, stats_once, no_stream;
extern const Option resources, blkio_weight, cpu_period, cpu_quota, cpu_burst, cpu_share,
    cpu_rt_period, cpu_rt_runtime, cpu_idle, cpuset_cpus, cpuset_mems, memory, memory_reservation,
    memory_swap, rootless_spec, kernel_memory, kernel_memory_tcp, pids_limit, l3_cache_schema,
    mem_bw_schema;
}  // namespace option

// The program itself: the options that come before a command's name.
extern const Command program;
std::span<const Command> commands();
// Null when there is none of that name.
const Command* find_command(std::string_view name);
// By long name or letter; null when `command` does not take it.
const Option* find_option(const Command& command, std::string_view name);

}  // namespace ocelot::cli
