#include "runtime/cli/table.hpp"

#include <algorithm>
#include <array>

namespace ocelot::cli {

namespace option {

constinit const Option root{.name = "root",
                            .argument = "DIR",
                            .help = "directory of the containers' state",
                            .more =
                                "Default: /run/ocelot; for an unprivileged user "
                                "$XDG_RUNTIME_DIR/ocelot. It is made when it is missing. It "
                                "should be on a tmpfs, and cannot be the root directory.",
                            .completion = Completion::directories};
constinit const Option log{
    .name = "log",
    .argument = "FILE",
    .help = "append messages to FILE",
    .more =
        "What makes a command fail is also printed on standard error. FILE is made with mode 0644 "
        "and never followed when it is a symbolic link. A FILE that cannot be opened does not "
        "make the command fail.",
    .completion = Completion::files};
constinit const Option log_format{
    .name = "log-format",
    .argument = "FORMAT",
    .help = "form of the log: text (default) or json",
    .more =
        "In json a message is one object on one line, with the members level, msg, time and, "
        "where there is something to try, hint. A command that fails writes exactly one object "
        "unless debug messages are asked for.",
    .choices = "text|json"};
constinit const Option log_level{
    .name = "log-level",
    .argument = "LEVEL",
    .help = "least level that is logged: error, warning (default) or debug",
    .choices = "error|warning|debug"};
constinit const Option debug{.name = "debug", .help = "log debug messages, as --log-level debug"};
constinit const Option cgroup_manager{
    .name = "cgroup-manager",
    .argument = "MANAGER",
    .help = "who makes cgroups: cgroupfs (default), systemd or disabled",
    .more = "With disabled the container stays in the cgroup of its caller.",
    .choices = "cgroupfs|systemd|disabled"};
constinit const Option systemd_cgroup{.name = "systemd-cgroup",
                                      .help = "as --cgroup-manager systemd",
                                      .more = "cgroupsPath then has the form slice:prefix:name."};
constinit const Option rootless{
    .name = "rootless", .argument = "WORD", .help = "accepted for compatibility, and ignored"};
constinit const Option criu{
    .name = "criu", .argument = "PATH", .help = "accepted for compatibility, and ignored"};
constinit const Option version{
    .name = "version",
    .letter = 'v',
    .help = "print the versions of the program, the specification and the libraries"};
constinit const Option help{.name = "help", .letter = 'h', .help = "print this help"};

constinit const Option bundle{.name = "bundle",
                              .letter = 'b',
                              .argument = "DIR",
                              .help = "bundle directory (default: the working directory)",
                              .completion = Completion::directories};
constinit const Option config{.name = "config",
                              .letter = 'f',
                              .argument = "FILE",
                              .help = "configuration to use instead of config.json of the bundle",
                              .completion = Completion::files};
constinit const Option console_socket{
    .name = "console-socket",
    .argument = "PATH",
    .help = "AF_UNIX stream socket that receives the container's terminal or stdio",
    .more =
        "With process.terminal one message arrives that carries the master of the pseudoterminal. "
        "Without a terminal it carries three descriptors: the write end of the container's "
        "standard input, then the read ends of its standard output and standard error.",
    .completion = Completion::files};
constinit const Option pidfd_socket{
    .name = "pidfd-socket",
    .argument = "PATH",
    .help = "AF_UNIX stream socket that receives a pidfd of the container's init",
    .completion = Completion::files};
constinit const Option pid_file{
    .name = "pid-file",
    .argument = "FILE",
    .help = "write the process id of the container's init to FILE",
    .more = "FILE is replaced at once, holds decimal digits and no newline.",
    .completion = Completion::files};
constinit const Option no_pivot{
    .name = "no-pivot",
    .help = "move the root mount and chroot instead of pivot_root",
    .more = "For a root filesystem on a ramdisk, where pivot_root cannot work."};
constinit const Option no_new_keyring{
    .name = "no-new-keyring",
    .help = "keep the caller's session keyring",
    .more = "Otherwise the container joins a new one, named _ses.ID."};
constinit const Option preserve_fds{
    .name = "preserve-fds",
    .argument = "N",
    .help = "pass N more descriptors, from 3 on, to the container",
    .more = "They follow those of $LISTEN_FDS. A number that is closed stays closed."};

constinit const Option detach{
    .name = "detach", .letter = 'd', .help = "return as soon as the container runs"};
constinit const Option keep{.name = "keep",
                            .help = "keep the container's state after its process has ended"};
constinit const Option no_subreaper{.name = "no-subreaper",
                                    .help = "do not become the reaper of the container's orphans"};
constinit const Option shim{
    .name = "shim",
    .help = "leave a shim with the container, which keeps its streams and a control socket",
    .more =
        "The shim is the parent of the container's init: it records how that ends, and the other "
        "commands go through its socket. It leaves when the container is deleted."};
constinit const Option channel{
    .name = "channel",
    .help = "with --shim: give the container's process a socket on which it is sent commands",
    .more =
        "Its number is in $OCELOT_CHANNEL_FD; the command channel, and the operation of that name "
        "on the control socket, reach it. It needs no network and no writable file."};
constinit const Option channel_fd{
    .name = "fd", .argument = "N", .help = "hand over descriptor N with the text; may be repeated"};
constinit const Option timeout_ms{.name = "timeout",
                                  .argument = "MILLISECONDS",
                                  .help = "how long to wait for the reply (default: 30000)"};
constinit const Option read_fds{
    .name = "read-fds",
    .help = "print what the descriptors of the reply hold, behind its text",
    .more = "Each is read from its beginning to its end, at most 16 MiB."};
constinit const Option open_stdin{
    .name = "stdin",
    .help = "with --shim: keep standard input open for who attaches",
    .more = "Otherwise the container finds the end of its input at once."};
constinit const Option output_log{.name = "output-log",
                                  .argument = "FILE",
                                  .help = "with --shim: append the container's output to FILE",
                                  .completion = Completion::files};
constinit const Option output_log_format{
    .name = "output-log-format",
    .argument = "FORMAT",
    .help = "cri (default), as the kubelet reads it, or json, an object a line",
    .choices = "cri|json"};
constinit const Option output_log_size{
    .name = "output-log-size",
    .argument = "BYTES",
    .help = "begin a new file when the log has this size (default: no limit)",
    .more = "The earlier files are renamed FILE.1, FILE.2 and so on."};
constinit const Option output_log_files{.name = "output-log-files",
                                        .argument = "N",
                                        .help = "files to keep, that in use included (default: 2)"};
constinit const Option output_log_rate{
    .name = "output-log-rate",
    .argument = "BYTES",
    .help = "bytes a second that are logged at most (default: no limit)",
    .more = "Lines beyond that are left out, and the log says how many."};
constinit const Option replay{
    .name = "replay",
    .argument = "BYTES",
    .help = "with --shim: last output that is kept for who attaches (default: 16384)",
    .more = "At most 1048576; 0 for none."};
constinit const Option no_stdin{.name = "no-stdin", .help = "do not pass on standard input"};
constinit const Option no_replay{.name = "no-replay", .help = "do not print the last output first"};
constinit const Option detach_keys{
    .name = "detach-keys",
    .argument = "KEYS",
    .help = "keys that detach from a terminal (default: ctrl-p,ctrl-q)",
    .more =
        "Separated by commas: a character, or ctrl- and a letter or one of @ [ \\ ] ^ _. An "
        "empty text turns them off."};
constinit const Option follow{
    .name = "follow", .letter = 'f', .help = "go on until the container's process ends"};

constinit const Option process{
    .name = "process",
    .letter = 'p',
    .argument = "FILE",
    .help = "take the process from FILE, as `process` of config.json",
    .more =
        "What else describes the process is then not looked at. Capabilities, rlimits, labels, "
        "oomScoreAdj and scheduling that FILE leaves out are the container's.",
    .completion = Completion::files};
constinit const Option exec_detach{
    .name = "detach", .letter = 'd', .help = "return as soon as the process runs"};
constinit const Option exec_console_socket{
    .name = "console-socket",
    .argument = "PATH",
    .help = "AF_UNIX stream socket that receives the process's terminal or stdio",
    .more = "As that of create.",
    .completion = Completion::files};
constinit const Option exec_pidfd_socket{
    .name = "pidfd-socket",
    .argument = "PATH",
    .help = "AF_UNIX stream socket that receives a pidfd of the process",
    .completion = Completion::files};
constinit const Option exec_pid_file{
    .name = "pid-file",
    .argument = "FILE",
    .help = "write the id that the process has on the host to FILE",
    .more = "FILE is replaced at once, holds decimal digits and no newline.",
    .completion = Completion::files};
constinit const Option exec_preserve_fds{
    .name = "preserve-fds",
    .argument = "N",
    .help = "pass N more descriptors, from 3 on, to the process",
    .more = "A number that is closed stays closed."};
constinit const Option tty{
    .name = "tty", .letter = 't', .help = "give the process a terminal of its own"};
constinit const Option cwd{
    .name = "cwd", .argument = "DIR", .help = "working directory, absolute in the container"};
constinit const Option env{.name = "env",
                           .letter = 'e',
                           .argument = "NAME=VALUE",
                           .help = "add to the container's environment; may be repeated"};
constinit const Option user{.name = "user",
                            .letter = 'u',
                            .argument = "UID[:GID]",
                            .help = "user, and group, of the process, by number"};
constinit const Option additional_gids{
    .name = "additional-gids",
    .letter = 'g',
    .argument = "GID",
    .help = "add a group, by number, to the process's; may be repeated"};
constinit const Option process_label{
    .name = "process-label", .argument = "LABEL", .help = "SELinux label of the process"};
constinit const Option apparmor{
    .name = "apparmor", .argument = "PROFILE", .help = "AppArmor profile of the process"};
constinit const Option no_new_privs{
    .name = "no-new-privs", .help = "the process can gain no privileges, as noNewPrivileges"};
constinit const Option cap{.name = "cap",
                           .letter = 'c',
                           .argument = "CAPABILITY",
                           .help = "add a capability to the process's; may be repeated",
                           .more = "It is added to the bounding, effective and permitted sets."};
constinit const Option cgroup{
    .name = "cgroup",
    .argument = "PATH",
    .help = "run in an existing cgroup below the container's",
    .more =
        "PATH is relative to the container's cgroup and never leaves it. On cgroup v1 it may "
        "have the form CONTROLLER[,CONTROLLER]:PATH, which may be repeated. Otherwise the "
        "process is in the cgroup of the container's init."};
constinit const Option ignore_paused{
    .name = "ignore-paused",
    .help = "allow a paused container",
    .more = "The process then starts, and exec returns, once the container is resumed."};

constinit const Option all{.name = "all",
                           .letter = 'a',
                           .help = "signal every process of the container",
                           .more = "It is then no error that the container does not run."};
constinit const Option kill_regex{
    .name = "regex",
    .letter = 'r',
    .help = "ID is an extended regular expression: signal every container it matches"};
constinit const Option force{.name = "force",
                             .letter = 'f',
                             .help = "kill the container first if it runs",
                             .more =
                                 "A container that does not exist is then no error, and what an "
                                 "interrupted create left is removed."};
constinit const Option delete_regex{
    .name = "regex",
    .letter = 'r',
    .help = "ID is an extended regular expression: delete every container it matches"};
constinit const Option format{.name = "format",
                              .argument = "FORMAT",
                              .help = "text (default) or json",
                              .choices = "text|json"};
constinit const Option quiet{.name = "quiet", .letter = 'q', .help = "print the ids alone"};
constinit const Option table_format{.name = "format",
                                    .letter = 'f',
                                    .argument = "FORMAT",
                                    .help = "table (default) or json",
                                    .choices = "table|json"};
constinit const Option event_interval{.name = "interval",
                                      .argument = "DURATION",
                                      .help = "time between two reports: 500ms, 5s (default), 1m"};
constinit const Option stats_interval{.name = "interval",
                                      .argument = "DURATION",
                                      .help = "time between two looks: 500ms, 1s (default), 1m"};
constinit const Option stats_once{.name = "stats",
                                  .help = "print the statistics of this moment, and end"};
constinit const Option no_stream{.name = "no-stream", .help = "print the figures once, and end"};
constinit const Option resources{
    .name = "resources",
    .letter = 'r',
    .argument = "FILE",
    .help = "read the new limits from FILE, or from standard input when it is -",
    .more =
        "A JSON object as linux.resources of config.json. What it does not hold stays as it is; "
        "all other options are ignored.",
    .completion = Completion::files};
constinit const Option rootless_spec{.name = "rootless",
                                     .help = "for the calling user, who has no privileges"};
constinit const Option blkio_weight{
    .name = "blkio-weight", .argument = "WEIGHT", .help = "block I/O weight, 10 to 1000"};
constinit const Option cpu_period{
    .name = "cpu-period", .argument = "MICROSECONDS", .help = "length of a period of --cpu-quota"};
constinit const Option cpu_quota{.name = "cpu-quota",
                                 .argument = "MICROSECONDS",
                                 .help = "processor time in each period; -1 for no limit"};
constinit const Option cpu_burst{
    .name = "cpu-burst", .argument = "MICROSECONDS", .help = "unused quota that may be saved up"};
constinit const Option cpu_share{
    .name = "cpu-share", .argument = "SHARES", .help = "processor time relative to that of others"};
constinit const Option cpu_rt_period{.name = "cpu-rt-period",
                                     .argument = "MICROSECONDS",
                                     .help = "length of a period of --cpu-rt-runtime"};
constinit const Option cpu_rt_runtime{.name = "cpu-rt-runtime",
                                      .argument = "MICROSECONDS",
                                      .help = "real-time processor time in each period"};
constinit const Option cpu_idle{
    .name = "cpu-idle",
    .argument = "NUMBER",
    .help = "1: run only when nobody else wants the processor; 0: as usual"};
constinit const Option cpuset_cpus{
    .name = "cpuset-cpus", .argument = "LIST", .help = "processors to use, 0-3,7"};
constinit const Option cpuset_mems{
    .name = "cpuset-mems", .argument = "LIST", .help = "memory nodes to use, 0-1"};
constinit const Option memory{
    .name = "memory", .argument = "BYTES", .help = "memory limit; 512m, 2g; -1 for none"};
constinit const Option memory_reservation{
    .name = "memory-reservation",
    .argument = "BYTES",
    .help = "memory that is kept from reclaim, or soft limit"};
constinit const Option memory_swap{.name = "memory-swap",
                                   .argument = "BYTES",
                                   .help = "limit of memory and swap together; -1 for none"};
constinit const Option kernel_memory{.name = "kernel-memory",
                                     .argument = "BYTES",
                                     .help = "accepted for compatibility, and ignored"};
constinit const Option kernel_memory_tcp{.name = "kernel-memory-tcp",
                                         .argument = "BYTES",
                                         .help = "accepted for compatibility, and ignored"};
constinit const Option pids_limit{.name = "pids-limit",
                                  .argument = "NUMBER",
                                  .help = "most processes and threads; -1 for no limit"};

}  // namespace option

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
                                          &shim,
                                          &channel,
                                          &open_stdin,
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
                                       &no_subreaper,
                                       &shim,
                                       &channel,
                                       &open_stdin,
                                       &output_log,
                                       &output_log_format,
                                       &output_log_size,
                                       &output_log_files,
                                       &output_log_rate,
                                       &replay,
                                       &help};
