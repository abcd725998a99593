#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the data cases must exercise, held against the registries that the program itself is built from.

cover.py trace OUT RUNNER         runs every tests/server/api/*.test and keeps each expectation that held: the other rules read it
cover.py registry PROGRAM         -list-operations, server/api/ops.def and README's support table say the same
cover.py operations TRACE         every operation has a case that succeeds and one that fails
cover.py errors TRACE             every error type that the model gives an operation (errors.txt) is expected by a case of it
cover.py constraints TRACE DUMP   every constraint of every field (DUMP prints them: constraints.c) is broken by a case
cover.py functions                every function of expr/functions.def: a result, a wrong operand count, a wrong operand
cover.py texts TRACE              every error text in the sources is expected by a case or a unit test

What cannot have a case stands in allowed.txt with its reason; an entry there that is not needed is a failure too."""
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Errors of every operation that takes input, though no model lists them.
UNMODELLED = ["ValidationException", "SerializationException"]
TEXT_SOURCES = ["core", "expr", "server/api", "server/auth"]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def operations():
    return [wire for wire, _ in re.findall(r"^OP\((\w+), *(\w+)\)", read("server/api/ops.def"), re.M)]


def trace_of(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        answers = [json.loads(line) for line in lines]
    for answer in answers:
        text = answer["message"]
        answer["message"] = text if len(text) <= 8000 else text[:4000] + text[-4000:]  # echoes may have a mebibyte
    return answers


class Allowed:
    """The entries of one rule in allowed.txt; those that excuse nothing are breaches."""

    def __init__(self, rule):
        self.reasons = {}
        self.used = set()
        for number, line in enumerate((HERE / "allowed.txt").read_text(encoding="utf-8").split("\n"), 1):
            if line and not line.startswith("#"):
                parts = [part.strip() for part in line.split(" | ")]
                if len(parts) != 3 or not all(parts):
                    sys.exit(f"tests/coverage/allowed.txt:{number}: not `rule | what | reason`")
                if parts[0] == rule:
                    self.reasons[parts[1]] = parts[2]

    def has(self, what):
        if what in self.reasons:
            self.used.add(what)
        return what in self.reasons

    def stale(self):
        for what in sorted(set(self.reasons) - self.used):
            yield f"tests/coverage/allowed.txt excuses what needs no excuse: {what}"


# ---- Rules: each yields breaches and returns the number of things it looked at ----


def rule_trace(out, runner):
    Path(out).unlink(missing_ok=True)
    files = sorted(str(path) for path in (ROOT / "tests/server/api").glob("*.test"))
    done = subprocess.run(["env", f"STATOR_TEST_TRACE={out}", runner, *files], capture_output=True, text=True)
    if done.returncode != 0:
        yield f"the cases fail:\n{done.stderr[-4000:]}"
    return len(trace_of(out))


def rule_registry(program):
    listed = operations()
    printed = subprocess.run([program, "-list-operations"], capture_output=True, text=True, check=True).stdout.split()
    if printed != listed:
        yield f"-list-operations prints {printed}, ops.def has {listed}"
    rows = dict(re.findall(r"^\| (\w+)(?: \(Streams\))? \| (yes|no) \|", read("README.md"), re.M))
    for name in sorted(set(printed) | set(rows)):
        if (rows.get(name) == "yes") != (name in printed):
            yield f"README.md says {rows.get(name, 'nothing')} of {name}, -list-operations {'lists' if name in printed else 'lacks'} it"
    return len(rows)


def rule_operations(trace):
    statuses = {}
    for answer in trace_of(trace):
        statuses.setdefault(answer["operation"], set()).add(answer["status"] == 200)
    for name in operations():
        if True not in statuses.get(name, ()):
            yield f"{name}: no case succeeds"
        if False not in statuses.get(name, ()):
            yield f"{name}: no case fails"
    return len(operations())


def read_errors():
    """errors.txt: the model's errors of each operation, and those that no request can bring about here."""
    model, never = {}, {}
    for number, line in enumerate((HERE / "errors.txt").read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        excuse = re.fullmatch(r"never (\w+)(?: of (\w+(?:, \w+)*))?: (.+)", line)
        entry = re.fullmatch(r"(\w+): (\w+(?:, \w+)*)", line)
        if excuse:
            for operation in (excuse.group(2) or "*").split(", "):
                never[operation, excuse.group(1)] = excuse.group(3)
        elif entry:
            model[entry.group(1)] = [] if entry.group(2) == "none" else entry.group(2).split(", ")
        else:
            sys.exit(f"tests/coverage/errors.txt:{number}: cannot read: {line}")
    return model, never


def rule_errors(trace):
    model, never = read_errors()
    seen = {(answer["operation"], answer["type"]) for answer in trace_of(trace)}
    looked, used = 0, set()
    for operation in operations():
        if operation not in model:
            yield f"errors.txt has no line for {operation}"
            continue
        for error in model[operation] + UNMODELLED:
            looked += 1
            excuse = next((key for key in ((operation, error), ("*", error)) if key in never), None)
            if excuse is not None and (operation, error) not in seen:
                used.add(excuse)
            elif excuse is not None and excuse[0] != "*":
                yield f"errors.txt says that {operation} never answers {error}, but a case has it"
            elif (operation, error) not in seen:
                yield f"{operation}: no case expects {error}"
    for operation, error in sorted(set(never) - used):
        yield f"errors.txt: `never {error} of {operation}` excuses nothing"
    kinds = {kind: name for kind, name in re.findall(r'^FAULT\((\w+), \d+, \w+, "(\w+)"', read("server/api/fault.def"), re.M)}
    raised = set()
    for path in sources([""]):
        raised |= set(re.findall(r"\bERR_(\w+)\b", path.read_text(encoding="utf-8")))
    unit = unit_tests_of_errors()
    for kind in sorted(set(kinds) & raised - {"NONE"}):
        looked += 1
        expected = kinds[kind] in {error for _, error in seen} or f"#{kinds[kind]}" in unit or f"ERR_{kind}," in unit
        if not expected and ("*", kinds[kind]) not in never:
            yield f"fault.def: {kinds[kind]} is raised, but nobody expects it"
    return looked


def unit_tests_of_errors():
    """What the unit tests of the API say, without the table in dispatch_test.c that looks at how each kind is written."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests/server/api").rglob("*_test.c"))]
    return "\n".join(line for line in "\n".join(texts).split("\n") if not re.match(r" *\{ERR_\w+, \d+,", line))


def constraint_pattern(path, text):
    place = "".join(r"\d+" if c == "#" else ".+" if c == "*" else re.escape(c) for c in path)
    where = f"at '{place}' failed" if path else "Failed"
    return re.compile(rf"{where} to satisfy constraint: {re.escape(text)}(?:;|$)", re.I | re.S)


def rule_constraints(trace, dump):
    allowed = Allowed("constraint")
    messages = {}
    for answer in trace_of(trace):
        messages.setdefault(answer["operation"], set()).add(answer["message"])
    printed = subprocess.run([dump], capture_output=True, text=True, check=True).stdout
    stated = sorted(set(printed.split("\n")) - {""})
    for line in stated:
        operation, path, text = line.split("\t")
        pattern = constraint_pattern(path, text)
        if not any(pattern.search(message) for message in messages.get(operation, ())):
            if not allowed.has(f"{operation} {path} {text}"):
                yield f"{operation}: no case breaks `{path}`: {text}"
    yield from allowed.stale()
    return len(stated)


def expression_cases():
    """(expression, expected line) of every case in tests/expr/*.test; `!s` written out."""
    for path in sorted((ROOT / "tests/expr").glob("*.test")):
        expression = None
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.startswith("?"):
                expression = line[2:]
            elif line.startswith(("=>", "!")) and expression is not None:
                short = re.fullmatch(r"!s (.*) \| (.*)", line)
                yield expression, f'!! Invalid Expression: Syntax error; token: "{short.group(1)}", near: "{short.group(2)}"' if short else line


def rule_functions():
    defined = re.findall(r"^FUNCTION\((\w+), (\d+), (\w+), (true|false), (.+)\)$", read("expr/functions.def"), re.M)
    cases = list(expression_cases())
    for name, _, role, needs_path, types in defined:
        said = f"operator or function: {name}"
        if not any(re.search(rf"\b{name} *\(", expression) and want.startswith("=>") for expression, want in cases):
            yield f"{name}: no case gives a result"
        if not any(f"Incorrect number of operands for operator or function; {said}," in want for _, want in cases):
            yield f"{name}: no case has a wrong number of operands"
        if needs_path == "true" and not any(want.endswith(f"requires a document path; {said}") for _, want in cases):
            yield f"{name}: no case has another operand than a path"
        if (types != "TYPES_ALL" or name == "attribute_type") and not any(
                f"Incorrect operand type for operator or function; {said}," in want for _, want in cases):
            yield f"{name}: no case has an operand of a wrong type"
        if not any("The function is not allowed " in want and want.endswith(f"; function: {name}") for _, want in cases):
            yield f"{name}: no case stands where it is not allowed"
    return len(defined)


# ---- Error texts ----


def sources(folders):
    for folder in folders or [""]:
        for top in [folder] if folder else ["core", "expr", "storage", "server"]:
            yield from sorted((ROOT / top).rglob("*.c"))


def without_comments(text):
    """Comments become blanks, strings stay; line numbers stay."""
    def blank(match):
        token = match.group(0)
        return token if token[0] in "\"'" else re.sub(r"[^\n]", " ", token)
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', blank, text, flags=re.S)


LITERAL = r'"(?:\\.|[^"\\\n])*"'
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "\\": "\\", "'": "'"}


def unquote(literal):
    return re.sub(r"\\x([0-9A-Fa-f]{2})|\\(.)", lambda m: chr(int(m.group(1), 16)) if m.group(1) else ESCAPES.get(m.group(2), m.group(2)), literal[1:-1])


def macros(paths):
    """#define NAME "text" … of sources and headers."""
    found = {}
    for path in paths:
        text = without_comments(path.read_text(encoding="utf-8")).replace("\\\n", "  ")
        for name, body in re.findall(rf"^#define (\w+)[ \t]+((?:{LITERAL}|\w+|[ \t])+)$", text, re.M):
            if '"' in body:
                found[name] = body
    return found


def literal_runs(text, defined):
    """(offset, text) of adjacent literals and the macros among them; PRI macros and other names (a macro's parameters) become %s."""
    name = r'[A-Z_][A-Z_0-9]+\b|[a-z_]\w*(?=\s*")'
    for match in re.finditer(rf"(?:\b[A-Z_][A-Z_0-9]*\s+)?{LITERAL}(?:\s*(?:{LITERAL}|PRI\w+|{name}))*", text):
        parts = []
        for token in re.findall(rf"{LITERAL}|\w+", match.group(0)):
            if token.startswith('"'):
                parts.append(unquote(token))
            elif token.startswith("PRI"):
                parts[-1] = parts[-1][:-1] + "%s" if parts and parts[-1].endswith("%") else parts[-1] + "%s"
            elif token in defined:
                parts += [run for _, run in literal_runs(defined[token], defined)]
            else:
                parts.append("%s")
        yield match.start(), "".join(parts)


def is_made_by(pieces, message):
    """Do the pieces of a format stand in the message, one after the other?"""
    at = 0
    for piece in pieces:
        at = message.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def pieces_of(text):
    return [piece for piece in re.split(r"%[-+ 0#]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j|t)?[sdiuxXcpfgeaA]|%%", text) if piece]


# What no client reads: answers that are no errors, the log, assertions, and kinds whose text stays inside (fault.def) or is of the environment.
NOT_FOR_CLIENTS = re.compile(r"(\b(buf_add_literal|buf_printf|ensure|fprintf|api_log|_Static_assert)\([^;]*|"
                             r"ERR_(BAD_JSON|UNKNOWN_OPERATION|INTERNAL|MAP_FULL),\s*)$")


def is_error_text(text, before):
    """A sentence: at least three words outside of printf's conversions, and neither JSON nor HTML."""
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"%[.*\w]*", " ", text))
    return len(words) >= 3 and " " in text and not text.startswith(("{", '"', ",", "<")) and not NOT_FOR_CLIENTS.search(before)


def expected_texts(trace):
    texts = {answer["message"] for answer in trace_of(trace)} | {want[3:] for _, want in expression_cases() if want.startswith("!")}
    for path in sorted((ROOT / "tests").rglob("*_test.c")):
        text = without_comments(path.read_text(encoding="utf-8")).replace("\\\n", " ")
        texts |= {run for _, run in literal_runs(text, {})}
    texts |= {message for path in (ROOT / "tests/server/api").glob("*.test")
              for message in re.findall(r'"Message": ?"([^"]+)"', path.read_text(encoding="utf-8"))}
    return texts - {""}


def rule_texts(trace):
    allowed = Allowed("text")
    paths = [path for path in sources(TEXT_SOURCES)]
    shared = macros(header for top in TEXT_SOURCES for header in sorted((ROOT / top).rglob("*.h")))
    expected = expected_texts(trace)
    looked = 0
    for path in paths:
        text = re.sub(r"^#define \w+(\([^)\n]*\))?", lambda m: ";" + " " * (len(m.group(0)) - 1), without_comments(path.read_text(encoding="utf-8")), flags=re.M)
        text = re.sub(r"^#include.*", "", text.replace("\\\n", " \n"), flags=re.M)
        for at, run in literal_runs(text, shared | macros([path])):
            if not is_error_text(run, text[max(0, at - 200):at]):
                continue
            looked += 1
            pieces = pieces_of(run)
            if any(is_made_by(pieces, message) for message in expected):
                continue
            if not allowed.has(run.strip()):
                place = f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, at) + 1}"
                yield f"{place}: nobody expects this text: {run}"
    yield from allowed.stale()
    return looked


def main():
    rules = {name[5:]: function for name, function in globals().items() if name.startswith("rule_")}
    if len(sys.argv) < 2 or sys.argv[1] not in rules:
        sys.exit(__doc__)
    steps = rules[sys.argv[1]](*sys.argv[2:])
    breaches = []
    while True:
        try:
            breaches.append(next(steps))
        except StopIteration as end:
            looked = end.value
            break
    for breach in breaches:
        print(breach)
    if breaches:
        print("Each wants a case; what none can bring about goes to tests/coverage/allowed.txt (errors: errors.txt) with its reason.")
    print(f"{sys.argv[1]}: {looked} looked at, {len(breaches)} uncovered")
    sys.exit(1 if breaches or not looked else 0)


if __name__ == "__main__":
    main()
