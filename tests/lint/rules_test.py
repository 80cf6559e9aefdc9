#!/usr/bin/env python3
"""The rules find what they are for: each is given a tree with one mistake, which it must name, and one without."""
import pathlib
import subprocess
import sys
import tempfile

LINT = pathlib.Path(__file__).resolve().parent / "lint.py"

# check, file, line, whether it is a mistake
CASES = [
    ("forbidden", "runtime/a.cpp", "int fd = ::open(path, 0);", True),
    ("forbidden", "runtime/a.cpp", "int fd = sys::open(path, 0);", False),
    ("forbidden", "runtime/base/sys_files.cpp", "int fd = ::open(path, 0);", False),
    ("forbidden", "runtime/a.cpp", "::regexec(&compiled, text, 0, nullptr, 0);", False),
    ("forbidden", "runtime/a.cpp", "if (fork() == 0) run();", True),
    ("forbidden", "runtime/a.cpp", "// not a fork() in sight", False),
    ("forbidden", "runtime/a.cpp", 'log("// " + std::filesystem::path());', True),
    ("forbidden", "hooks/a.cpp", "usleep(1);", True),
    ("forbidden", "tests/unit/a.cpp", "std::this_thread::sleep_for(1s);", True),
    ("forbidden", "oci/a.cpp", "setenv(name, value, 1);", True),
    ("forbidden", "oci/a.cpp", "getpwnam(name);", True),
    ("forbidden", "cgroups/a.cpp", "system(command);", True),
    ("forbidden", "cgroups/a.cpp", "filesystem(name);", False),
    ("forbidden", "cgroups/a.cpp", "std::cerr << text;", True),
    ("forbidden", "cgroups/a.cpp", "int x = atoi(text);", True),
    ("forbidden", "cgroups/a.cpp", "static_assert(true);", False),
    ("forbidden", "cgroups/a.cpp", "assert(ready);", True),
    ("forbidden", "cgroups/a.cpp", "run();  // TODO: later", True),
    ("forbidden", "cgroups/a.cpp", "// return result;", True),
    ("forbidden", "cgroups/a.cpp", "// Returns the result; or nothing.", False),
    ("forbidden", "README.md", "See issue #3.", True),
    ("includes", "oci/a.cpp", '#include "runtime/base/fd.hpp"', False),
    ("includes", "oci/a.cpp", '#include "cgroups/driver.hpp"', True),
    ("includes", "runtime/base/a.cpp", '#include "oci/spec.hpp"', True),
    ("includes", "cgroups/a.cpp", '#include "hooks/hooks.hpp"', True),
    ("includes", "runtime/plan/a.cpp", '#include "runtime/steps/mounts.hpp"', True),
    ("includes", "runtime/cli/a.cpp", '#include "shim/control/message.hpp"', False),
    ("includes", "runtime/a.cpp", '#include "shim/control/message.hpp"', True),
    ("includes", "shim/control/a.cpp", '#include "oci/spec.hpp"', True),
    ("includes", "runtime/a.cpp", '#include "fd.hpp"', True),
    ("includes", "runtime/plan/seccomp.cpp", "#include <seccomp.h>", False),
    ("includes", "runtime/plan/mounts.cpp", "#include <seccomp.h>", True),
    ("includes", "runtime/plan/mounts.cpp", "#include <linux/seccomp.h>", False),
    ("includes", "runtime/steps/a.cpp", "#include <sys/capability.h>", True),
    ("includes", "oci/a.hpp", "#include <nlohmann/json.hpp>", True),
    ("includes", "tests/integration/a.cpp", '#include "runtime/base/fd.hpp"', True),
    ("root", "notes.txt", "text", True),
    ("root", ".editorconfig", "text", False),
]
WHOLE = ["CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md",
         "oci/b.hpp", "cgroups/b.hpp", "hooks/b.hpp", "runtime/b.hpp", "tests/b.hpp", "contrib/b"]

wrong = 0
for check, name, line, mistake in CASES:
    with tempfile.TemporaryDirectory() as directory:
        for path, text in [(path, "") for path in WHOLE] + [(name, line + "\n")]:
            file = pathlib.Path(directory, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        result = subprocess.run([sys.executable, LINT, directory, check], capture_output=True, text=True)
        named = result.returncode == 1 and result.stdout.startswith(name)
        if named != mistake or (not mistake and result.returncode != 0):
            print(f"{check} {name}: {line}\n    expected {'a' if mistake else 'no'} complaint: {result.stdout}{result.stderr}")
            wrong += 1
print(f"{len(CASES) - wrong} of {len(CASES)} as expected")
sys.exit(1 if wrong else 0)
