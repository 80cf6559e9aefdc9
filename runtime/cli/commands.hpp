#pragma once
#include <string>
#include <string_view>

#include "runtime/cli/arguments.hpp"
#include "runtime/options.hpp"

// What each command does, in a file of its name. The words have been found to fit the table; the
// result is the exit status.
namespace ocelot::cli {

int attach(const GlobalOptions& global, const Arguments& arguments);
int channel(const GlobalOptions& global, const Arguments& arguments);
int check(const GlobalOptions& global, const Arguments& arguments);
int checkpoint(const GlobalOptions& global, const Arguments& arguments);
int create(const GlobalOptions& global, const Arguments& arguments);
int events(const GlobalOptions& global, const Arguments& arguments);
int exec(const GlobalOptions& global, const Arguments& arguments);
int features(const GlobalOptions& global, const Arguments& arguments);
int help(const GlobalOptions& global, const Arguments& arguments);
int kill(const GlobalOptions& global, const Arguments& arguments);
int list(const GlobalOptions& global, const Arguments& arguments);
int logs(const GlobalOptions& global, const Arguments& arguments);
int mounts(const GlobalOptions& global, const Arguments& arguments);
int pause(const GlobalOptions& global, const Arguments& arguments);
int plan(const GlobalOptions& global, const Arguments& arguments);
int ps(const GlobalOptions& global, const Arguments& arguments);
int remove(const GlobalOptions& global,
           const Arguments& arguments);  // `delete` is a word of the language
int restore(const GlobalOptions& global, const Arguments& arguments);
int resume(const GlobalOptions& global, const Arguments& arguments);
int run(const GlobalOptions& global, const Arguments& arguments);
int shim(const GlobalOptions& global, const Arguments& arguments);
int spec(const GlobalOptions& global, const Arguments& arguments);
int start(const GlobalOptions& global, const Arguments& arguments);
int state(const GlobalOptions& global, const Arguments& arguments);
int stats(const GlobalOptions& global, const Arguments& arguments);
int update(const GlobalOptions& global, const Arguments& arguments);
int wait(const GlobalOptions& global, const Arguments& arguments);

// What --version prints.
std::string version(std::string_view program_name);

}  // namespace ocelot::cli
