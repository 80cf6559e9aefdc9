#include "runtime/cli/table.hpp"

// Every option; which command takes which is told in table.cpp.
namespace ocelot::cli::option {

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
    .more =
        "With disabled the container stays in the cgroup of its caller. The container's state "
        "remembers it: later commands need not be told.",
    .choices = "cgroupfs|systemd|disabled"};
constinit const Option systemd_cgroup{.name = "systemd-cgroup",
                                      .help = "as --cgroup-manager systemd",
                                      .more =
                                          "cgroupsPath then has the form slice:prefix:name and "
                                          "names the unit prefix-name.scope in that slice; without "
                                          "one it is ocelot-ID.scope in system.slice, for an "
                                          "ordinary user in user.slice of the user's own systemd. "
                                          "Annotations org.systemd.property.NAME are properties of "
                                          "the unit. The program ocelot-systemd, which needs "
                                          "libsystemd, speaks to systemd."};
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
    .help = "AF_UNIX stream socket that receives the process's terminal or stdio",
    .more =
        "With process.terminal one message arrives that carries the master of the pseudoterminal. "
        "Without a terminal it carries three descriptors: the write end of the process's "
        "standard input, then the read ends of its standard output and standard error.",
    .completion = Completion::files};
constinit const Option pidfd_socket{
    .name = "pidfd-socket",
    .argument = "PATH",
    .help = "AF_UNIX stream socket that receives a pidfd of the process",
    .completion = Completion::files};
constinit const Option pid_file{
    .name = "pid-file",
    .argument = "FILE",
    .help = "write the id that the process has on the host to FILE",
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
constinit const Option preserve_fds{.name = "preserve-fds",
                                    .argument = "N",
                                    .help = "pass N more descriptors, from 3 on, to the process",
                                    .more =
                                        "Those that create and run find in $LISTEN_FDS come first. "
                                        "A number that is closed stays closed."};
constinit const Option trace{
    .name = "trace",
    .argument = "FILE",
    .help = "write to FILE what creation did and how long each step took",
    .more =
        "A timeline of the runtime, its stage, the container's init and the hooks, in the trace "
        "event format (JSON), which ui.perfetto.dev opens. It is written when the command fails, "
        "too, with the errors at their place. FILE is made with mode 0600, overwritten, and never "
        "followed when it is a symbolic link. run records until the program is executed, with "
        "--shim until the container is created, as create does. What init does under a seccomp "
        "filter is one step.",
    .completion = Completion::files};

constinit const Option detach{
    .name = "detach", .letter = 'd', .help = "return as soon as the process runs"};
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
        "on the control socket, reach it. It needs no network and no writable file.",
    .needs = &shim};
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
    .more = "Otherwise the container finds the end of its input at once.",
    .needs = &shim};
constinit const Option keep_terminal{
    .name = "keep-terminal",
    .help = "with --shim: keep the terminal when the shim is killed, for one that adopts",
    .more =
        "A process of its own holds it until the container's process ends. Otherwise a terminal "
        "hangs up with its shim.",
    .needs = &shim};
constinit const Option operators{
    .name = "operator",
    .argument = "UID[,UID...]",
    .help = "with --shim: users who may do everything with the container over its control socket",
    .more = "Root and the user who creates the container always may. May be repeated.",
    .needs = &shim};
constinit const Option observers{
    .name = "observer",
    .argument = "UID|:GID[,...]",
    .help = "with --shim: users, or groups with a colon, who may look at the container",
    .more =
        "They may ask for state, stats, wait and events, and change nothing. The annotation "
        "org.ocelot.observer of the configuration names further ones in the same way. May be "
        "repeated.",
    .needs = &shim};
constinit const Option new_operators{
    .name = "operator",
    .argument = "UID[,UID...]",
    .help = "adopt: the operators from now on, instead of those there were",
    .more = "As that of create. An empty text leaves root and the owner alone."};
constinit const Option new_observers{
    .name = "observer",
    .argument = "UID|:GID[,...]",
    .help = "adopt: the observers from now on, instead of those there were",
    .more = "As that of create; those of the annotation org.ocelot.observer stay."};
