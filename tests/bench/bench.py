#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stator beside a null server (the transport alone) and the oracles that are installed, under wrk: requests per second, latencies, and the
server's own processor time per request, which is the figure that two machines can compare. All servers stand side by side and are asked in turn,
so a ratio compares neighbours in time; what is shown is the median over the rounds of each round's ratio, with the least and the greatest.
Ends with the targets that the run can judge; the exit code doesn't depend on them. Standard library only.

Oracles: STATOR_DYNOXIDE (or `dynoxide` on PATH) names the program, STATOR_DDBLOCAL the directory of DynamoDBLocal.jar."""
import argparse
import datetime
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import targets as goals

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORKLOADS = ["get_item", "put_item", "update_item", "query_gsi_1", "query_100", "batch_write_25", "transact_write_2",
             "scan_filter_none", "get_item_1_connection"]
PARTITIONS = 100
ITEMS = 100  # in each
TICK = os.sysconf("SC_CLK_TCK")
AUTHORIZATION = ("AWS4-HMAC-SHA256 Credential=benchkey/20260101/us-east-1/dynamodb/aws4_request, "
                 "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0123456789abcdef" * 4)
TABLE = {
    "TableName": "bench",
    "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "ref")],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [{"IndexName": "by_ref", "KeySchema": [{"AttributeName": "ref", "KeyType": "HASH"}],
                                "Projection": {"ProjectionType": "ALL"}}],
    "BillingMode": "PAY_PER_REQUEST",
}
# What an answered write means, with --durable. Counted under strace: Dynoxide 1,495 fsyncs for 1,452 puts, Stator 15.8 puts a commit at 16 connections.
PROMISES = {
    "stator": "an acknowledged write is on disk; group commit: all writes that wait share one LMDB commit (two flushes)",
    "dynoxide": "an acknowledged write is on disk; SQLite's write-ahead log, one fsync for each write, nothing shared",
    "dynamodb-local": "nothing is promised: SQLite without a flush at each write",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def headers(operation):
    return {"X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": "20260101T000000Z", "Authorization": AUTHORIZATION}


def call(connection, operation, body):
    connection.request("POST", "/", json.dumps(body), headers(operation))
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"bench: {operation} was answered {answer.status}: {text[:300]!r}")
    return json.loads(text)


def item(p, s):
    """The same as item_json in lib.lua."""
    filler = ("Lorem ipsum dolor sit amet consectetur. " * 9)[:330]
    return {"pk": {"S": f"part-{p:05d}"}, "sk": {"S": f"item-{s:05d}"}, "ref": {"S": f"ref-{p:05d}-{s:05d}"}, "n": {"N": "1"},
            "state": {"S": "active"}, "ok": {"BOOL": True}, "tags": {"SS": ["blue", "green", "red"]},
            "place": {"M": {"city": {"S": "Utrecht"}, "zip": {"S": "3511AB"}}}, "note": {"S": filler}}


class Target:
    """A server to measure: how it is started, and where it keeps its data when that must last."""

    def __init__(self, name, command, is_null=False, promise=None):
        self.name = name
        self.promise = promise
        self.process = None
        self.command = command  # {port} and {dir} are filled in
        self.is_null = is_null

    def start(self):
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix="bench-")
        command = [a.format(port=self.port, dir=self.directory) for a in self.command]
        began = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.directory)
        while True:
            if self.process.poll() is not None:
                raise SystemExit(f"bench: {self.name} ended at once: {' '.join(command)}")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                connection.request("POST", "/", "{}", headers("ListTables"))
                connection.getresponse().read()
                break
            except ConnectionError:
                time.sleep(0.0005)
            if time.perf_counter() - began > 60:
                raise SystemExit(f"bench: {self.name} doesn't answer")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def rss_mb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text()).group(1)) / 1024

    def cpu_seconds(self):
        """Of all its threads. schedstat counts nanoseconds; stat only ticks, where the kernel has no schedstat."""
        try:
            tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except OSError:
            pass
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def probe(self, build):
        """Start to first answer in ms, and MB held then, by a program that costs nothing itself (start_probe.c)."""
        port, directory = free_port(), tempfile.mkdtemp(prefix="bench-")
        try:
            command = [str(build / "bench_start"), str(port), *(a.format(port=port, dir=directory) for a in self.command)]
            ms, kb = subprocess.run(command, check=True, capture_output=True, text=True, cwd=directory).stdout.split()
            return {"ms": float(ms), "idle_mb": int(kb) / 1024}
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def stripped_mb(self):
        """Of the program itself, as `strip` leaves it; None for what is no such program (java)."""
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory) / "stripped"
            done = subprocess.run(["strip", "-o", str(out), shutil.which(self.command[0])], capture_output=True)
            return out.stat().st_size / 1e6 if done.returncode == 0 and self.command[0] != "java" else None

    def load(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        call(connection, "CreateTable", TABLE)
        while call(connection, "DescribeTable", {"TableName": "bench"})["Table"]["TableStatus"] != "ACTIVE":
            pass
        for p in range(PARTITIONS):
            for first in range(0, ITEMS, 25):
                puts = [{"PutRequest": {"Item": item(p, s)}} for s in range(first, first + 25)]
                left = call(connection, "BatchWriteItem", {"RequestItems": {"bench": puts}})["UnprocessedItems"]
                if left:
                    raise SystemExit(f"bench: {self.name} left items unprocessed")


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def scan_page(target):
    """The items of the page that the Scan workload reads, as texts."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=120)
    return [json.dumps(i, separators=(",", ":")) for i in call(connection, "Scan", {"TableName": "bench"})["Items"]]