constinit const std::array exec_options{&process,
                                        &exec_detach,
                                        &tty,
                                        &cwd,
                                        &env,
                                        &user,
                                        &additional_gids,
                                        &process_label,
                                        &apparmor,
                                        &no_new_privs,
                                        &cap,
                                        &cgroup,
                                        &exec_console_socket,
                                        &exec_pid_file,
                                        &exec_pidfd_socket,
                                        &exec_preserve_fds,
                                        &ignore_paused,
                                        &help};
constinit const std::array kill_options{&all, &kill_regex, &help};
constinit const std::array delete_options{&force, &delete_regex, &help};
constinit const std::array document_options{&bundle, &config, &format, &help};
constinit const std::array attach_options{&no_stdin, &no_replay, &detach_keys, &help};
constinit const std::array logs_options{&follow, &help};
constinit const std::array channel_options{&channel_fd, &timeout_ms, &read_fds, &format, &help};
constinit const std::array wait_options{&format, &help};
constinit const std::array events_options{&event_interval, &stats_once, &help};
constinit const std::array stats_options{&table_format, &stats_interval, &no_stream, &help};
constinit const std::array spec_options{&bundle, &rootless_spec, &help};
constinit const std::array update_options{&resources,          &blkio_weight,   &cpu_period,
                                          &cpu_quota,          &cpu_burst,      &cpu_share,
                                          &cpu_rt_period,      &cpu_rt_runtime, &cpu_idle,
                                          &cpuset_cpus,        &cpuset_mems,    &memory,
                                          &memory_reservation, &memory_swap,    &kernel_memory,
                                          &kernel_memory_tcp,  &pids_limit,     &help};
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
                "process. Several may be attached at once. A terminal is left with the keys of "
                "--detach-keys. Signals are passed on to the container.",
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
    Command{.name = "create",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "make a container from a bundle",
            .description = "Makes a container up to the point where its process waits to be "
                           "started; start releases it. The bundle is a directory that holds "
                           "config.json and, usually, the root filesystem.\n\n"
                           "ID names the container on this host. It consists of letters, digits "
                           "and the characters _ + - . and does not begin with a dot.\n\n"
                           "The process gets the standard input, output and error of create, or, "
                           "with process.terminal, a new terminal that --console-socket receives. "
                           "A create that fails leaves nothing behind.",
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
                           "process could not be started.",
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
                "metrics (the same as text for Prometheus), events (one JSON object a line, "
                "until the container is deleted) or adopt: start a shim for a container whose shim "
                "has ended. How a container ended that had no shim then is told as unknown.",
            .options = only_help},
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
    Command{.name = "wait",
            .operands = "ID",
            .fewest_operands = 1,
            .most_operands = 1,
            .summary = "wait for the end of a container that has a shim",
            .description =
                "Prints the status of the container's process once it has ended, as a shell "
                "reports it; in json with signal, core dump, kills by the OOM killer, time and "
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