constinit const Option shim_oom_score_adj{
    .name = "shim-oom-score-adj",
    .argument = "N",
    .help = "with --shim: oom_score_adj of the shim itself, -1000 to 1000",
    .more =
        "The container's processes keep the caller's, or that of their configuration. A value "
        "below the caller's needs CAP_SYS_RESOURCE.",
    .needs = &shim};
constinit const Option shim_cgroup{
    .name = "shim-cgroup",
    .argument = "PATH",
    .help = "with --shim: cgroup of the shim itself, as cgroupsPath (default: the caller's)",
    .more =
        "In every hierarchy; made when it is missing, and then removed by the last shim that "
        "leaves it, unless another process is in it. It has the limits that somebody gave to it "
        "before. The container is "
        "not made in it, and must have a cgroup of its own.",
    .needs = &shim};
constinit const Option socket_buffer{
    .name = "socket-buffer",
    .argument = "BYTES",
    .help = "with --shim: send and receive buffer of a connection, 4096 to 8388608",
    .more =
        "As SO_SNDBUF and SO_RCVBUF of socket(7): the kernel doubles it, and grants no more than "
        "net.core.wmem_max and rmem_max. Small buffers make small packets. `ocelot shim status` "
        "shows what a connection has. Default: the kernel's own.",
    .needs = &shim};
constinit const Option output_log{.name = "output-log",
                                  .argument = "FILE",
                                  .help = "with --shim: append the container's output to FILE",
                                  .completion = Completion::files,
                                  .needs = &shim};
constinit const Option output_log_format{
    .name = "output-log-format",
    .argument = "FORMAT",
    .help = "cri (default), as the kubelet reads it, or json, an object a line",
    .choices = "cri|json",
    .needs = &output_log};
constinit const Option output_log_size{
    .name = "output-log-size",
    .argument = "BYTES",
    .help = "begin a new file when the log has this size (default: no limit)",
    .more = "The earlier files are renamed FILE.1, FILE.2 and so on.",
    .needs = &output_log};
constinit const Option output_log_files{.name = "output-log-files",
                                        .argument = "N",
                                        .help = "files to keep, that in use included (default: 2)",
                                        .needs = &output_log};
constinit const Option output_log_rate{
    .name = "output-log-rate",
    .argument = "BYTES",
    .help = "bytes a second that are logged at most (default: no limit)",
    .more = "Lines beyond that are left out, and the log says how many.",
    .needs = &output_log};
constinit const Option replay{
    .name = "replay",
    .argument = "BYTES",
    .help = "with --shim: last output that is kept for who attaches (default: 16384)",
    .more = "At most 1048576; 0 for none.",
    .needs = &shim};
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

constinit const Option image_path{
    .name = "image-path",
    .argument = "DIR",
    .help = "directory of the images (default: ./checkpoint)",
    .more = "It holds nothing but images. What is to be dumped makes it where it is missing.",
    .completion = Completion::directories};
constinit const Option work_path{
    .name = "work-path",
    .argument = "DIR",
    .help = "directory of criu's log and statistics (default: that of the images)",
    .completion = Completion::directories};
constinit const Option parent_path{
    .name = "parent-path",
    .argument = "DIR",
    .help = "images of an earlier --pre-dump, relative to --image-path",
    .more = "Only the memory that was written to since then is dumped."};
constinit const Option leave_running{.name = "leave-running",
                                     .help = "let the container go on after the dump"};
constinit const Option tcp_established{.name = "tcp-established",
                                       .help = "allow open TCP connections"};
constinit const Option tcp_close{.name = "tcp-close",
                                 .help = "do not restore TCP connections: they are closed"};
constinit const Option tcp_skip_in_flight{
    .name = "tcp-skip-in-flight", .help = "leave out TCP connections that are being established"};
constinit const Option ext_unix_sk{.name = "ext-unix-sk",
                                   .help = "allow Unix sockets connected to the outside"};
constinit const Option shell_job{.name = "shell-job",
                                 .help = "allow a terminal that is not the container's"};
