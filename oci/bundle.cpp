#include "oci/bundle.hpp"

#include <fcntl.h>
#include <fmt/core.h>

#include "oci/document.hpp"
#include "oci/read_spec.hpp"
#include "oci/validate.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/sys.hpp"
#include "runtime/base/sys_files.hpp"

namespace ocelot::oci {
namespace {

std::string read_config(int dir, const std::string& path) {
  // O_NONBLOCK: a FIFO is to be refused, not waited for.
  const auto file = sys::open_if_exists(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file)
    throw Error{ErrorKind::InvalidSpec, fmt::format("JSON specification file {} not found", path)}
        .with_hint("--bundle names a directory with a config.json; `spec` writes one");

  Context at{[&] { return path; }};
  const struct stat before = sys::stat(file->get());
  if (!S_ISREG(before.st_mode))
    throw Error{ErrorKind::InvalidSpec, "is no regular file"}.with_hint(
        "config.json is read once, before anything is done: copy it into the bundle");
  if (static_cast<std::uint64_t>(before.st_size) > Document::max_bytes) {
    throw Error{ErrorKind::InvalidSpec, "larger than 16 MiB"};
  }
  std::string text = sys::read_all(file->get(), Document::max_bytes);
  if (text.size() != static_cast<std::size_t>(before.st_size)) {
    throw Error{ErrorKind::InvalidSpec, "was changed while it was read"}.with_hint(
        "have who writes it rename a finished file into its place");
  }
  return text;
}

}  // namespace

Bundle open_bundle(const std::string& directory, const std::string& config_override) {
  const trace::Span span{text("config.json")};
  Bundle bundle;
  {
    Context at{text("bundle")};
    bundle.directory =
        sys::open(AT_FDCWD, directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
    bundle.path = sys::read_link(AT_FDCWD, fmt::format("/proc/self/fd/{}", bundle.directory.get()));
  }
  const bool own = config_override.empty();
  const std::string name = own ? "config.json" : config_override;
  bundle.config_text = read_config(own ? bundle.directory.get() : AT_FDCWD, name);

  Context at{[&] { return name; }};
  ReadSpec read = read_spec(bundle.config_text);
  bundle.spec = std::move(read.spec);
  bundle.violations = std::move(read.violations);
  bundle.unknown = std::move(read.unknown);
  return bundle;
}

Violations violations_of(const Bundle& bundle, const HostFacts& host) {
  return merge(bundle.violations, validate(bundle.spec, host));
}

}  // namespace ocelot::oci
