#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the tests execute of the validators, counted by gcov.

branches.py BUILD_DIR [--report]: builds the tree there with COVERAGE=ON, runs the tests of core, expr and server in it and reads the counts.
Fails when a line of a watched file was never executed, or a call that makes an error (also behind && and ||). What no test can bring about
stands in allowed.txt: `line | file: line | reason` (with the line before it, where the line alone says little), or for a `return false;` after functions that only the environment makes fail
`fails | function | reason`. --report adds figures for every file."""
import collections
import os
import re
import subprocess
import sys
from pathlib import Path

from cover import Allowed, ROOT

WATCHED = re.compile(r"(core/(number|value\w*)|expr/\w+|server/auth/\w+|server/api/(items|reads|schema|ops)/\w+|"
                     r"server/api/(common|conflicts|dispatch|echo|fault|front|name_set|shape_check|shape_decode|tables))\.c")
LABELS = "^(api|core|expr|server)$"
# Calls that make an error, by name; each must have been made.
MAKERS = re.compile(r"\b(err_set\w*|expr_error|\w+_error|shape_report_(add|constraint)|report_\w+|value_refuse\w*|refuse\w*|fail\w*|damaged)\(")
# Not a place where anything is decided: what they lead to is looked at, and ensure(false) must not be reached.
SILENT = re.compile(r"(case .*|default|\w+):|break;|ensure\(false\);|[{}]*")


def quietly(command, cwd=ROOT):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command[:4]))} … fails:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
    return done.stdout


def run_tests(build):
    jobs = str(os.cpu_count() or 2)
    quietly(["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCOVERAGE=ON"])
    quietly(["cmake", "--build", build, "-j", jobs])
    for counts in build.rglob("*.gcda"):
        counts.unlink()
    quietly(["ctest", "--test-dir", build, "-j", jobs, "-L", LABELS, "-LE", "threads", "--no-tests=error", "--output-on-failure"])


class Line:
    def __init__(self, text, count):
        self.text = text.strip()
        self.count = count  # None: no code
        self.calls = []     # was each made?


def name_in_tree(source, build):
    """gcov names a file as the compiler was told to: by its whole path, or from the build's directory on (ccache with a base directory)."""
    path = (build / source).resolve()
    return str(path.relative_to(ROOT)) if source.startswith("..") and path.is_relative_to(ROOT) else source


def read_counts(build):
    """{file: {number: Line}} of the libraries of the layers."""
    found = collections.defaultdict(dict)
    counts = sorted(str(path) for path in build.rglob("*.gcda") if re.search(r"/(core|expr|auth|api)\.dir/", str(path)))
    file, line = None, None
    for text in quietly(["gcov", "-b", "-t", "-r", "-s", str(ROOT), *counts], build).split("\n"):
        source = re.match(r" *([^ :]+): *(\d+):(.*)", text)
        if source and source.group(2) == "0":
            if source.group(3).startswith("Source:"):
                file = name_in_tree(source.group(3)[7:], build)
        elif source:
            count = source.group(1)
            line = Line(source.group(3), None if count == "-" else 0 if count[0] in "#=" else 1)
            found[file][int(source.group(2))] = line
        elif text.startswith("call") and line is not None:
            line.calls.append("never executed" not in text)
    return {name: lines for name, lines in found.items() if name.endswith(".c")}


def calls_that_fail(text):
    """Names of the functions in a condition that take an err."""
    for match in re.finditer(r"\b(\w+)\(", text):
        depth, at = 1, match.end()
        while depth and at < len(text):
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        if text[:at].endswith("err)"):
            yield match.group(1)


def is_environment(lines, number, allowed):
    """Is the line a `return false;` because of functions that only the environment makes fail?"""
    if lines[number].text != "return false;":
        return False
    first = number - 1
    while first in lines and not re.match(r"(} else )?if \(", lines[first].text) and number - first < 8:
        first -= 1
    names = list(calls_that_fail(" ".join(lines[i].text for i in range(first, number) if i in lines)))
    return bool(names) and all([allowed.has(name) for name in names])


def uncovered(name, lines):
    """(number, key of the allow-list, what is wrong)."""
    for number, line in sorted(lines.items()):
        before = lines[number - 1].text if number - 1 in lines else ""
        key = f"{name}: {before} {line.text}"
        if line.count == 0 and not SILENT.fullmatch(line.text):
            yield number, key, "never executed"
        elif line.count and MAKERS.search(line.text) and not all(line.calls):
            yield number, key, "its error is never made"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = Path(sys.argv[1]).resolve()
    run_tests(build)
    allowed, environment, breaches, looked, made = Allowed("line"), Allowed("fails"), 0, 0, 0
    for name, lines in sorted(read_counts(build).items()):
        code = [line for line in lines.values() if line.count is not None]
        if "--report" in sys.argv:
            print(f"{100 * sum(line.count for line in code) / max(1, len(code)):6.1f} %  of {len(code):4} lines  {name}")
        if not WATCHED.fullmatch(name):
            continue
        looked += len(code)
        made += sum(1 for line in code if MAKERS.search(line.text))
        for number, key, what in uncovered(name, lines):
            here = f"{name}: {lines[number].text}"
            if not is_environment(lines, number, environment) and not allowed.has(here) and not allowed.has(key):
                breaches += 1
                print(f"{name}:{number}: {what}: {lines[number].text}\n    line | {key} | ")
    for stale in [*allowed.stale(), *environment.stale()]:
        breaches += 1
        print(stale)
    if breaches:
        print("Each wants a case; what no test can bring about goes to tests/coverage/allowed.txt with its reason.")
    print(f"branches: {looked} lines, {made} of them make errors, {len(allowed.used)} lines and {len(environment.used)} functions allowed, {breaches} breaches")
    sys.exit(1 if breaches or not looked else 0)


if __name__ == "__main__":
    main()
