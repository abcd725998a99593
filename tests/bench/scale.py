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
import targets as goals
from bench import call

PARTS = ["items", "delete", "ttl", "large", "tables", "connections", "durable"]
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
META_BYTES, META_TRANSACTION_AT = 4096, 144  # of LMDB 0.9's meta pages, on a machine with pages of 4 KB
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


def fill_index(server, count):
    """Rows a second of an index that is added to a full table."""
    server.call("UpdateTable", {"TableName": "bench", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_ref"}}]})
    began = time.perf_counter()
    server.call("UpdateTable", {"TableName": "bench", "AttributeDefinitions": table("bench")["AttributeDefinitions"],
                                "GlobalSecondaryIndexUpdates": [{"Create": dict(INDEX, IndexName="again")}]})
    while server.call("DescribeTable", {"TableName": "bench"})["Table"]["GlobalSecondaryIndexes"][-1]["IndexStatus"] != "ACTIVE":
        time.sleep(0.005)
    return count / (time.perf_counter() - began)


def items(args, done):
    """The same operations with ever more items; loading; a backfill. The greatest table is then deleted, if that is to be measured at all."""
    show(f"\n{'items':>10}{'load rows/s':>13}{'GetItem':>9}{'PutItem':>9}{'Query 10':>10}{'GSI Query':>11}{'GSI fill rows/s':>17}{'MB':>8}   (CPU us)")
    out = []
    for count in args.items:
        with Server(args) as server:
            server.call("CreateTable", table("bench"))
            made = {"items": count, "load_rows": server.load(count)}
            for op in ("get", "put", "query", "query_gsi"):
                made[op] = statistics.median(server.wrk(op, args.seconds, items=count)["cpu_us"] for _ in range(args.rounds))
            made["mb"] = server.rss_mb()
            made["fill_rows"] = fill_index(server, count) if count <= args.fill_max else None
            fill = f"{made['fill_rows']:.0f}" if made["fill_rows"] else "-"
            show(f"{count:>10}{made['load_rows']:>13.0f}{made['get']:>9.1f}{made['put']:>9.1f}{made['query']:>10.1f}{made['query_gsi']:>11.1f}"
                 f"{fill:>17}{made['mb']:>8.0f}")
            out.append(made)
            if "delete" in args.parts and count == max(args.items):
                done["delete"] = delete_table(args, server, count)
    return out


def delete_table(args, server, count):
    """GetItem on one table while a great one goes away."""
    server.call("CreateTable", table("small"))
    server.load(10000, name="small")
    alone = server.wrk("get", args.seconds, items=10000, table="small")
    began = time.perf_counter()
    server.call("DeleteTable", {"TableName": "bench"})
    took = (time.perf_counter() - began) * 1000
    beside = server.wrk("get", args.seconds, items=10000, table="small")
    show(f"\nDeleteTable of {count} items: answered in {took:.1f} ms; GetItem elsewhere: p50 {alone['p50']:.0f} -> {beside['p50']:.0f} us, "
         f"p99 {alone['p99']:.0f} -> {beside['p99']:.0f} us ({beside['p99'] / alone['p99']:.1f} x)")
    return {"items": count, "answer_ms": took, **sides(alone, beside)}


def sides(alone, beside):
    return {"alone_p50_us": alone["p50"], "p50_us": beside["p50"], "alone_p99_us": alone["p99"], "p99_us": beside["p99"]}


def delete(args, done):
    if "delete" in done:
        return done["delete"]
    count = max(args.items)
    with Server(args) as server:
        server.call("CreateTable", table("bench"))
        server.load(count)
        return delete_table(args, server, count)


def ttl(args, _):
    """Very many items are due at once."""
    count = args.due
    with Server(args) as server:
        server.call("CreateTable", table("bench"))
        server.call("CreateTable", table("small"))
        server.load(10000, name="small")
        alone = server.wrk("get", args.seconds, items=10000, table="small")
        server.load(count, due=int(time.time()) - 3600)
        server.call("UpdateTimeToLive", {"TableName": "bench", "TimeToLiveSpecification": {"AttributeName": "due", "Enabled": True}})
        began = time.perf_counter()
        beside = server.wrk("get", args.seconds, items=10000, table="small")
        server.wait_items("bench", 0)
        took = time.perf_counter() - began
        show(f"\nTTL of {count} due items: gone in {took:.1f} s, {args.seconds} s of it beside GetItem; GetItem p50 {alone['p50']:.0f} -> "
             f"{beside['p50']:.0f} us, p99 {alone['p99']:.0f} -> {beside['p99']:.0f} us ({beside['p99'] / alone['p99']:.1f} x)")
        return {"items": count, "gone_s": took, **sides(alone, beside)}


def large(args, _):
    """Items of 100 KB overwritten at random: what is freed must be used again."""
    with Server(args) as server:
        server.call("CreateTable", table("bench", has_index=False))
        began = time.perf_counter()
        with_pad = {"pad": 100000, "table": "bench"}
        server.load(args.large_items, pad=100000)
        live_mb = args.large_items * 100000 / 2**20
        first = server.wrk("put", args.seconds * 2, items=args.large_items, **with_pad)
        first_mb = server.rss_mb()
        second = server.wrk("put", args.seconds * 2, items=args.large_items, **with_pad)
        count = server.call("DescribeTable", {"TableName": "bench"})["Table"]["ItemCount"]
        show(f"\n100 KB overwritten at random among {count}: {first['rate']:.0f}/s, then {second['rate']:.0f}/s, CPU {second['cpu_us']:.0f} us, p99 "
             f"{second['p99'] / 1000:.1f} ms; {live_mb:.0f} MB of items, {first_mb:.0f} MB held, then {server.rss_mb():.0f} MB ({time.perf_counter() - began:.0f} s)")
        return {"items": count, "rate": first["rate"], "second_rate": second["rate"], "cpu_us": second["cpu_us"], "p99_us": second["p99"],
                "live_mb": live_mb, "mb": first_mb, "second_mb": server.rss_mb()}


def tables(args, _):
    """GetItem in one of a thousand tables beside the only one."""
    servers = []
    try:
        for count in (1, 1000):
            server = Server(args).__enter__()
            servers.append(server)
            for i in range(count):
                server.call("CreateTable", table(f"t{i:04d}", has_index=False))
                puts = [{"PutRequest": {"Item": {"pk": {"S": "p0000000"}, "sk": {"S": f"s{k:02d}"}, "n": {"N": "1"}}}} for k in range(10)]
                server.call("BatchWriteItem", {"RequestItems": {f"t{i:04d}": puts}})
        one, many = ([], [])
        for _ in range(3):  # in turn, so that neighbours in time are compared
            for server, count, out in ((servers[0], 1, one), (servers[1], 1000, many)):
                out.append(server.wrk("get_any_table", args.seconds, items=10, tables=count)["cpu_us"])
    finally:
        for server in servers:
            server.__exit__()
    over = statistics.median(b / a for a, b in zip(one, many))
    show(f"\nGetItem among 1 table {statistics.median(one):.2f} us, among 1,000 tables {statistics.median(many):.2f} us of CPU ({over:.2f} x)")
    return {"one_us": statistics.median(one), "thousand_us": statistics.median(many), "over": over}


def connections(args, _):
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
        return {"count": count, "kb_each": per, "alone_cpu_us": alone["cpu_us"], "cpu_us": beside["cpu_us"], **sides(alone, beside)}


def lmdb_rate(args, batch):
    directory = tempfile.mkdtemp(prefix="bench-", dir=args.disk)
    try:
        command = [str(Path(args.build) / "bench_lmdb_commit"), directory, str(batch), str(args.seconds)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    finally:
        shutil.rmtree(directory)


def transactions(target):
    """How many LMDB has committed in the target's directory: the greater number of its two meta pages."""
    with open(Path(target.directory) / "data.mdb", "rb") as file:
        return max(int.from_bytes(os.pread(file.fileno(), 8, page * META_BYTES + META_TRANSACTION_AT), "little") for page in (0, 1))


def wrk_put(target, count, seconds):
    """bench.py's changed items of 0.6 KB."""
    options = argparse.Namespace(threads=1, connections=count, seconds=seconds)
    return bench.run_wrk(target, "put_item", options)


def durable_puts(args, target, count):
    """The disk changes from second to second: what it does alone is measured before and after, several times."""
    rounds, ratios, alone, batches = [], [], [], []
    is_ours = target.name == "stator"
    for _ in range(max(3, args.rounds) if is_ours else 1):
        before = lmdb_rate(args, count)
        first = transactions(target) if is_ours else 0
        rounds.append(wrk_put(target, count, args.seconds))
        if is_ours:
            batches.append(rounds[-1]["requests_per_second"] * args.seconds / (transactions(target) - first))
        alone.append(statistics.mean([before, lmdb_rate(args, count)]))
        ratios.append(rounds[-1]["requests_per_second"] / alone[-1])
    got = bench.median_of(rounds)
    batch = statistics.median(batches) if is_ours else 1
    show(f"{target.name:<18}{count:>12}{got['requests_per_second']:>9.0f}{statistics.median(alone):>12.0f}   {bench.spread_text(bench.spread(ratios)):<18}"
         f"{got['p50_us']:>8.0f}{got['p99_us']:>9.0f}{got['cpu_us']:>9.1f}{batch:>7.0f}")
    return {"connections": count, "batch": batch, "rate": got["requests_per_second"], "p50_us": got["p50_us"], "p99_us": got["p99_us"], "cpu_us": got["cpu_us"],
            "lmdb_rate": statistics.median(alone), "over_lmdb": bench.spread(ratios)}


def reads_beside_writers(args, target):
    options = argparse.Namespace(threads=1, connections=16, seconds=args.seconds)
    alone = bench.run_wrk(target, "get_item", options)
    writers = threading.Thread(target=wrk_put, args=(target, 16, args.seconds + 2))
    writers.start()
    time.sleep(1)
    beside = bench.run_wrk(target, "get_item", options)
    writers.join()
    kept = beside["requests_per_second"] / alone["requests_per_second"]
    show(f"{target.name}: GetItem {alone['requests_per_second']:.0f}/s alone, {beside['requests_per_second']:.0f}/s beside 16 durable writers ({kept:.2f})")
    return {"reads_alone": alone["requests_per_second"], "reads_beside": beside["requests_per_second"], "reads_kept": kept}


def durable(args, _):
    """PutItem on disk beside the same batches by LMDB alone, and beside Dynoxide; GetItem beside durable writers."""
    os.environ["TMPDIR"] = args.disk
    tempfile.tempdir = None
    targets = [bench.Target("stator", [str(Path(args.build) / "stator"), "-port", "{port}", "-dbPath", "{dir}"])]
    rival = os.environ.get("STATOR_DYNOXIDE") or shutil.which("dynoxide")
    if rival:
        targets.append(bench.Target("dynoxide", [rival, "serve", "--port", "{port}", "--db-path", "{dir}/dynoxide.db"]))
    out = {"filesystem": bench.filesystem(args.disk)}
    show(f"\nOn {out['filesystem']} (--disk DIR chooses another place); the ratio is to LMDB alone, round by round")
    show(f"{'durable PutItem':<18}{'connections':>12}{'puts/s':>9}{'LMDB alone':>12}   {'ratio (spread)':<18}{'p50 us':>8}{'p99 us':>9}{'CPU us':>9}{'batch':>7}")
    for target in targets:
        target.start()
        try:
            target.load()
            out[target.name] = {"puts": [durable_puts(args, target, count) for count in (16, 256)], "promise": bench.PROMISES[target.name]}
            out[target.name].update(reads_beside_writers(args, target))
        finally:
            target.stop()
    for target in targets:
        show(f"{target.name}: {bench.PROMISES[target.name]}")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=PARTS, help="of: " + " ".join(PARTS))
    parser.add_argument("--build", default=str(bench.ROOT / "build" / "release"))
    parser.add_argument("--items", type=lambda s: [int(n) for n in s.split(",")], default=[10000, 100000, 1000000, 10000000])
    parser.add_argument("--fill-max", type=int, default=1000000, help="the largest table that gets an index filled")
    parser.add_argument("--due", type=int, default=1000000, help="items that expire at once")
    parser.add_argument("--large-items", type=int, default=1000, help="of 100 KB")
    parser.add_argument("--rounds", type=int, default=1, help="the median is taken, where one measurement is short (1; durable writes 3)")
    parser.add_argument("--quick", action="store_true", help="1 s each, 100,000 items at most")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--disk", default=tempfile.gettempdir(), help="a directory on the disk that is to be measured")
    args = parser.parse_args()
    for part in args.parts:
        if part not in PARTS:
            parser.error(f"no part {part}")
    if args.quick:
        args.seconds, args.due, args.items = 1, min(args.due, 100000), [n for n in args.items if n <= 100000] or [10000]
    done = {}
    for part in args.parts:
        done[part] = globals()[part](args, done)
    rows = goals.of_scale(done)
    goals.show(rows)
    if args.json:
        bench.write_json(args.json, "scale", args, seconds=args.seconds, quick=args.quick, parts=done, targets=rows)


if __name__ == "__main__":
    main()
