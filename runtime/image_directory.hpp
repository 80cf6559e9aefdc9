#pragma once
#include <array>
#include <optional>
#include <string>

#include "runtime/base/fd.hpp"

// The directory that holds the images of a checkpoint. Whoever made it is not trusted: criu opens
// what is in it by name, follows links and truncates.
namespace ocelot {

// Opens the directory `path`, made with mode 0711 where it is missing and `make` asks for it.
enum class Missing { make, fail };
UniqueFd open_image_directory(const std::string& path, Missing missing);

// Throws Error{InvalidArgument} unless the directory holds regular files alone, and besides at most
// the link `parent` to such another directory, and criu's own socket.
void check_images(int directory, const std::string& path);

// What the standard streams of a process were, as /proc/PID/fd has it: "pipe:[1234]", "/dev/null".
using Descriptors = std::array<std::string, 3>;
Descriptors standard_descriptors(pid_t pid);
// In the file descriptors.json, as runc has it.
void save_descriptors(int images, const Descriptors& descriptors);
// nullopt when there is none. Throws Error when it is damaged.
std::optional<Descriptors> load_descriptors(int images);

}  // namespace ocelot
