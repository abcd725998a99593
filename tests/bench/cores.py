#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Throughput with one loop and with two, the load generator on cores of its own where the machine has them. With fewer cores server and generator
share them; then the figure that counts is what the loops could do by the processor time of a request. Reads should scale; writes in memory run one
after another. Says for each which part was busy, and so what binds."""
import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import bench

WORKLOADS = ["get_item", "query_100", "put_item"]
BUSY = 0.9  # of what it may use: from here on it is what binds


def plan(loops, cores):
    """Which cores the server gets and which the generator; whether they share."""
    if len(cores) > loops:
        return cores[:loops], cores[loops:loops * 2 + 2], False
    return cores[:loops], cores, True


def pin(cores):
    return ["taskset", "-c", ",".join(map(str, cores))]


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_wrk(target, workload, cores, args):
    threads = min(len(cores), args.connections)
    command = [*pin(cores), "wrk", f"-t{threads}", f"-c{args.connections}", f"-d{args.seconds}s", "--timeout", "30s",
               "-s", str(bench.HERE / f"{workload}.lua"), f"http://127.0.0.1:{target.port}/"]
    server, generator = target.cpu_seconds(), children_cpu()
    text = subprocess.run(command, env=dict(os.environ, BENCH_LUA=str(bench.HERE)), check=True, capture_output=True, text=True).stdout
    server, generator = target.cpu_seconds() - server, children_cpu() - generator
    bad = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", text)
    if bad:
        print(f"cores: {workload}: {bad.group(0)}", file=sys.stderr)
    count = int(re.search(r"(\d+) requests in", text).group(1))
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), "cpu_us": server * 1e6 / count,
            "server_busy": server / args.seconds, "generator_busy": generator / args.seconds}


def what_binds(made, workload, loops, server, generator, shared):
    if made["server_busy"] >= BUSY * len(server):
        return "the server's cores" if loops > 1 else "the server's core"
    if shared and made["server_busy"] + made["generator_busy"] >= BUSY * len(generator):
        return "the machine: server and generator share its cores"
    if made["generator_busy"] >= BUSY * len(generator):
        return "the generator"
    return "the one write transaction" if workload == "put_item" else "waiting"


def measure(args):
    cores, out = sorted(os.sched_getaffinity(0)), []
    print(f"{'workload':<12}{'loops':>6}{'server on':>11}{'wrk on':>9}{'req/s':>10}{'CPU us':>8}{'could do/s':>12}{'server busy':>13}{'wrk busy':>10}  binds")
    for loops in (1, 2):
        server, generator, shared = plan(loops, cores)
        if len(server) < loops:
            print(f"{loops} loops: this machine has {len(cores)} core")
            continue
        target = bench.Target("stator", [*pin(server), str(Path(args.build) / "stator"), "-port", "{port}", "-inMemory", "-loops", str(loops)])
        target.start()
        try:
            target.load()
            for workload in WORKLOADS:
                samples = [run_wrk(target, workload, generator, args) for _ in range(args.rounds)]
                made = {key: statistics.median(s[key] for s in samples) for key in samples[0]}
                # One after another: a second loop takes over what lies outside the transaction, which processor time doesn't tell apart.
                made["could"] = loops * 1e6 / made["cpu_us"] if workload != "put_item" or loops == 1 else None
                made.update(workload=workload, loops=loops, server_cores=len(server), generator_cores=len(generator), shared=shared,
                            binds=what_binds(made, workload, loops, server, generator, shared))
                out.append(made)
                could = f"{made['could']:.0f}" if made["could"] else "-"
                print(f"{workload:<12}{loops:>6}{','.join(map(str, server)):>11}{','.join(map(str, generator)):>9}{made['rate']:>10.0f}{made['cpu_us']:>8.1f}"
                      f"{could:>12}{made['server_busy']:>13.2f}{made['generator_busy']:>10.2f}  {made['binds']}", flush=True)
        finally:
            target.stop()
    if any(made["shared"] for made in out):
        print(f"{len(cores)} cores are too few to keep the generator apart from 2 loops: they share them, so the measured rate of 2 loops is no server's limit. "
              "\"could do\" is loops / CPU per request; none is given for writes of 2 loops, which take turns at the one write transaction.")
    return out


def main():
    parser = argparse.ArgumentParser(prog="./dev bench --cores", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(bench.ROOT / "build" / "release"))
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--rounds", type=int, default=3, help="the median is shown (3)")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--quick", action="store_true", help="1 round of 1 s")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    args = parser.parse_args()
    if args.quick:
        args.seconds, args.rounds = 1, 1
    for program in ("wrk", "taskset"):
        if not shutil.which(program):
            raise SystemExit(f"cores: {program} is not installed")
    made = measure(args)
    if args.json:
        bench.write_json(args.json, "cores", args, seconds=args.seconds, rounds=args.rounds, quick=args.quick, cores=made)


if __name__ == "__main__":
    main()
