#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stator beside a null server (the transport alone) and the oracles that are installed, under wrk: requests per second, latencies, and the
server's own processor time per request, which is the figure that two machines can compare. Standard library only.

Oracles: STATOR_DYNOXIDE (or `dynoxide` on PATH) names the program, STATOR_DDBLOCAL the directory of DynamoDBLocal.jar."""
import argparse
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

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORKLOADS = ["get_item", "put_item", "update_item", "query_gsi_1", "query_100", "batch_write_25", "transact_write_2",
             "scan_filter_none"]
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

    def __init__(self, name, command, is_null=False):
        self.name = name
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
        self.start_ms = (time.perf_counter() - began) * 1000
        self.idle_rss_mb = self.rss_mb()

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


def run_wrk(target, workload, args):
    env = dict(os.environ, BENCH_LUA=str(HERE))
    command = ["wrk", f"-t{args.threads}", f"-c{args.connections}", f"-d{args.seconds}s", "--latency", "--timeout", "30s",
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
    targets = [Target("null", [null, "{port}", str(args.null_loops)], is_null=True),
               Target("stator", [stator, "-port", "{port}", *where])]
    for variant in args.variant:
        name, _, flags = variant.partition("=")
        targets.append(Target(name, [stator, "-port", "{port}", *where, *flags.split()]))
    for other in args.other:
        name, _, program = other.partition("=")
        targets.append(Target(name, [program, "-port", "{port}", *where]))
    dynoxide = os.environ.get("STATOR_DYNOXIDE") or shutil.which("dynoxide")
    if dynoxide:
        disk = ["--db-path", "{dir}/dynoxide.db"] if args.durable else []
        targets.append(Target("dynoxide", [dynoxide, "serve", "--port", "{port}", *disk]))
    local = os.environ.get("STATOR_DDBLOCAL")
    if local:
        targets.append(Target("dynamodb-local", ["java", f"-Djava.library.path={local}/DynamoDBLocal_lib", "-jar",
                                                 f"{local}/DynamoDBLocal.jar", "-sharedDb", "-port", "{port}", *where]))
    targets = [t for t in targets if not args.only or t.name in args.only.split(",")]
    for target in targets:
        if not shutil.which(target.command[0]):
            raise SystemExit(f"bench: {target.command[0]} is not there (`./dev bench` builds ours; --build DIR says where they are)")
    return targets


def measure(targets, args):
    workloads = args.workloads.split(",") if args.workloads else WORKLOADS
    samples = {t.name: {w: [] for w in workloads} for t in targets}
    starts = {t.name: [] for t in targets}
    for n in range(args.rounds):
        for target in targets:
            print(f"bench: round {n + 1} of {args.rounds}: {target.name}", file=sys.stderr)
            target.start()
            try:
                starts[target.name].append({"start_ms": target.start_ms, "idle_rss_mb": target.idle_rss_mb})
                if not target.is_null:
                    target.load()
                for workload in workloads:
                    samples[target.name][workload].append(run_wrk(target, workload, args))
                starts[target.name][-1]["loaded_rss_mb"] = target.rss_mb()
            finally:
                target.stop()
    return samples, starts


def median_of(samples):
    return {key: statistics.median(s[key] for s in samples) if key != "errors" else next((s[key] for s in samples if s[key]), None)
            for key in samples[0]}


def print_tables(results, starts, targets):
    names = [t.name for t in targets]
    print(f"{'workload':<18}{'target':<16}{'req/s':>10}{'p50 us':>10}{'p99 us':>10}{'CPU us':>10}{'x null':>9}{'x dynoxide':>12}")
    for workload in next(iter(results.values())):
        base = results["null"][workload]["cpu_us"] if "null" in results else None
        rival = results["dynoxide"][workload] if "dynoxide" in results else None
        for name in names:
            r = results[name][workload]
            over_null = f"{r['cpu_us'] / base:.2f}" if base else "-"
            faster = f"{r['requests_per_second'] / rival['requests_per_second']:.2f}" if rival and name != "dynoxide" else "-"
            print(f"{workload:<18}{name:<16}{r['requests_per_second']:>10.0f}{r['p50_us']:>10.0f}{r['p99_us']:>10.0f}"
                  f"{r['cpu_us']:>10.1f}{over_null:>9}{faster:>12}{'  ' + r['errors'] if r['errors'] and name != 'null' else ''}")
    print(f"\n{'target':<16}{'first answer ms':>16}{'idle MB':>10}{'loaded MB':>11}")
    for name in names:
        s = {key: statistics.median(x[key] for x in starts[name]) for key in starts[name][0]}
        print(f"{name:<16}{s['start_ms']:>16.1f}{s['idle_rss_mb']:>10.1f}{s['loaded_rss_mb']:>11.1f}")


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
    args = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("bench: wrk is not installed")
    targets = find_targets(args)
    samples, starts = measure(targets, args)
    results = {name: {w: median_of(s) for w, s in by_workload.items()} for name, by_workload in samples.items()}
    print_tables(results, starts, targets)
    if args.json:
        Path(args.json).write_text(json.dumps({"results": results, "samples": samples, "starts": starts, "arguments": vars(args)},
                                              indent=1))


if __name__ == "__main__":
    main()
