#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the comparison, the scale bench, the cores bench and the one of signatures and TLS, keeps their data beside the charts, and draws. What README shows of it is written
between its marks, every target beside its figure in figures.md. The hour of mixed load is drawn from its file, when it is there.

  ./dev bench --report                  all of it (about 10 minutes)
  ./dev bench --report --json FILE      takes FILE for the run of its kind (`./dev bench --json FILE`, `--scale --json` and so on)
  ./dev bench --report --from FILE|DIR  runs nothing; --from without a name: what lies beside the charts"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import targets as goals

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHARTS = HERE / "charts"
RUNS = {"bench": "bench.py", "scale": "scale.py", "cores": "cores.py", "secured": "secured.py"}
NUMBERS = {"bench": ("requests_per_second", "p50_us", "p99_us", "cpu_us"), "items": ("items", "get", "put", "query", "query_gsi"),
           "puts": ("connections", "rate", "lmdb_rate"), "cores": ("loops", "rate", "cpu_us"), "soak": ("seconds", "rss", "heap", "data"),
           "ways": ("rate", "p50_us", "cpu_us")}


class Broken(Exception):
    """One line for the user."""


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value and abs(value) != float("inf")


def want(holder, key, kind, where):
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, kind) or (kind in (dict, list) and not value):
        raise Broken(f"{where}{key} is missing or is none")
    return value


def want_numbers(holder, which, where):
    for key in NUMBERS[which]:
        if not isinstance(holder, dict) or not is_number(holder.get(key)):
            raise Broken(f"{where}{key} is no number")


def check_bench(data):
    results = want(data, "results", dict, "")
    ours = want(results, "stator", dict, "results.")
    for name, works in results.items():
        for work in ours:
            want_numbers(want(works, work, dict, f"results.{name}."), "bench", f"results.{name}.{work}.")
    servers = want(data, "servers", dict, "")
    for name in results:
        server = want(servers, name, dict, "servers.")
        for key in ("idle_mb", "loaded_mb"):
            if not is_number(want(server, key, dict, f"servers.{name}.").get("median")):
                raise Broken(f"servers.{name}.{key}.median is no number")
    if not is_number(data.get("connections")):
        raise Broken("connections is no number")


def check_scale(data):
    parts = want(data, "parts", dict, "")
    for i, row in enumerate(parts.get("items", [])):
        want_numbers(row, "items", f"parts.items[{i}].")
    if "durable" in parts:
        want(parts["durable"], "filesystem", str, "parts.durable.")
        for name in {"stator"} | set(parts["durable"]) - {"filesystem"}:
            for i, row in enumerate(want(want(parts["durable"], name, dict, "parts.durable."), "puts", list, f"parts.durable.{name}.")):
                want_numbers(row, "puts", f"parts.durable.{name}.puts[{i}].")


def check_cores(data):
    for i, row in enumerate(want(data, "cores", list, "")):
        want_numbers(row, "cores", f"cores[{i}].")
        want(row, "workload", str, f"cores[{i}].")


def check_soak(data):
    for i, row in enumerate(want(data, "samples", list, "")):
        want_numbers(row, "soak", f"samples[{i}].")
    for key in ("rate", "minutes"):
        if not is_number(data.get(key)):
            raise Broken(f"{key} is no number")
    for holder in ("growth_mb", "bounds_mb"):
        for key in ("heap", "rss"):
            if not is_number(want(data, holder, dict, "").get(key)):
                raise Broken(f"{holder}.{key} is no number")


def check_secured(data):
    ways = want(data, "ways", dict, "")
    for name in {"shape", "verify"} | set(ways):
        want_numbers(want(ways, name, dict, "ways."), "ways", f"ways.{name}.")
        for key in ("median", "min", "max"):
            if not is_number(want(ways[name], "kept", dict, f"ways.{name}.").get(key)):
                raise Broken(f"ways.{name}.kept.{key} is no number")


CHECKS = {"bench": check_bench, "scale": check_scale, "cores": check_cores, "secured": check_secured, "soak": check_soak}


