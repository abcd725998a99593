#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many cases pin each section of the notes on AWS's behaviour.

A case of tests/**/*.test names the sections that it pins at the beginning of its title: "== §3.9(11) throughput: unchanged", "== §4.1 D.5
empty sets". Numbers are sections of aws-behaviour.md (with the item of a numbered list in brackets), a letter and a number are
sections of aws-behaviour-2026.md. A test in C names them in a comment of its own on the line above it; each counts as one case.

    tests/coverage/sections.py            a line for each section
    tests/coverage/sections.py --items    and for each item of numbered lists
    tests/coverage/sections.py --titles   and the titles
"""

import argparse
import collections
import pathlib
import re

IN_C = re.compile(r"^/\* ((?:§|[A-L]\.\d).*) \*/\nstatic void (\w+)\(void \*\*state\)", re.MULTILINE)
TAG = re.compile(r"(?:§(\d+(?:\.\d+)?)|([A-L]\.\d+))((?:\(\d+\))*)[,:]?\s+")


def sections_of(title):
    """The sections named at the beginning of a title: (section, item) pairs, where item may be ""."""
    at = 0
    while match := TAG.match(title, at):
        at = match.end()
        section = match[1] or match[2]
        yield section, match[3]


def order(section):
    head, _, tail = section.partition(".")
    return (head.isalpha(), int(head) if head.isdigit() else head, int(tail or 0))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", action="store_true")
    parser.add_argument("--titles", action="store_true")
    options = parser.parse_args()
    cases = 0
    untagged = 0
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    tests = pathlib.Path(__file__).parents[1]
    for path in sorted(tests.rglob("*_test.c")):
        for match in IN_C.finditer(path.read_text()):
            cases += 1
            for section, item in sections_of(match[1] + " "):
                found[section][item].append(f"{path.name}: {match[2]}")
    for path in sorted(tests.rglob("*.test")):
        for line in path.read_text().splitlines():
            if line.startswith("== "):
                cases += 1
                named = list(sections_of(line[3:] + " "))
                untagged += not named
                for section, item in named:
                    found[section][item].append(f"{path.name}: {line[3:]}")
    for section in sorted(found, key=order):
        items = found[section]
        print(f"{section:6}{sum(map(len, items.values())):6}")
        for item in sorted(items, key=lambda text: [int(n) for n in re.findall(r"\d+", text)]):
            if options.items and item:
                print(f"  {item:8}{len(items[item]):4}")
            if options.titles:
                print("".join(f"        {title}\n" for title in items[item]), end="")
    print(f"{cases} cases, {untagged} of them name no section")


if __name__ == "__main__":
    main()
