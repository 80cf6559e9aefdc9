#include "runtime/image_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/sys_files.hpp"
#include "runtime/base/text.hpp"

namespace ocelot {
namespace {

using nlohmann::json;

constexpr const char* descriptors_file = "descriptors.json";
constexpr const char* parent_link = "parent";
constexpr const char* lazy_pages_socket = "lazy-pages.socket";
// A dump of each page that was written since the last one, that again, and so on.
constexpr int most_generations = 64;

unsigned char type_of(int directory, const sys::DirectoryEntry& entry) {
  if (entry.type != DT_UNKNOWN) return entry.type;
  const auto facts = sys::stat_if_exists(directory, entry.name);
  return facts ? static_cast<unsigned char>(IFTODT(facts->st_mode)) : entry.type;
}

void check_generation(UniqueFd directory, std::string path) {
  for (int generation = 0; directory; ++generation) {
    if (generation == most_generations)
      throw Error{ErrorKind::InvalidArgument,
                  fmt::format("images {}: more than {} generations", path, most_generations)};
    UniqueFd parent;
    for (const sys::DirectoryEntry& entry : sys::list_directory(directory.get())) {
      const unsigned char type = type_of(directory.get(), entry);
      if (type == DT_REG || (type == DT_SOCK && entry.name == lazy_pages_socket)) continue;
      if (type != DT_LNK || entry.name != parent_link) {
        throw Error{ErrorKind::InvalidArgument,
                    fmt::format("images {}: {} is no regular file", path, printable(entry.name))}
            .with_hint("a directory of images holds nothing else: remove it, or take another one");
      }
      Context at{[&] { return fmt::format("images {}", path); }};
      parent = sys::open(directory.get(), parent_link, O_RDONLY | O_DIRECTORY);
    }
    path += "/parent";
    directory = std::move(parent);
  }
}

}  // namespace

UniqueFd open_image_directory(const std::string& path, Missing missing) {
  // In a user namespace criu looks for images as somebody who owns none of it. They are root's
  // alone.
  if (missing == Missing::make) sys::make_directory_unless_exists(AT_FDCWD, path, 0711);
  return sys::open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
}

void check_images(int directory, const std::string& path) {
  check_generation(sys::open(directory, ".", O_RDONLY | O_DIRECTORY), path);
}

Descriptors standard_descriptors(pid_t pid) {
  Descriptors descriptors;
  const UniqueFd directory =
      sys::open(AT_FDCWD, fmt::format("/proc/{}/fd", pid), O_RDONLY | O_DIRECTORY);
  for (std::size_t fd = 0; fd < descriptors.size(); ++fd) {
    const std::string name = fmt::format("{}", fd);
    const bool open = sys::stat_if_exists(directory.get(), name).has_value();
    descriptors[fd] = open ? sys::read_link(directory.get(), name) : "/dev/null";
  }
  return descriptors;
}

void save_descriptors(int images, const Descriptors& descriptors) {
  write_atomically(images, descriptors_file, json(descriptors).dump(), 0600);
}

std::optional<Descriptors> load_descriptors(int images) {
  const auto text = read_regular_file_if_exists(images, descriptors_file);
  if (!text) return std::nullopt;
  try {
    return json::parse(*text).get<Descriptors>();
  } catch (const json::exception& error) {
    throw Error{ErrorKind::InvalidArgument,
                fmt::format("{}: damaged: {}", descriptors_file, error.what())};
  }
}

}  // namespace ocelot
