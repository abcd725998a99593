#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tree's own rules, as tests: layers, file and function lengths, banned words, headers that compile alone, the registry.

lint.py RULE [COMPILER]: runs one rule over the checkout, prints every breach with its place, exits 1 if there is one."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE_DIRS = ["core", "expr", "storage", "server"]

# What each layer may include, by prefix of the included path. The longest matching prefix decides a file's layer.
LAYERS = {
    "core/": ["core/"],
    "expr/": ["core/", "expr/"],
    "storage/": ["core/", "storage/"],
    "server/net/": ["core/", "server/net/"],
    "server/auth/": ["core/", "server/auth/"],
    "server/api/": ["core/", "expr/", "storage/", "server/auth/", "server/api/"],
    "server/": ["core/", "expr/", "storage/", "server/"],
}
# Third-party headers and the only files that may see them.
THIRD_PARTY = {
    r"yyjson\.h": [r"core/json\.c"],
    r"libdeflate\.h": [r"core/deflate\.c"],
    r"lmdb\.h": [r"storage/lmdb\.c"],
    r"openssl/.*": [r"core/openssl\.h"],
    r"uv\.h": [r"server/net/.*", r"server/[a-z_]*\.[ch]"],
    r"llhttp\.h": [r"server/net/.*"],
}
ALLOCATORS = [r"core/arena\.c", r"core/buf\.c", r"core/deflate\.c", r"storage/.*", r"server/net/.*", r"server/[a-z_]*\.c",
              r"server/api/(api|items/tokens)\.c"]
MAX_LINES = {".c": 600, ".h": 200, ".def": 700}
MAX_FUNCTION = 70
MAX_COLUMNS = 150


def files(*suffixes, dirs=None):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\n")
    for name in sorted(listed):
        top = name.split("/")[0]
        if name.endswith(suffixes) and (dirs is None or top in dirs) and (ROOT / name).exists():
            yield name


def layer_of(name):
    return max((p for p in LAYERS if name.startswith(p)), key=len)


def rule_layers():
    for name in files(".c", ".h", dirs=SOURCE_DIRS):
        for number, line in enumerate((ROOT / name).read_text().split("\n"), 1):
            ours = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if ours:
                path = ours.group(1)
                if not (ROOT / path).exists():
                    yield f"{name}:{number}: \"{path}\" is not a path from the root of the project"
                elif not any(path.startswith(p) for p in LAYERS[layer_of(name)]):
                    yield f"{name}:{number}: {layer_of(name)} must not include {path}"
            theirs = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            for header, allowed in THIRD_PARTY.items():
                if theirs and re.fullmatch(header, theirs.group(1)) and not any(re.fullmatch(a, name) for a in allowed):
                    yield f"{name}:{number}: <{theirs.group(1)}> belongs to {', '.join(allowed)} alone"


def rule_lengths():
    for name in files(".c", ".h", ".def", dirs=SOURCE_DIRS):
        lines = (ROOT / name).read_text().split("\n")
        limit = MAX_LINES[Path(name).suffix]
        if len(lines) - 1 > limit:
            yield f"{name}: {len(lines) - 1} lines, the limit is {limit}"
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS and not (name.endswith((".c", ".def")) and "\"" in line):
                yield f"{name}:{number}: {len(line)} columns, the limit is {MAX_COLUMNS}"
        start = None
        for number, line in enumerate(lines, 1):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                if number - start - 1 > MAX_FUNCTION:
                    yield f"{name}:{start}: a function of {number - start - 1} lines, the limit is {MAX_FUNCTION}"
                start = None


def rule_words():
    for name in files(".c", ".h", ".def", ".py", ".sh", ".txt", ".md", ".mjs", ".js", ".json"):
        if name == "tests/lint/lint.py":
            continue
        for number, line in enumerate((ROOT / name).read_text(errors="replace").split("\n"), 1):
            found = re.search(r"\b(TODO|FIXME|XXX)\b|not implemented", line)
            if found and name.split("/")[0] in SOURCE_DIRS:
                yield f"{name}:{number}: left open: {found.group(0)}"
            if re.search(r"/work/|registry\.npmjs\.org|deb\.debian\.org|pypi\.org/simple", line):
                yield f"{name}:{number}: a path of one machine or a registry's host name"


def rule_allocation():
    for name in files(".c", dirs=SOURCE_DIRS):
        if any(re.fullmatch(a, name) for a in ALLOCATORS):
            continue
        for number, line in enumerate((ROOT / name).read_text().split("\n"), 1):
            if re.search(r"(?<![A-Za-z_])(malloc|calloc|realloc|free)\(", line):
                yield f"{name}:{number}: only arenas here: {line.strip()}"


LITERAL = re.compile(r"""/\*.*?\*/|//[^\n]*|#\s*include[^\n]*|'(?:\\.|[^'\\])+'|(?P<text>"(?:\\.|[^"\\])*")|\s+|.""", re.S)
OPENING = "One or more parameter values were invalid: "  # a text is the same with and without it


def texts_of(source):
    """(line, text) of each string literal, neighbours joined as the compiler joins them."""
    line, begun, text = 1, 0, None
    for match in LITERAL.finditer(source):
        piece = match.group(0)
        if match.group("text"):
            begun, text = (line, piece[1:-1]) if text is None else (begun, text + piece[1:-1])
        elif text is not None and not piece.isspace() and not piece.startswith(("/*", "//")):
            yield begun, text
            text = None
        line += piece.count("\n")


