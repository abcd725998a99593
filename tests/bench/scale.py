#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an operation costs when there is much: many items, large items, many tables, many connections; and durable writes beside what LMDB
and the disk alone do. Server processor time per request, as in bench.py. Standard library and wrk only."""
import argparse
import http.client
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import bench
from bench import call

PARTS = ["items", "delete", "ttl", "large", "tables", "connections", "durable"]
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
INDEX = {"IndexName": "by_ref", "KeySchema": [{"AttributeName": "ref", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}


def table(name, has_index=True):
    names = ["pk", "sk"] + (["ref"] if has_index else [])
    out = {"TableName": name, "KeySchema": KEYS, "BillingMode": "PAY_PER_REQUEST",
           "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in names]}
    return dict(out, GlobalSecondaryIndexes=[INDEX]) if has_index else out


class Server(bench.Target):
    def __init__(self, args, flags=("-inMemory",)):
        super().__init__("stator", [str(Path(args.build) / "stator"), "-port", "{port}", *flags])

    def __enter__(self):
        self.start()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        return self

    def __exit__(self, *_):
        self.stop()

    def call(self, operation, body):
        return call(self.connection, operation, body)

    def wrk(self, operation, seconds, connections=16, **env):
        """Requests per second, p50, p99 and processor time per request."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "60s", "-s",
                   str(bench.HERE / "scale.lua"), f"http://127.0.0.1:{self.port}/"]
        env = {"BENCH_" + k.upper(): str(v) for k, v in env.items()}
        before = self.cpu_seconds()
        text = subprocess.run(command, env=dict(os.environ, BENCH_LUA=str(bench.HERE), BENCH_OP=operation, **env), check=True,
                              capture_output=True, text=True).stdout
        used = self.cpu_seconds() - before
        bad = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", text)
        if bad:
            print(f"scale: {operation}: {bad.group(0)}", file=sys.stderr)
        count = re.search(r"(\d+) requests in", text).group(1)
        return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), "cpu_us": used * 1e6 / int(count),
                "p50": bench.microseconds(re.search(r"(?m)^\s+50%\s+(\S+)", text).group(1)),
                "p99": bench.microseconds(re.search(r"(?m)^\s+99%\s+(\S+)", text).group(1))}

    def load(self, items, name="bench", **env):
        """Rows a second, by BatchWriteItem of 25 over 16 connections. wrk is stopped when all are there."""
        env = {"BENCH_" + k.upper(): str(v) for k, v in dict(env, items=items, table=name).items()}
        began = time.perf_counter()
        process = subprocess.Popen(["wrk", "-t1", "-c16", "-d600s", "--timeout", "60s", "-s", str(bench.HERE / "scale.lua"),
                                    f"http://127.0.0.1:{self.port}/"], stdout=subprocess.DEVNULL,
                                   env=dict(os.environ, BENCH_LUA=str(bench.HERE), BENCH_OP="load", **env))
        self.wait_items(name, items, 600)
        took = time.perf_counter() - began
        process.send_signal(signal.SIGINT)
        process.wait()
        return items / took

    def wait_items(self, name, count, limit=120):
        while self.call("DescribeTable", {"TableName": name})["Table"]["ItemCount"] != count:
            if (limit := limit - 0.02) < 0:
                raise SystemExit(f"scale: {name} does not come to {count} items")
            time.sleep(0.02)


def show(text):
    print(text, flush=True)


