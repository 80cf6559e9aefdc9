#pragma once
#include <string>

// A script for each shell, made of the table of commands and options.
namespace ocelot::completions {

std::string bash();
std::string zsh();
std::string fish();

}  // namespace ocelot::completions