def read(path):
    """One run's data, looked at from top to bottom, so that drawing can't fail on them."""
    try:
        data = json.loads(path.read_text())
    except OSError as error:
        raise Broken(f"{path.name}: {error.strerror}") from None
    except ValueError as error:
        raise Broken(f"{path.name}: not JSON: {error}") from None
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind not in CHECKS:
        raise Broken(f"{path.name}: its \"kind\" is none of {', '.join(CHECKS)}: not written by ./dev bench --json")
    try:
        want(data, "date", str, "")
        for key in ("cpu", "system", "kernel"):
            want(want(data, "machine", dict, ""), key, str, "machine.")
        CHECKS[kind](data)
    except Broken as error:
        raise Broken(f"{path.name}: {error}") from None
    return data


def gather(names):
    """kind → data of files and folders."""
    files = []
    for name in names:
        files += sorted(Path(name).glob("*.json")) if Path(name).is_dir() else [Path(name)]
    if not files:
        raise Broken("no data: run ./dev bench --report once without --from")
    return {data["kind"]: data for data in map(read, files)}


def run(kind, args):
    script = RUNS[kind]
    out = args.out / f"{kind}.json"
    command = [sys.executable, "-B", str(HERE / script), *(["--quick"] if args.quick else ["--seconds", str(args.seconds)]), "--json", str(out)]
    if kind == "scale" and args.items:
        command += ["--items", args.items]
    if args.build:
        command += ["--build", args.build]
    print(f"report: {kind}", file=sys.stderr, flush=True)
    if subprocess.run(command).returncode != 0:
        raise Broken(f"{script} failed")
    return read(out)


def of_soak(data):
    made, what = data["growth_mb"], f"{data['minutes']:.0f} minutes of mixed load, growth in their second half:"
    return [goals.row(f"{what} heap", made["heap"], data["bounds_mb"]["heap"], "MB"), goals.row(f"{what} all", made["rss"], data["bounds_mb"]["rss"], "MB")]


def target_rows(data):
    rows = goals.of_bench(data["bench"]) if "bench" in data else []
    rows += goals.of_scale(data["scale"]["parts"]) if "scale" in data else []
    rows += goals.of_secured(data["secured"]["ways"]) if "secured" in data else []
    return rows + (of_soak(data["soak"]) if "soak" in data else [])


def told_machine(data):
    m = data["machine"]
    return f"{m['cpu']}, {m['cores']} cores, {m['memory_gb']} GB, Linux {m['kernel']}, {m['system']}"


def figures(data):
    """figures.md: every target, and what is no chart."""
    lines = ["# Figures of the last run", "", "Written by `./dev bench --report`; the data lie beside.", ""]
    for kind, made in data.items():
        quick = ", a quick run" if made.get("quick") else ""
        lines.append(f"- {kind}: {made['date']}, {made.get('version', 'stator')}, {told_machine(made)}{quick}")
    lines += ["", "| Target | Measured | Spread | Wanted | Met |", "|---|---|---|---|---|"]
    for r in target_rows(data):
        spread = f"{r['spread'][0]:.2f}–{r['spread'][1]:.2f}" if "spread" in r else ""
        sense = "≥" if r["sense"] == ">=" else "≤"
        lines.append(f"| {r['name']} | {r['value']:.2f} {r['unit']} | {spread} | {sense} {r['target']:.2f} {r['unit']} | {'yes' if r['met'] else 'no'} |")
    for made in data.get("cores", {}).get("cores", []):
        if made is data["cores"]["cores"][0]:
            lines += ["", "| Cores: work | Loops | requests/s | CPU µs | Server busy | wrk busy | Cores shared | What binds |", "|---|---|---|---|---|---|---|---|"]
        lines.append(f"| {made['workload']} | {made['loops']} | {made['rate']:.0f} | {made['cpu_us']:.1f} | {made['server_busy']:.2f} | "
                     f"{made['generator_busy']:.2f} | {'yes' if made['shared'] else 'no'} | {made['binds']} |")
    lines += secured_lines(data.get("secured", {}).get("ways", {}))
    return "\n".join([*lines, *scale_lines(data.get("scale", {}).get("parts", {}))]) + "\n"