def items(args):
    """The same operations with ever more items; loading; a backfill."""
    show(f"\n{'items':>10}{'load rows/s':>13}{'GetItem':>9}{'PutItem':>9}{'Query 10':>10}{'GSI Query':>11}{'GSI fill rows/s':>17}{'MB':>8}   (CPU us)")
    for count in args.items:
        with Server(args) as server:
            server.call("CreateTable", table("bench"))
            rate = server.load(count)
            cost = [server.wrk(op, args.seconds, items=count)["cpu_us"] for op in ("get", "put", "query", "query_gsi")]
            fill = 0.0
            if count <= args.fill_max:
                server.call("UpdateTable", {"TableName": "bench", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_ref"}}]})
                began = time.perf_counter()
                server.call("UpdateTable", {"TableName": "bench", "AttributeDefinitions": table("bench")["AttributeDefinitions"],
                                            "GlobalSecondaryIndexUpdates": [{"Create": dict(INDEX, IndexName="again")}]})
                while server.call("DescribeTable", {"TableName": "bench"})["Table"]["GlobalSecondaryIndexes"][-1]["IndexStatus"] != "ACTIVE":
                    time.sleep(0.005)
                fill = count / (time.perf_counter() - began)
            show(f"{count:>10}{rate:>13.0f}{cost[0]:>9.1f}{cost[1]:>9.1f}{cost[2]:>10.1f}{cost[3]:>11.1f}{fill:>17.0f}{server.rss_mb():>8.0f}")


def delete(args):
    """GetItem on one table while another goes away."""
    count = min(max(args.items), args.delete_max)
    with Server(args) as server:
        server.call("CreateTable", table("bench"))
        server.call("CreateTable", table("small"))
        server.load(count)
        server.load(10000, name="small")
        alone = server.wrk("get", args.seconds, items=10000, table="small")
        began = time.perf_counter()
        server.call("DeleteTable", {"TableName": "bench"})
        took = (time.perf_counter() - began) * 1000
        beside = server.wrk("get", args.seconds, items=10000, table="small")
        server.call("CreateTable", table("bench"))
        show(f"\nDeleteTable of {count} items: answered in {took:.1f} ms; GetItem elsewhere: p50 {alone['p50']:.0f} -> {beside['p50']:.0f} us, "
             f"p99 {alone['p99']:.0f} -> {beside['p99']:.0f} us ({beside['p99'] / alone['p99']:.1f} x)")


def ttl(args):
    """A million items are due at once."""
    count = args.due
    with Server(args) as server:
        server.call("CreateTable", table("bench"))
        server.call("CreateTable", table("small"))
        server.load(10000, name="small")
        server.load(count, due=int(time.time()) - 3600)
        server.call("UpdateTimeToLive", {"TableName": "bench", "TimeToLiveSpecification": {"AttributeName": "due", "Enabled": True}})
        began = time.perf_counter()
        beside = server.wrk("get", args.seconds, items=10000, table="small")
        server.wait_items("bench", 0)
        took = time.perf_counter() - began
        alone = server.wrk("get", args.seconds, items=10000, table="small")
        show(f"\nTTL of {count} due items: gone in {took:.1f} s beside GetItem with all its connections; GetItem p50 {alone['p50']:.0f} -> "
             f"{beside['p50']:.0f} us, p99 {alone['p99']:.0f} -> {beside['p99']:.0f} us ({beside['p99'] / alone['p99']:.1f} x)")


def large(args):
    """Items of 100 KB overwritten at random: what is freed must be used again."""
    with Server(args) as server:
        server.call("CreateTable", table("bench", has_index=False))
        began = time.perf_counter()
        with_pad = {"pad": 100000, "table": "bench"}
        server.wrk("put", 2, items=10000, **with_pad)
        first = server.wrk("put", args.seconds * 2, items=10000, **with_pad)
        first_mb = server.rss_mb()
        second = server.wrk("put", args.seconds * 2, items=10000, **with_pad)
        server.wait_items("bench", server.call("DescribeTable", {"TableName": "bench"})["Table"]["ItemCount"])
        count = server.call("DescribeTable", {"TableName": "bench"})["Table"]["ItemCount"]
        show(f"\n100 KB overwritten at random among {count}: {first['rate']:.0f}/s, then {second['rate']:.0f}/s, CPU {second['cpu_us']:.0f} us, p99 "
             f"{second['p99'] / 1000:.1f} ms; {first_mb:.0f} MB, then {server.rss_mb():.0f} MB ({time.perf_counter() - began:.0f} s)")


def tables(args):
    """GetItem in one of a thousand tables beside the only one."""
    out = []
    for count in (1, 1000):
        with Server(args) as server:
            for i in range(count):
                server.call("CreateTable", table(f"t{i:04d}", has_index=False))
            for i in range(count):
                puts = [{"PutRequest": {"Item": {"pk": {"S": "p0000000"}, "sk": {"S": f"s{k:02d}"}, "n": {"N": "1"}}}} for k in range(10)]
                server.call("BatchWriteItem", {"RequestItems": {f"t{i:04d}": puts}})
            out.append(statistics.median(server.wrk("get_any_table", args.seconds, items=10, tables=count)["cpu_us"] for _ in range(3)))
    show(f"\nGetItem among 1 table {out[0]:.2f} us, among 1,000 tables {out[1]:.2f} us of CPU ({out[1] / out[0]:.2f} x)")


def connections(args):
    """Idle connections: memory, and the latency of a busy one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10000, hard - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Server(args) as server:
        server.call("CreateTable", table("bench"))
        server.load(10000)
        alone = server.wrk("get", args.seconds, items=10000)
        before = server.rss_mb()
        idle = []
        for _ in range(count):
            s = socket.create_connection(("127.0.0.1", server.port))
            idle.append(s)
        for s in idle[::100]:
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            s.recv(4096)
        per = (server.rss_mb() - before) * 1024 / count
        beside = server.wrk("get", args.seconds, items=10000)
        for s in idle:
            s.close()
        show(f"\n{count} idle connections: {per:.2f} KB each; GetItem p50 {alone['p50']:.0f} -> {beside['p50']:.0f} us, p99 {alone['p99']:.0f} -> "
             f"{beside['p99']:.0f} us, CPU {alone['cpu_us']:.1f} -> {beside['cpu_us']:.1f} us")


def lmdb_rate(args, batch):
    directory = tempfile.mkdtemp(prefix="bench-", dir=args.disk)
    try:
        command = [str(Path(args.build) / "bench_lmdb_commit"), directory, str(batch), str(args.seconds)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    finally:
        shutil.rmtree(directory)


def wrk_put(target, count, seconds):
    """bench.py's changed items of 0.6 KB."""
    options = argparse.Namespace(threads=1, connections=count, seconds=seconds)
    return bench.run_wrk(target, "put_item", options)


def durable(args):
    """PutItem on disk beside the same batches by LMDB alone, and beside Dynoxide; GetItem beside durable writers."""
    os.environ["TMPDIR"] = args.disk
    tempfile.tempdir = None
    targets = [bench.Target("stator", [str(Path(args.build) / "stator"), "-port", "{port}", "-dbPath", "{dir}"])]
    rival = os.environ.get("STATOR_DYNOXIDE") or shutil.which("dynoxide")
    if rival:
        targets.append(bench.Target("dynoxide", [rival, "serve", "--port", "{port}", "--db-path", "{dir}/dynoxide.db"]))
    show(f"\n{'durable PutItem':<18}{'connections':>12}{'puts/s':>9}{'LMDB alone':>12}{'ratio':>7}{'p50 us':>9}{'p99 us':>9}{'CPU us':>9}")
    for target in targets:
        target.start()
        try:
            target.load()
            for count in (16, 256):
                # The disk changes from second to second: what it does alone is measured before and after.
                alone = [lmdb_rate(args, count)]
                got = wrk_put(target, count, args.seconds * 2)
                alone.append(lmdb_rate(args, count))
                rate = statistics.mean(alone)
                show(f"{target.name:<18}{count:>12}{got['requests_per_second']:>9.0f}{rate:>12.0f}{got['requests_per_second'] / rate:>7.2f}"
                     f"{got['p50_us']:>9.0f}{got['p99_us']:>9.0f}{got['cpu_us']:>9.1f}")
            options = argparse.Namespace(threads=1, connections=16, seconds=args.seconds)
            alone = bench.run_wrk(target, "get_item", options)
            writers = threading.Thread(target=wrk_put, args=(target, 16, args.seconds + 2))
            writers.start()
            time.sleep(1)
            beside = bench.run_wrk(target, "get_item", options)
            writers.join()
            show(f"{target.name}: GetItem {alone['requests_per_second']:.0f}/s alone, {beside['requests_per_second']:.0f}/s beside 16 durable writers "
                 f"({beside['requests_per_second'] / alone['requests_per_second']:.2f})")
        finally:
            target.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=PARTS, help="of: " + " ".join(PARTS))
    parser.add_argument("--build", default=str(bench.ROOT / "build" / "release"))
    parser.add_argument("--items", type=lambda s: [int(n) for n in s.split(",")], default=[10000, 1000000, 10000000])
    parser.add_argument("--fill-max", type=int, default=1000000, help="the largest table that gets an index filled")
    parser.add_argument("--delete-max", type=int, default=10000000)
    parser.add_argument("--due", type=int, default=1000000)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--disk", default=tempfile.gettempdir(), help="a directory on the disk that is to be measured")
    args = parser.parse_args()
    for part in args.parts:
        if part not in PARTS:
            parser.error(f"no part {part}")
    for part in args.parts:
        globals()[part](args)


if __name__ == "__main__":
    main()
