#pragma once

// All that a black-box test uses.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/bundle.hpp"
#include "tests/support/cgroups.hpp"
#include "tests/support/check.hpp"
#include "tests/support/command.hpp"
#include "tests/support/console_socket.hpp"
#include "tests/support/leftovers.hpp"
#include "tests/support/needs.hpp"
#include "tests/support/probe.hpp"
#include "tests/support/pty.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/running.hpp"
#include "tests/support/runtime.hpp"
#include "tests/support/temp_dir.hpp"