def secured_lines(ways):
    titles = {"shape": "http, signatures by their shape (the default)", "verify": "http, `-auth verify`", "tls": "https (`-tls`)", "tls+verify": "https, `-auth verify`"}
    lines = ["", "| GetItem over | requests/s | p50 µs | CPU µs | Throughput kept | Spread |", "|---|---|---|---|---|---|"] if ways else []
    for name, r in ways.items():
        kept = r["kept"]
        lines.append(f"| {titles.get(name, name)} | {r['rate']:,.0f} | {r['p50_us']:.0f} | {r['cpu_us']:.1f} | {kept['median']:.2f} | {kept['min']:.2f}–{kept['max']:.2f} |")
    return lines


def scale_lines(parts):
    lines = []
    if "items" in parts:
        lines += ["", "| Items | load rows/s | GetItem µs | PutItem µs | Query 10 µs | GSI Query µs | GSI fill rows/s | MB |", "|---|---|---|---|---|---|---|---|"]
        for r in parts["items"]:
            lines.append(f"| {r['items']:,} | {r['load_rows']:,.0f} | {r['get']:.1f} | {r['put']:.1f} | {r['query']:.1f} | {r['query_gsi']:.1f} | "
                         f"{format(r['fill_rows'], ',.0f') if r['fill_rows'] else ''} | {r['mb']:,.0f} |")
    beside = {"delete": "DeleteTable of {items:,} items, answered in {answer_ms:.1f} ms", "ttl": "TTL of {items:,} items due at once, gone in {gone_s:.1f} s",
              "connections": "{count:,} idle connections, {kb_each:.2f} KB each"}
    if any(part in parts for part in beside):
        lines += ["", "| GetItem beside | p50 µs alone | beside | p99 µs alone | beside |", "|---|---|---|---|---|"]
        for part in [p for p in beside if p in parts]:
            r = parts[part]
            lines.append(f"| {beside[part].format(**r)} | {r['alone_p50_us']:.0f} | {r['p50_us']:.0f} | {r['alone_p99_us']:.0f} | {r['p99_us']:.0f} |")
    if "large" in parts:
        r = parts["large"]
        lines += ["", f"100 KB overwritten at random among {r['items']:,}: {r['rate']:,.0f}/s, then {r['second_rate']:,.0f}/s, {r['cpu_us']:.0f} µs of CPU, "
                      f"{r['mb']:.0f} MB, then {r['second_mb']:.0f} MB."]
    return lines


WORK_ROWS = [("get_item", "GetItem, 0.6 KB"), ("put_item", "PutItem with a GSI, a changed item"), ("update_item", "UpdateItem, condition and arithmetic"),
             ("query_gsi_1", "Query of a GSI, 1 item"), ("query_100", "Query of 100 items"), ("batch_write_25", "BatchWriteItem of 25"),
             ("transact_write_2", "TransactWriteItems of 2"), ("scan_filter_none", "Scan page, filter matches none")]


def short(value):
    return f"{value:,.1f}" if value < 30 else f"{value:,.0f}"


