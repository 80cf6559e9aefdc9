#include "runtime/cli/table.hpp"

#include <algorithm>
#include <array>

namespace ocelot::cli {

namespace {

using namespace option;

constinit const std::array global_options{
    &root,           &log,      &log_format, &log_level, &debug, &cgroup_manager,
    &systemd_cgroup, &rootless, &criu,       &version,   &help};
constinit const std::array create_options{&bundle,
                                          &config,
                                          &console_socket,
                                          &pidfd_socket,
                                          &pid_file,
                                          &no_pivot,
                                          &no_new_keyring,
                                          &preserve_fds,
                                          &trace,
                                          &shim,
                                          &channel,
                                          &open_stdin,
                                          &keep_terminal,
                                          &operators,
                                          &observers,
                                          &shim_oom_score_adj,
                                          &shim_cgroup,
                                          &socket_buffer,
                                          &output_log,
                                          &output_log_format,
                                          &output_log_size,
                                          &output_log_files,
                                          &output_log_rate,
                                          &replay,
                                          &help};
constinit const std::array run_options{&bundle,
                                       &config,
                                       &detach,
                                       &keep,
                                       &console_socket,
                                       &pidfd_socket,
                                       &pid_file,
                                       &no_pivot,
                                       &no_new_keyring,
                                       &preserve_fds,
                                       &trace,
                                       &no_subreaper,
                                       &shim,
                                       &channel,
                                       &open_stdin,
                                       &keep_terminal,
                                       &operators,
                                       &observers,
                                       &shim_oom_score_adj,
                                       &shim_cgroup,
                                       &socket_buffer,
                                       &output_log,
                                       &output_log_format,
                                       &output_log_size,
                                       &output_log_files,
                                       &output_log_rate,
                                       &replay,
                                       &help};
constinit const std::array checkpoint_options{
    &image_path,          &work_path,  &parent_path,        &leave_running, &pre_dump,
    &tcp_established,     &tcp_close,  &tcp_skip_in_flight, &ext_unix_sk,   &shell_job,
    &file_locks,          &link_remap, &lazy_pages,         &status_fd,     &page_server,
    &manage_cgroups_mode, &empty_ns,   &auto_dedup,         &network_lock,  &help};
constinit const std::array restore_options{
    &bundle,    &config,      &detach,       &keep,        &console_socket,    &pidfd_socket,
    &pid_file,  &no_pivot,    &no_subreaper, &image_path,  &work_path,         &tcp_established,
    &tcp_close, &ext_unix_sk, &shell_job,    &file_locks,  &lazy_pages,        &manage_cgroups_mode,
    &empty_ns,  &auto_dedup,  &network_lock, &lsm_profile, &lsm_mount_context, &help};
constinit const std::array exec_options{
    &process,         &detach,        &tty,          &cwd,          &env,           &user,
    &additional_gids, &process_label, &apparmor,     &no_new_privs, &cap,           &cgroup,
    &console_socket,  &pid_file,      &pidfd_socket, &preserve_fds, &ignore_paused, &attachable,
    &exec_name,       &exec_stdin,    &help};
constinit const std::array kill_options{&all, &kill_regex, &of_process, &help};
constinit const std::array delete_options{&force, &delete_regex, &help};
constinit const std::array document_options{&bundle, &config, &format, &help};
constinit const std::array attach_options{&of_process, &no_stdin, &no_replay, &detach_keys, &help};
constinit const std::array shim_options{&new_operators, &new_observers, &help};
constinit const std::array logs_options{&follow, &help};
constinit const std::array channel_options{&channel_fd, &timeout_ms, &read_fds, &format, &help};
constinit const std::array wait_options{&of_process, &format, &help};
constinit const std::array events_options{&event_interval, &stats_once, &help};
constinit const std::array stats_options{&table_format, &stats_interval, &no_stream, &help};
constinit const std::array spec_options{&bundle, &rootless_spec, &help};
constinit const std::array update_options{
    &resources,         &blkio_weight,  &cpu_period,         &cpu_quota,     &cpu_burst,
    &cpu_share,         &cpu_rt_period, &cpu_rt_runtime,     &cpu_idle,      &cpuset_cpus,
    &cpuset_mems,       &memory,        &memory_reservation, &memory_swap,   &kernel_memory,
    &kernel_memory_tcp, &pids_limit,    &l3_cache_schema,    &mem_bw_schema, &help};
constinit const std::array list_options{&table_format, &quiet, &help};
constinit const std::array ps_options{&table_format, &help};
constinit const std::array only_help{&help};

constinit const std::array all_commands{
    Command{.name = "attach",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "join the streams of a container that has a shim",
            .description =
                "Prints the container's last output and what follows, and passes on standard "
                "input, until the streams end; then exits with the status of the container's "
                "process, or of that of --process. Several may be attached at once. A terminal is "
                "left with the keys of "
                "--detach-keys. Signals are passed on to the container. When nobody reads its "
                "output attach ends, and the container goes on.",
            .options = attach_options,
            .completion = Completion::containers},
    Command{.name = "channel",
            .operands = "ID [TEXT]",
            .fewest_operands = 1,
            .most_operands = 2,
            .summary = "send a command to a container, and print its reply",
            .description =
                "Hands TEXT, and the descriptors of --fd, to the container's process, waits for "
                "its reply and prints that. Without TEXT it waits for what the process sends "
                "unasked.\n\n"
                "In json the output also has the sender as the kernel knows it (pid, uid and gid "
                "on the host) and the number of descriptors that came. What a container sends is "
                "not to be trusted.",
            .options = channel_options,
            .completion = Completion::containers},
    Command{.name = "check",
            .operands = "",
            .summary = "say what is wrong with a bundle, without running anything",
            .description = "Reads the configuration and prints everything that the document and "
                           "this host decide to be wrong with it, each with its place in the "
                           "document and the section of the specification.\n\n"
                           "In json the output is an array of objects with the members path, "
                           "rule, message and spec. The exit status is 1 when create would refuse "
                           "the bundle.",
            .options = document_options},
    Command{
        .name = "checkpoint",
        .operands = "ID",
        .fewest_operands = 1,
        .most_operands = 1,
        .summary = "write a container's processes to images",
        .description =
            "Dumps the processes of a container that runs, or is paused, by means of criu(8); "
            "restore makes them again. They end, and the container has then stopped, unless it "
            "is to go on with --leave-running or --pre-dump. A dump that fails lets the "
            "container go on.\n\n"
            "The configuration file for criu that the annotation org.criu.config names is used, "
            "else /etc/criu/ocelot.conf, crun.conf or runc.conf.",
        .options = checkpoint_options,
        .completion = Completion::containers},
    Command{.name = "create",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "make a container from a bundle",
            .description =
                "Makes a container up to the point where its process waits to be "
                "started; start releases it. The bundle is a directory that holds "
                "config.json and, usually, the root filesystem.\n\n"
                "ID names the container on this host. It consists of letters, digits "
                "and the characters _ + - . and does not begin with a dot.\n\n"
                "The process gets the standard input, output and error of create, or, "
                "with process.terminal, a new terminal that --console-socket receives. "
                "A create that fails leaves nothing behind.\n\n"
                "With the annotation run.oci.keep_original_groups=1 it and what exec "
                "adds keep the supplementary groups of the caller. "
                "run.oci.hooks.stdout and run.oci.hooks.stderr have the absolute paths "
                "of files of the host that what hooks of all kinds write is appended "
                "to. run.oci.mount_context_type says which option of new file systems "
                "has linux.mountLabel: context, fscontext, defcontext or rootcontext. "
                "On cgroup v2 run.oci.delegate-cgroup "
                "names a cgroup below the container's that its processes are in and "
                "that its root owns; with --systemd-cgroup run.oci.systemd.subgroup names one in "
                "the scope that the container is in.",
            .options = create_options,
            .enters_container = true},
    Command{.name = "delete",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "remove a container and all that belongs to it",
            .description = "Removes a container that has stopped, or that was created and never "
                           "started: its cgroup, state and mounts. Its poststop hooks are run.",
            .options = delete_options,
            .completion = Completion::containers},
    Command{.name = "events",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "report what a container uses, and when it runs out of memory",
            .description =
                "Prints one JSON object a line: of type stats in each interval, of type oom when "
                "the kernel kills a process of the container for want of memory. It ends with the "
                "container's init. The members are those of runc's events.",
            .options = events_options,
            .completion = Completion::containers},
    Command{.name = "exec",
            .operands = "ID [COMMAND [ARGUMENT...]]",
            .fewest_operands = 1,
            .most_operands = any_number,
            .summary = "run one more process in a container",
            .description = "Runs COMMAND in a container that is created or running: in the "
                           "namespaces and the cgroup of its init and under its seccomp filter, "
                           "as the user and with the environment and capabilities of the "
                           "container's own process, unless options or --process say otherwise. "
                           "Options end at ID.\n\n"
                           "Unless detached, exec waits: it forwards signals, relays the terminal "
                           "and its size, and exits with the process's status, or 128 plus the "
                           "number of the signal that killed it. The status is 255 when the "
                           "process could not be started.\n\n"
                           "With --attachable the container's shim keeps the streams, or the "
                           "terminal, and exec prints the name of the process once it runs.",
            .options = exec_options,
            .completion = Completion::containers,
            .enters_container = true,
            .operand_ends_options = true},
    Command{.name = "features",
            .operands = "",
            .summary = "print what the runtime supports as JSON",
            .description = "Prints the features structure of the runtime specification: the words "
                           "of config.json that are understood, and what can be done with them.",
            .options = only_help},
    Command{.name = "help",
            .operands = "[COMMAND]",
            .most_operands = 1,
            .summary = "explain the program or one command",
            .description = "As ocelot --help or ocelot COMMAND --help.",
            .options = only_help,
            .completion = Completion::commands},
    Command{
        .name = "kill",
        .operands = "ID [SIGNAL]",
        .fewest_operands = 1,
        .most_operands = 2,
        .summary = "send a signal to a container's init",
        .description =
            "SIGNAL is a number or a name, in any case, with or without SIG: 15, TERM, sigterm, "
            "RTMIN+3. The default is TERM. Signal 0 only asks whether the process is there.\n\n"
            "SIGKILL to a container without a pid namespace of its own kills all of its processes.",
        .options = kill_options,
        .completion = Completion::containers},
    Command{.name = "list",
            .operands = "",
            .summary = "list the containers",
            .description = "Prints a line for each container below --root, or in json an array of "
                           "what state prints of each. It waits for no operation that another "
                           "command carries out.\n\n"
                           "A container whose state file cannot be read has the status damaged; "
                           "delete --force removes it.",
            .options = list_options},
    Command{.name = "logs",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "print the logged output of a container that has a shim",
            .description =
                "Prints what is in the file of --output-log, what the process wrote to standard "
                "error on standard error. Files that were rotated away are not read.",
            .options = logs_options,
            .completion = Completion::containers},
    Command{.name = "mounts",
            .operands = "ACTION ID FILE",
            .fewest_operands = 3,
            .most_operands = 3,
            .summary = "mount into a container that is there, or unmount",
            .description =
                "ACTION is add or remove. FILE holds an array as `mounts` of config.json, - is "
                "standard input. add mounts all that it lists or, when one of them fails, nothing; "
                "what it mounts ends with the container. remove unmounts what lies at the "
                "destinations, the last first, and looks at nothing else. The container may be "
                "created, running or paused.",
            .options = only_help,
            .enters_container = true},
    Command{.name = "pause",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "suspend all processes of a container",
            .description = "Freezes the container's cgroup and returns when every process in it "
                           "has stopped. The container must be running, or created.",
            .options = only_help,
            .completion = Completion::containers},
    Command{.name = "plan",
            .operands = "[ID]",
            .most_operands = 1,
            .summary = "print what create would do, step by step",
            .description = "Computes all that create decides before it touches anything, and "
                           "prints it in the order in which it would be carried out. Nothing is "
                           "made or changed.",
            .options = document_options},
    Command{.name = "ps",
            .operands = "ID [ARGUMENT...]",
            .fewest_operands = 1,
            .most_operands = any_number,
            .summary = "list the processes of a container",
            .description = "Runs ps(1) with the ARGUMENTs, or with -ef, and prints its header and "
                           "the lines of the container's processes; the header must have a PID "
                           "column. In json the output is an array of their process ids, as the "
                           "caller sees them.\n\n"
                           "Options stand before ID: what follows it is for ps.",
            .options = ps_options,
            .completion = Completion::containers,
            .operand_ends_options = true},
    Command{
        .name = "restore",
        .operands = "ID",
        .fewest_operands = 1,
        .most_operands = 1,
        .summary = "make a container from images of its processes",
        .description =
            "Makes the container of its bundle as create does, with the processes that "
            "checkpoint has dumped, which go on where they were. Its cgroup, its mounts from the "
            "host and the namespaces that it shares are those of the configuration; all else of "
            "a process, its privileges included, is in the images, which therefore must come "
            "from somebody who may have root's. A container of that ID which checkpoint has "
            "stopped makes room.\n\n"
            "Unless detached, restore waits as run does.",
        .options = restore_options},
    Command{.name = "resume",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "resume the processes of a paused container",
            .description = "Thaws the container's cgroup.",
            .options = only_help,
            .completion = Completion::containers},
    Command{.name = "run",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "create and start a container",
            .description = "Makes a container and starts it. Unless detached, run waits: it "
                           "forwards signals, relays the terminal and its size, deletes the "
                           "container when its process has ended, and exits with the process's "
                           "status, or 128 plus the number of the signal that killed it.",
            .options = run_options,
            .enters_container = true},
    Command{.name = "shim",
            .operands = "ACTION ID",
            .fewest_operands = 2,
            .most_operands = 2,
            .summary = "look at the shim of a container",
            .description =
                "ACTION is status (its connections, queues, streams and latencies, as JSON), "
                "metrics (the counters of its control socket as text for Prometheus), events (one "
                "JSON object a line, "
                "until the container is deleted), adopt: start a shim for a container whose shim "
                "has ended; how a container ended that had no shim then is told as unknown; or "
                "upgrade: have the shim go on as the ocelot-shim that is installed now. No "
                "container notices, and clients that are attached stay so.",
            .options = shim_options},
    Command{.name = "spec",
            .operands = "",
            .summary = "write a config.json to start from",
            .description = "Writes config.json into the bundle directory, unless there is one: a "
                           "shell on a terminal, in namespaces of its own and with few "
                           "capabilities. The root filesystem is to be put into its directory "
                           "rootfs.",
            .options = spec_options},
    Command{.name = "start",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "start a created container",
            .description = "Releases the process that create has prepared. It returns when the "
                           "process's program has been executed; when that is not possible it "
                           "says why.",
            .options = only_help,
            .completion = Completion::containers},
    Command{.name = "state",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "print a container's state as JSON",
            .description = "Prints one object with the members ociVersion, id, pid, status, "
                           "bundle, rootfs, created, owner and annotations. status is creating, "
                           "created, running, paused or stopped.",
            .options = only_help,
            .completion = Completion::containers},
    Command{.name = "stats",
            .operands = "[ID...]",
            .most_operands = any_number,
            .summary = "show what containers use of the machine",
            .description =
                "Prints a table in each interval, of the containers named or of all that run: "
                "processor time as percent of one processor, memory without the page cache that "
                "can be dropped at once, processes, bytes read and written, and the percentage of "
                "the last ten seconds in which some process had to wait for the processor, memory "
                "or I/O, where the kernel counts that (pressure stall information, on cgroup "
                "v2).\n\n"
                "In json the output is an array on a line of its own in each interval.",
            .options = stats_options,
            .completion = Completion::containers},
    Command{.name = "update",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "change the limits of a container",
            .description = "Changes the limits that are named and no others. When one of them "
                           "cannot be set, those that were set before it are restored. The "
                           "container may be created, running or paused.\n\n"
                           "Device rules cannot be changed.",
            .options = update_options,
            .completion = Completion::containers},
    Command{
        .name = "wait",
        .operands = "ID",
        .fewest_operands = 1,
        .most_operands = 1,
        .summary = "wait for the end of a container that has a shim",
        .description =
            "Prints the status of the container's process, or of that of --process, once it has "
            "ended, as a shell reports it; in json with signal, core dump, kills by the OOM "
            "killer, time and "
            "resource use.",
        .options = wait_options,
        .completion = Completion::containers},
};

}  // namespace

constinit const Command program{
    .name = "ocelot",
    .operands = "COMMAND",
    .summary = "OCI container runtime",
    .description =
        "Runs containers from bundles: directories that hold a configuration, config.json, and a "
        "root filesystem, as the Open Container Initiative's runtime specification describes "
        "them.\n\n"
        "Options are spelt with one dash or two, with their value in the next word or after an "
        "equals sign.",
    .options = global_options};

std::span<const Command> commands() {
  return all_commands;
}

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(all_commands, name, &Command::name);
  return found == all_commands.end() ? nullptr : &*found;
}

const Option* find_option(const Command& command, std::string_view name) {
  const auto called = [name](const Option* known) {
    return name == known->name || (name.size() == 1 && name.front() == known->letter);
  };
  const auto found = std::ranges::find_if(command.options, called);
  return found == command.options.end() ? nullptr : *found;
}

}  // namespace ocelot::cli