def json_parse_us(target, args):
    """What yyjson alone takes for those bytes."""
    with tempfile.NamedTemporaryFile("w", prefix="bench-") as file:
        file.write("\n".join(scan_page(target)))
        file.flush()
        command = [str(Path(args.build) / "bench_json_parse"), file.name, str(min(args.seconds, 1))]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_wrk(target, workload, args):
    connections, threads = args.connections, args.threads
    if workload.endswith("_1_connection"):
        workload, connections, threads = workload.removesuffix("_1_connection"), 1, 1
    env = dict(os.environ, BENCH_LUA=str(HERE))
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{args.seconds}s", "--latency", "--timeout", "30s",
               "-s", str(HERE / f"{workload}.lua"), f"http://127.0.0.1:{target.port}/"]
    before = target.cpu_seconds()
    text = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    used = target.cpu_seconds() - before
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", text)
    if bad and not target.is_null:
        print(f"bench: {target.name} {workload}: {bad.group(0)}", file=sys.stderr)
    count = int(re.search(r"(\d+) requests in", text).group(1))
    return {
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        "p50_us": microseconds(re.search(r"(?m)^\s+50%\s+(\S+)", text).group(1)),
        "p99_us": microseconds(re.search(r"(?m)^\s+99%\s+(\S+)", text).group(1)),
        "cpu_us": used * 1e6 / count if count else float("nan"),
        "errors": bad.group(0) if bad else None,
    }


def find_targets(args):
    build = Path(args.build)
    stator = str(build / "stator")
    null = str(build / "bench_null")
    where = ["-dbPath", "{dir}"] if args.durable else ["-inMemory"]
    promise = PROMISES if args.durable else {}
    targets = [Target("null", [null, "{port}", str(args.null_loops)], is_null=True),
               Target("stator", [stator, "-port", "{port}", *where], promise=promise.get("stator"))]
    for variant in args.variant:
        name, _, flags = variant.partition("=")
        targets.append(Target(name, [stator, "-port", "{port}", *where, *flags.split()]))
    for other in args.other:
        name, _, program = other.partition("=")
        targets.append(Target(name, [program, "-port", "{port}", *where]))
    dynoxide = os.environ.get("STATOR_DYNOXIDE") or shutil.which("dynoxide")
    if dynoxide:
        disk = ["--db-path", "{dir}/dynoxide.db"] if args.durable else []
        targets.append(Target("dynoxide", [dynoxide, "serve", "--port", "{port}", *disk], promise=promise.get("dynoxide")))
    local = os.environ.get("STATOR_DDBLOCAL")
    if local:
        targets.append(Target("dynamodb-local", ["java", f"-Djava.library.path={local}/DynamoDBLocal_lib", "-jar",
                                                 f"{local}/DynamoDBLocal.jar", "-sharedDb", "-port", "{port}", *where],
                              promise=promise.get("dynamodb-local")))
    targets = [t for t in targets if not args.only or t.name in args.only.split(",")]
    for target in targets:
        if not shutil.which(target.command[0]):
            raise SystemExit(f"bench: {target.command[0]} is not there (`./dev bench` builds ours; --build DIR says where they are)")
    return targets