def rule_texts():
    """No text is written twice: what has blanks in it and is no short fragment stands in one place, as a function or a macro."""
    seen = {}
    for name in files(".c", ".h", ".def", dirs=SOURCE_DIRS):
        for number, text in texts_of((ROOT / name).read_text()):
            text = text if text == OPENING else text.removeprefix(OPENING)
            if len(text) < 16 or " " not in text.strip():
                continue
            if text in seen:
                yield f"{name}:{number}: \"{text}\" stands at {seen[text]} too"
            seen.setdefault(text, f"{name}:{number}")


def rule_openings():
    """SPDX first; then each .c says what it is for; guards are named by the path."""
    for name in files(".c", ".h", dirs=SOURCE_DIRS):
        text = (ROOT / name).read_text()
        if not text.startswith("/* SPDX-License-Identifier: Apache-2.0 */\n"):
            yield f"{name}:1: no SPDX line"
            continue
        second = text.split("\n", 2)[1]
        if name.endswith(".c") and not second.startswith("/*"):
            yield f"{name}:2: no paragraph that says what the file is for"
        guard = re.sub(r"[/.]", "_", name).upper()
        if name.endswith(".h") and f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield f"{name}: the include guard is not {guard}"


def rule_registry():
    """Each operation: one line, one file, one test file."""
    listed = re.findall(r"^OP\((\w+), *(\w+)\)", (ROOT / "server/api/ops.def").read_text(), re.M)
    if listed != sorted(listed):
        yield "server/api/ops.def: not in alphabetical order"
    symbols = {symbol for _, symbol in listed}
    for wire, symbol in listed:
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", wire).lower()
        if symbol != snake:
            yield f"server/api/ops.def: {wire} should be {snake}, not {symbol}"
        if not (ROOT / f"server/api/ops/{symbol}.c").exists() or not (ROOT / f"tests/server/api/{symbol}.test").exists():
            yield f"server/api/ops.def: {wire} lacks its file or its test"
    for path in (ROOT / "server/api/ops").glob("*.c"):
        if path.stem not in symbols:
            yield f"server/api/ops/{path.name}: not in ops.def"


def rule_readme():
    """The support table says what the registry says."""
    rows = dict(re.findall(r"^\| (\w+)(?: \(Streams\))? \| (yes|no) \|", (ROOT / "README.md").read_text(), re.M))
    listed = {wire for wire, _ in re.findall(r"^OP\((\w+), *(\w+)\)", (ROOT / "server/api/ops.def").read_text(), re.M)}
    if len(rows) != 66:
        yield f"README.md: {len(rows)} operations in the support table, the API has 62 + 4"
    for name in sorted(listed | set(rows)):
        if (rows.get(name) == "yes") != (name in listed):
            yield f"README.md: {name} is {rows.get(name, 'not there')}, the registry says {'yes' if name in listed else 'no'}"
    lines = (ROOT / "ARCHITECTURE.md").read_text().count("\n") if (ROOT / "ARCHITECTURE.md").exists() else 0
    if not 0 < lines <= 200:
        yield f"ARCHITECTURE.md: {lines} lines, the limit is 200"


def rule_headers(compiler="cc"):
    for name in files(".h", dirs=SOURCE_DIRS + ["tests"]):
        command = [compiler, "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-x", "c", f"-I{ROOT}", "-"]
        done = subprocess.run(command, input=f'#include "{name}"\nint headers_alone;\n', capture_output=True, text=True, cwd=ROOT)
        if done.returncode != 0:
            yield f"{name}: does not compile alone:\n{done.stderr[:600]}"


def rule_lockfiles():
    for name in files("package-lock.json"):
        if any("resolved" in package for package in json.loads((ROOT / name).read_text()).get("packages", {}).values()):
            yield f"{name}: has `resolved` lines"
    for name in files("Cargo.lock"):
        yield f"{name}: no lock files of cargo in the tree"


def rule_image(compiler="cc"):
    """What docker/Dockerfile copies before it builds is enough for CMake: only a build of the image would tell otherwise."""
    build = (ROOT / "docker/Dockerfile").read_text().split(" AS build\n")[1].split("\nFROM ")[0]
    preset = re.search(r"^RUN cmake (--preset .*?) &&", build, re.M).group(1).replace('"${COMMIT}"', "lint").split()
    with tempfile.TemporaryDirectory() as place:
        for names in re.findall(r"^COPY (?!--)(.+)$", build, re.M):
            *sources, target = names.split()
            for source in sources:
                to = Path(place) / target / (source if target == "./" else "")
                to.parent.mkdir(parents=True, exist_ok=True)
                (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, to)
        done = subprocess.run(["cmake", *preset, f"-DCMAKE_C_COMPILER={compiler}"], capture_output=True, text=True, cwd=place)
        if done.returncode != 0:
            yield f"docker/Dockerfile: with what it copies `cmake {' '.join(preset)}` fails:\n{done.stderr[:600]}"


def main():
    rules = {name[5:]: function for name, function in globals().items() if name.startswith("rule_")}
    if len(sys.argv) < 2 or sys.argv[1] not in rules:
        sys.exit(f"usage: lint.py {'|'.join(rules)} [compiler]")
    breaches = list(rules[sys.argv[1]](*sys.argv[2:]))
    for breach in breaches:
        print(breach)
    print(f"{sys.argv[1]}: {len(breaches)} breaches")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