def readme_block(data, names, folder):
    """What stands between the marks: when and where, the table, the charts."""
    bench = data["bench"]
    quick = " A quick run: read it as ± 30 %." if bench.get("quick") else ""
    lines = [f"One run of `./dev bench --report` on {bench['date'][:10]}: {told_machine(bench)}; server and load generator share the machine. In memory, wrk with "
             f"{bench['connections']} connections, {bench['rounds']} rounds of {bench['seconds']} s, medians.{quick} The server's own CPU time per request is the figure "
             "that carries over to other machines; \"null\" is the same transport with a fixed answer.", ""]
    shown = [n for n in ("null", "stator", "dynoxide") if n in bench["results"]]
    titles = {"null": "null", "stator": "Stator", "dynoxide": "Dynoxide 1.5"}
    rated = [n for n in shown if n != "null"]
    lines.append("| Work | " + " | ".join(f"{titles[n]} µs" for n in shown) + " | " + " | ".join(f"{titles[n]} requests/s" for n in rated) + " |")
    lines.append("|---" * (1 + len(shown) + len(rated)) + "|")
    for work, title in WORK_ROWS:
        if work in bench["results"]["stator"]:
            lines.append(f"| {title} | " + " | ".join(short(bench["results"][n][work]["cpu_us"]) for n in shown) + " | " +
                         " | ".join(f"{bench['results'][n][work]['requests_per_second']:,.0f}" for n in rated) + " |")
    if bench["servers"]["stator"].get("start_ms"):
        cells = [f"{bench['servers'][n]['start_ms']['median']:.1f} ms; {bench['servers'][n]['idle_mb']['median']:.1f} MB" for n in shown]
        lines.append("| start to first answer; idle memory | " + " | ".join(cells) + " |" + " |" * len(rated))
    titles = {"throughput": "Throughput", "cpu": "CPU per request", "latency": "Latency", "memory": "Memory", "scale": "Cost by the number of items",
              "durable": "Durable writes", "cores": "One loop and two"}
    lines += ["", *(f"![{titles[n]}]({folder}/{n}.svg)" for n in names), ""]
    rows = target_rows(data)
    lines.append(f"{sum(r['met'] for r in rows)} of {len(rows)} targets were met in this run; [figures.md]({folder}/figures.md) has each beside its figure, and what is no chart.")
    return "\n".join(lines)


MARKS = ("<!-- figures: written by ./dev bench --report -->", "<!-- end of figures -->")


def write_readme(path, block):
    text = path.read_text()
    if text.count(MARKS[0]) != 1 or text.count(MARKS[1]) != 1:
        raise Broken(f"{path.name} lacks the marks that the figures stand between: {MARKS[0]} … {MARKS[1]}")
    path.write_text(re.sub(f"{re.escape(MARKS[0])}.*{re.escape(MARKS[1])}", lambda _: f"{MARKS[0]}\n{block}\n{MARKS[1]}", text, flags=re.S))


def report(args):
    if args.source is not None:
        data = gather(args.source or [args.out])
    else:
        args.out.mkdir(parents=True, exist_ok=True)
        data = gather(args.json) if args.json else {}
        for kind in RUNS:
            data[kind] = data.get(kind) or run(kind, args)
        if "soak" not in data and (args.out / "soak.json").exists():
            data["soak"] = read(args.out / "soak.json")
    args.out.mkdir(parents=True, exist_ok=True)
    import charts  # after the data were found good: matplotlib is slow to load
    data = {kind: data[kind] for kind in CHECKS if kind in data}
    names = charts.draw(data, args.out)
    for kind, made in data.items():
        (args.out / f"{kind}.json").write_text(json.dumps(made, separators=(",", ":"), ensure_ascii=False).replace('},"', '},\n"') + "\n")
    (args.out / "figures.md").write_text(figures(data))
    if args.out.resolve() == CHARTS and "bench" in data:
        write_readme(ROOT / "README.md", readme_block(data, names, CHARTS.relative_to(ROOT)))
    goals.show(target_rows(data))
    print(f"report: {', '.join(names)}: {len(names)} charts")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench --report", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", nargs="*", metavar="FILE|DIR", help="run nothing, draw these data")
    parser.add_argument("--json", action="append", default=[], metavar="FILE", help="take the run of that kind from there")
    parser.add_argument("--out", type=Path, default=CHARTS, metavar="DIR", help="where charts and data go (tests/bench/charts; README is written only then)")
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement (2)")
    parser.add_argument("--quick", action="store_true", help="short runs, to try it out")
    parser.add_argument("--items", help="numbers of items of the scale bench")
    parser.add_argument("--build", help="where the programs are")
    args = parser.parse_args()
    try:
        report(args)
    except Broken as error:
        sys.exit(f"report: {error}")


if __name__ == "__main__":
    main()