class Run:
    """What was measured, round by round."""

    def __init__(self, targets, workloads):
        self.targets, self.workloads = targets, workloads
        self.samples = {t.name: {w: [] for w in workloads} for t in targets}
        self.starts = {t.name: [] for t in targets}
        self.loaded_mb = {t.name: [] for t in targets}
        self.json_parse_us = []

    def measure_starts(self, args):
        for n in range(args.starts):
            print(f"bench: start {n + 1} of {args.starts}", file=sys.stderr, end="\r" if n + 1 < args.starts else "\n")
            for target in self.targets:
                self.starts[target.name].append(target.probe(Path(args.build)))

    def start_all(self):
        for target in self.targets:
            target.process = None
        try:
            for target in self.targets:
                target.start()
                if not target.is_null:
                    target.load()
        except BaseException:
            self.stop_all()
            raise

    def stop_all(self):
        for target in self.targets:
            if target.process is not None:
                target.stop()
                target.process = None

    def measure_round(self, n, args):
        stator = next((t for t in self.targets if t.name == "stator"), None)
        for i, workload in enumerate(self.workloads):
            print(f"bench: round {n + 1} of {args.rounds}: {workload}", file=sys.stderr)
            if workload.startswith("scan") and stator:
                self.json_parse_us.append(json_parse_us(stator, args))
            first = (n + i) % len(self.targets)  # who is asked first changes
            for target in self.targets[first:] + self.targets[:first]:
                self.samples[target.name][workload].append(run_wrk(target, workload, args))
        for target in self.targets:
            self.loaded_mb[target.name].append(target.rss_mb())

    def measure(self, args):
        self.measure_starts(args)
        for n in range(args.rounds):
            if n == 0 or not args.quick:
                self.stop_all()
                self.start_all()
            try:
                self.measure_round(n, args)
            except BaseException:
                self.stop_all()
                raise
        self.stop_all()

    def ratio(self, name, other, workload, key):
        """Ours over theirs, round by round."""
        if other not in self.samples or name == other:
            return None
        return spread([a[key] / b[key] for a, b in zip(self.samples[name][workload], self.samples[other][workload]) if b[key]])

    def results(self):
        out = {}
        for name, by_workload in self.samples.items():
            out[name] = {}
            for workload, samples in by_workload.items():
                out[name][workload] = dict(median_of(samples), over_null=self.ratio(name, "null", workload, "cpu_us"),
                                           over_null_p50=self.ratio(name, "null", workload, "p50_us"),
                                           dynoxide_over=self.ratio("dynoxide", name, workload, "cpu_us") if "dynoxide" in self.samples else None)
        return out

    def servers(self):
        """What is known of each server as it stands."""
        return {t.name: {"start_ms": spread([s["ms"] for s in self.starts[t.name]]), "idle_mb": spread([s["idle_mb"] for s in self.starts[t.name]]),
                         "loaded_mb": spread(self.loaded_mb[t.name]), "stripped_mb": t.stripped_mb(), "promise": t.promise} for t in self.targets}

    def json_parse(self):
        """The filtered page over yyjson's own time, in the same round."""
        if not self.json_parse_us:
            return None
        scans = self.samples["stator"]["scan_filter_none"]
        return {"us": spread(self.json_parse_us), "stator_over": spread([s["cpu_us"] / us for s, us in zip(scans, self.json_parse_us)])}


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)} if values else None


def spread_text(s, digits=2):
    return f"{s['median']:.{digits}f} ({s['min']:.{digits}f}-{s['max']:.{digits}f})" if s else "-"


def median_of(samples):
    return {key: statistics.median(s[key] for s in samples) if key != "errors" else next((s[key] for s in samples if s[key]), None)
            for key in samples[0]}


def machine():
    """What the figures belong to, without a name or a path of the machine."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1))
    system = re.search(r'PRETTY_NAME="(.+?)"', Path("/etc/os-release").read_text()) if Path("/etc/os-release").exists() else None
    return {"cpu": cpu.group(1).strip() if cpu else os.uname().machine, "cores": len(os.sched_getaffinity(0)), "memory_gb": round(memory / 2**20),
            "kernel": os.uname().release.split("-")[0], "system": system.group(1) if system else "Linux"}


def filesystem(directory):
    """The type of what a directory lies on."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    real = os.path.realpath(directory)
    return max((m for m in mounts if os.path.commonpath([m[0], real]) == m[0]), key=lambda m: len(m[0]), default=["", "?"])[1]


