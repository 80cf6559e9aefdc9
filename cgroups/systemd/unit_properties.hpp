#pragma once
#include <map>
#include <string>
#include <string_view>

#include "cgroups/device_rules.hpp"
#include "cgroups/setting.hpp"
#include "cgroups/systemd/property.hpp"
#include "cgroups/systemd/unit.hpp"

// What a container's unit is told. man: org.freedesktop.systemd1(5), systemd.resource-control(5)
namespace ocelot::cgroups::systemd {

// Replaces the one of the same name, or adds it.
void set(Properties& properties, Property property);

// The limits that systemd has properties for, of the files of a cgroup (of either version) that
// hold them. With them it shows what holds, and does not lift what is there.
Properties properties_of(const Settings& settings, bool unified);

// The device rules, as far as systemd can be told of them: it has no denials of a part. Only on v1,
// where it would lift what it does not know whenever it reads its units anew.
Properties device_properties(const DevicePolicy& policy);

// An annotation "org.systemd.property.NAME": `text` is a value as g_variant_print writes it. A NAME
// that ends in Sec is turned into the one in microseconds. Throws Error{InvalidSpec} for what
// cannot be understood, and for properties that would put other processes or another place into the
// unit.
inline constexpr std::string_view annotation_prefix = "org.systemd.property.";
Property annotated_property(std::string_view name, std::string_view text);

// All that a new unit is started with: what every container has, what the annotations add to that,
// and its limits.
Properties unit_properties(const UnitName& name, const std::string& id, bool unified,
                           const std::map<std::string, std::string>& annotations,
                           const Properties& limits);

}  // namespace ocelot::cgroups::systemd