constinit const Option file_locks{.name = "file-locks", .help = "allow file locks"};
constinit const Option link_remap{.name = "link-remap",
                                  .help = "allow open files that were deleted, by links to them"};
constinit const Option lazy_pages{
    .name = "lazy-pages",
    .help = "transfer memory when it is needed",
    .more =
        "A dump serves it at --page-server until all was fetched; a restore fetches it from `criu "
        "lazy-pages`, whose socket is in --work-path."};
constinit const Option status_fd{
    .name = "status-fd",
    .argument = "N",
    .help = "write a zero byte to descriptor N when the page server of --lazy-pages is ready"};
constinit const Option page_server{.name = "page-server",
                                   .argument = "ADDRESS:PORT",
                                   .help = "send memory to the `criu page-server` there"};
constinit const Option pre_dump{
    .name = "pre-dump",
    .help = "dump the memory only, and let the container go on",
    .more = "Then a dump with --parent-path stops it for a shorter time."};
constinit const Option manage_cgroups_mode{
    .name = "manage-cgroups-mode",
    .argument = "MODE",
    .help = "what criu does about cgroups: soft (default), full, strict or ignore",
    .choices = "soft|full|strict|ignore"};
constinit const Option empty_ns{.name = "empty-ns",
                                .argument = "NAMESPACE",
                                .help = "leave out what is in the namespace; network is known",
                                .choices = "network"};
constinit const Option auto_dedup{
    .name = "auto-dedup", .help = "free the memory in the images as it is replaced or restored"};
constinit const Option network_lock{
    .name = "network-lock",
    .argument = "METHOD",
    .help = "how connections are held meanwhile: iptables, nftables or skip",
    .choices = "iptables|nftables|skip"};
constinit const Option lsm_profile{
    .name = "lsm-profile",
    .argument = "TYPE:NAME",
    .help = "AppArmor profile or SELinux label instead of the dumped"};
constinit const Option lsm_mount_context{.name = "lsm-mount-context",
                                         .argument = "CONTEXT",
                                         .help = "SELinux context of mounts instead of the dumped"};

constinit const Option process{
    .name = "process",
    .letter = 'p',
    .argument = "FILE",
    .help = "take the process from FILE, as `process` of config.json",
    .more =
        "What else describes the process is then not looked at. Capabilities, rlimits, labels, "
        "oomScoreAdj and scheduling that FILE leaves out are the container's.",
    .completion = Completion::files};
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

constinit const Option attachable{
    .name = "attachable",
    .help = "have the container's shim keep the process's streams, print its name and return",
    .more = "attach, wait and kill reach it with --process, also after a while when it has ended."};
constinit const Option exec_name{
    .name = "name",
    .argument = "NAME",
    .help = "name of the process, for --process; the container must have a shim",
    .more = "As that of a container. Default: exec- and a number."};
constinit const Option exec_stdin{
    .name = "stdin",
    .help = "with --attachable: keep standard input open for who attaches",
    .more = "Otherwise the process finds the end of its input at once.",
    .needs = &attachable};
constinit const Option of_process{
    .name = "process",
    .letter = 'p',
    .argument = "NAME|PID",
    .help = "a process that exec added, instead of the container's own",
    .more = "By its name, or the id that it has on the host; the container must have a shim."};

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
        "all other options but the schemata are ignored.",
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
constinit const Option l3_cache_schema{
    .name = "l3-cache-schema",
    .argument = "SCHEMA",
    .help = "parts of the L3 cache to use, as l3CacheSchema of intelRdt",
    .more = "Only of a container that was created with linux.intelRdt."};
constinit const Option mem_bw_schema{
    .name = "mem-bw-schema",
    .argument = "SCHEMA",
    .help = "memory bandwidth to use, as memBwSchema of intelRdt",
    .more = "Only of a container that was created with linux.intelRdt."};
constinit const Option pids_limit{.name = "pids-limit",
                                  .argument = "NUMBER",
                                  .help = "most processes and threads; -1 for no limit"};

}  // namespace ocelot::cli::option
