#include "runtime/cli/criu_options.hpp"

namespace ocelot::cli {

CriuOptions criu_options(const Arguments& arguments) {
  CriuOptions options;
  if (const std::string_view path = arguments.text(option::image_path); !path.empty())
    options.image_path = path;
  options.work_path = arguments.text(option::work_path);
  options.tcp_established = arguments.has(option::tcp_established);
  options.tcp_close = arguments.has(option::tcp_close);
  options.external_unix_sockets = arguments.has(option::ext_unix_sk);
  options.shell_job = arguments.has(option::shell_job);
  options.file_locks = arguments.has(option::file_locks);
  options.auto_dedup = arguments.has(option::auto_dedup);
  options.lazy_pages = arguments.has(option::lazy_pages);
  options.empty_network = arguments.given(option::empty_ns);
  options.cgroup_mode = arguments.text(option::manage_cgroups_mode);
  options.network_lock = arguments.text(option::network_lock);
  return options;
}

}  // namespace ocelot::cli
