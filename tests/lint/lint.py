#!/usr/bin/env python3
"""Checks what the compiler cannot: lint.py SOURCE_DIR forbidden|includes|root.

Prints one line for each thing that is wrong; the exit status is 1 if there is any.
"""
import fnmatch
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT_ENTRIES = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md",
                "oci", "cgroups", "hooks", "runtime", "shim", "tests", "contrib"}


def tree(source):
    """The text files of the project, relative; without what Git ignores."""
    listing = subprocess.run(["git", "-C", source, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, text=True)
    if listing.returncode == 0:
        names = [name for name in listing.stdout.split("\0") if name]
    else:  # a source package
        names = [str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()]
        names = [name for name in names if not name.startswith(("build/", "build-"))]
    for name in sorted(set(names)):
        try:
            yield name, (source / name).read_text().splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # not text, or removed but not yet for Git


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def without_comment(line):
    """`line` up to a // that is in no string."""
    return re.match(r'''(?:[^"'/]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|/(?!/)|["'])*''', line).group()


def forbidden(source, here):
    table = tomllib.loads((here / "forbidden.toml").read_text())
    for rule in table["rule"]:
        rule["in"] = [p for entry in rule["in"] for p in (table["code"] if entry == "code" else [entry])]
        rule["pattern"] = re.compile(rule["pattern"])
    for name, lines in tree(source):
        rules = [r for r in table["rule"] if matches(name, r["in"]) and not matches(name, r.get("except", []))]
        for number, line in enumerate(lines, 1):
            code = without_comment(line) if rules else line
            for rule in rules:
                text = line if rule.get("comments") else code
                if "allowed" in rule:
                    text = re.sub(rule["allowed"], "", text)
                if rule["pattern"].search(text):
                    yield f"{name}:{number}: {line.strip()}\n    {rule['why']}"


def includes(source, here):
    table = tomllib.loads((here / "includes.toml").read_text())
    folders = sorted(table["folders"], key=len, reverse=True)

    def folder_of(path):
        return next((folder for folder in folders if (path + "/").startswith(folder + "/")), None)

    for name, lines in tree(source):
        if not name.endswith((".cpp", ".hpp")):
            continue
        folder = folder_of(name)
        for number, line in enumerate(lines, 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not found:
                continue
            kind, header = found.groups()
            if kind == '"' and folder:
                # Product code names headers from the root of the project, tests also from their own folder.
                there = folder_of(header)
                if there is None and not name.startswith("tests/"):
                    yield f"{name}:{number}: \"{header}\" is not named from the root of the project"
                if there not in (None, folder, *table["folders"][folder]):
                    yield f"{name}:{number}: {folder} must not include {header}"
            for library, users in table["libraries"].items():
                if re.fullmatch(library, header) and not name.startswith(("tests/", "contrib/")) and not matches(name, users):
                    yield f"{name}:{number}: {header} belongs in {', '.join(users) or 'tests'} alone"


def root(source, here):
    entries = {name.split("/")[0] for name, _ in tree(source)}
    for entry in sorted(entries - ROOT_ENTRIES):
        if not entry.startswith("."):
            yield f"{entry}: the root of the tree has no such entry"
    for entry in sorted(ROOT_ENTRIES - {"shim"} - entries):
        yield f"{entry}: is missing"


def main():
    source = pathlib.Path(sys.argv[1]).resolve()
    check = {"forbidden": forbidden, "includes": includes, "root": root}[sys.argv[2]]
    complaints = list(check(source, pathlib.Path(__file__).resolve().parent))
    print("\n".join(complaints) or "nothing is wrong")
    sys.exit(1 if complaints else 0)


main()