def version(args):
    said = subprocess.run([str(Path(args.build) / "stator"), "-version"], capture_output=True, text=True).stdout
    commit = re.search(r"commit[: ]+([0-9a-f]+)", said)
    return (said.splitlines() or ["?"])[0] + (f" ({commit.group(1)})" if commit else "")


def write_json(path, kind, args, **data):
    """What `./dev bench --report` draws; paths of this machine stay out of it."""
    document = {"kind": kind, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "machine": machine(),
                "version": version(args), **data}
    rounded = json.loads(json.dumps(document), parse_float=lambda text: float(f"{float(text):.4g}"))
    Path(path).write_text(json.dumps(rounded, separators=(",", ":")).replace('},"', '},\n"') + "\n")


def print_tables(run, results, servers):
    names = [t.name for t in run.targets]
    wide = max(len(n) for n in names) + 2
    print(f"{'workload':<22}{'target':<{wide}}{'req/s':>9}{'p50 us':>9}{'p99 us':>9}{'CPU us':>9}  {'CPU x null (spread)':<20}  {'Dynoxide CPU / ours':<22}")
    for workload in run.workloads:
        for name in names:
            r = results[name][workload]
            print(f"{workload:<22}{name:<{wide}}{r['requests_per_second']:>9.0f}{r['p50_us']:>9.0f}{r['p99_us']:>9.0f}{r['cpu_us']:>9.1f}  "
                  f"{spread_text(r['over_null']):<20}  {spread_text(r['dynoxide_over'], 1):<22}"
                  f"{r['errors'] if r['errors'] and name != 'null' else ''}".rstrip())
    print(f"\n{'target':<{wide}}{'first answer ms (spread)':>26}{'idle MB':>10}{'loaded MB':>11}{'stripped MB':>13}")
    for name, s in servers.items():
        size = f"{s['stripped_mb']:.2f}" if s["stripped_mb"] else "-"
        print(f"{name:<{wide}}{spread_text(s['start_ms'], 1):>26}{s['idle_mb']['median'] if s['idle_mb'] else 0:>10.1f}{s['loaded_mb']['median']:>11.1f}{size:>13}")
    for name, s in servers.items():
        if s["promise"]:
            print(f"{name}: {s['promise']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build" / "release"), help="where stator and bench_null are")
    parser.add_argument("--seconds", type=int, default=6, help="of each workload (6)")
    parser.add_argument("--rounds", type=int, default=3, help="the median is shown (3)")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1, help="of wrk (1)")
    parser.add_argument("--durable", action="store_true", help="on disk instead of in memory")
    parser.add_argument("--workloads", help="comma-separated; all: " + ",".join(WORKLOADS))
    parser.add_argument("--only", help="comma-separated names of targets")
    parser.add_argument("--variant", action="append", default=[], metavar="NAME=FLAGS", help="stator once more, with further flags")
    parser.add_argument("--other", action="append", default=[], metavar="NAME=PROGRAM", help="another build of stator")
    parser.add_argument("--null-loops", type=int, default=min(os.cpu_count(), 4))
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 1 s, servers started once, 5 starts")
    parser.add_argument("--starts", type=int, default=15, help="how often the start to the first answer is measured (15)")
    args = parser.parse_args()
    if args.quick:
        args.seconds, args.starts = 1, 5
    if not shutil.which("wrk"):
        raise SystemExit("bench: wrk is not installed")
    run = Run(find_targets(args), args.workloads.split(",") if args.workloads else WORKLOADS)
    if args.durable:
        print(f"on {filesystem(tempfile.gettempdir())} (TMPDIR chooses another place)")
    run.measure(args)
    results, servers, json_parse = run.results(), run.servers(), run.json_parse()
    print_tables(run, results, servers)
    data = {"durable": args.durable, "quick": args.quick, "rounds": args.rounds, "seconds": args.seconds, "connections": args.connections,
            "starts": args.starts, "results": results, "servers": servers, "json_parse": json_parse, "samples": run.samples}
    if args.durable:
        data["filesystem"] = filesystem(tempfile.gettempdir())
    data["targets"] = goals.of_bench(data)
    goals.show(data["targets"])
    if args.json:
        write_json(args.json, "durable" if args.durable else "bench", args, **data)


if __name__ == "__main__":
    main()
