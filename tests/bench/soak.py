#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mixed load on bounded data for an hour at a bounded rate (tests/wire/mixed.py; the growth test plays the same for seconds): puts, updates, gets,
queries, scans, batches, transactions, deletes, items that expire, tables and connections that come and go, requests of 16 MB now and then.
Fails when an answer is not the one that must come, or when the second half of the time leaves more behind than the bounds below."""
import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import bench

HERE = Path(__file__).resolve().parent
HEAP_GROWTH_MB = 2  # arenas, buffers, connections, idempotency tokens (these stay for 10 minutes)
RSS_GROWTH_MB = 8  # and the data, whose free pages are used again in other places
CLIENTS = 4
SAMPLE_SECONDS = 2
LARGE_PER_MINUTE = 1  # by each client


def middle(samples, key, first, last):
    """The median of what was seen between two parts of the time (0 … 1): large requests in flight are left out so."""
    end = samples[-1]["seconds"]
    return statistics.median(s[key] for s in samples if first * end <= s["seconds"] <= last * end)


def growth(samples):
    """MB between the beginning and the end of the second half: each a tenth of the whole time."""
    return {key: middle(samples, key, 0.9, 1) - middle(samples, key, 0.5, 0.6) for key in ("rss", "heap", "data")}


def thin(samples, count=120):
    """So many at most: the median of each stretch."""
    step = max(1, -(-len(samples) // count))
    parts = [samples[i:i + step] for i in range(0, len(samples), step)]
    return [{key: round(statistics.median(s[key] for s in part), 2) for key in part[0]} for part in parts]


def line(sample):
    return (f"{sample['seconds'] / 60:>8.1f}{sample['rss']:>10.1f}{sample['heap']:>10.1f}{sample['data']:>10.1f}{sample['requests']:>12}"
            f"{sample['errors']:>8}{sample['cpu_seconds']:>8.1f}")


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(server, clients, seconds, mixed):
    """Samples until the clients are through. A line a minute for the first five, then every five."""
    began, samples, told = time.monotonic(), [], 0
    print(f"{'minute':>8}{'RSS MB':>10}{'heap MB':>10}{'data MB':>10}{'requests':>12}{'errors':>8}{'CPU s':>8}", flush=True)
    while any(client.is_alive() for client in clients):
        time.sleep(min(SAMPLE_SECONDS, seconds / 40))
        sample = {"seconds": round(time.monotonic() - began, 1), **{k: round(v, 2) for k, v in mixed.memory_mb(server.process.pid).items()},
                  "requests": sum(c.done for c in clients), "errors": sum(len(c.errors) for c in clients),
                  "cpu_seconds": round(cpu_seconds(server.process.pid), 2)}
        samples.append(sample)
        if sample["seconds"] >= told:
            print(line(sample), flush=True)
            told += 60 if told < 300 else 300
    print(line(samples[-1]), flush=True)
    return samples


def main():
    parser = argparse.ArgumentParser(prog="./dev bench --soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="?", type=float, default=60, help="how long (60)")
    parser.add_argument("--rate", type=float, default=300, help="requests a second, of all clients together (300)")
    parser.add_argument("--build", default=str(bench.ROOT / "build" / "release"), help="where stator is")
    parser.add_argument("--json", metavar="FILE", help="write what was seen there")
    args = parser.parse_args()
    os.environ["STATOR"] = str(Path(args.build) / "stator")
    sys.path.insert(0, str(HERE.parent / "wire"))
    import mixed
    from stator import Stator

    seconds = args.minutes * 60
    with Stator("-inMemory") as server:
        mixed.create_tables(server)
        end, rate = time.monotonic() + seconds, args.rate / CLIENTS
        clients = [mixed.Client(server, f"soak-{i}", i, end, rate, max(1, int(rate * 60 / LARGE_PER_MINUTE)), mixed.large_bodies())
                   for i in range(CLIENTS)]
        for client in clients:
            client.start()
        samples = watch(server, clients, seconds, mixed)
        for client in clients:
            client.join()
    errors = [str(e)[:300] for client in clients for e in client.errors]
    grown = growth(samples)
    if args.json:
        bench.write_json(args.json, "soak", args, minutes=args.minutes, rate=args.rate, growth_mb=grown, errors=errors[:5],
                         bounds_mb={"heap": HEAP_GROWTH_MB, "rss": RSS_GROWTH_MB}, requests=samples[-1]["requests"], samples=thin(samples))
    for error in errors[:5]:
        print(f"soak: {error}", file=sys.stderr)
    print(f"second half: heap {grown['heap']:+.1f} MB (bound {HEAP_GROWTH_MB}), RSS {grown['rss']:+.1f} MB (bound {RSS_GROWTH_MB}), "
          f"{samples[-1]['requests']} requests, {len(errors)} errors")
    if errors or grown["heap"] > HEAP_GROWTH_MB or grown["rss"] > RSS_GROWTH_MB:
        sys.exit("soak: failed")


if __name__ == "__main__":
    main()
