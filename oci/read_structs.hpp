#pragma once
#include "oci/reader.hpp"
#include "oci/spec.hpp"

// One function for each object of config.json, one line for each of its members.
namespace ocelot::oci {

void read(Reader& r, Spec& spec);
void read(Reader& r, Process& process);
void read(Reader& r, Linux& linux_);
void read(Reader& r, IdMapping& mapping);
void read(Reader& r, Resources& resources);
void read(Reader& r, Seccomp& seccomp);

}  // namespace ocelot::oci
