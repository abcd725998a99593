#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What safety costs: GetItem with signatures taken by their shape and verified (-auth verify), over http and https (-tls), the servers side by side
and asked in turn. The same signed requests go to all of them. Standard library and wrk only."""
import argparse
import datetime
import hashlib
import hmac
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import bench
import targets as goals

KEY, SECRET = "AKIDBENCH", "bench/secret"
REGION, SERVICE = "us-east-1", "dynamodb"
HOST = "localhost:8000"  # as signed; nobody compares it with the port
REQUESTS = 2000
WAYS = {"shape": [], "verify": ["-auth", "verify"], "tls": ["-tls"], "tls+verify": ["-tls", "-auth", "verify"]}


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signed(body, now):
    """One whole GetItem request, signed in its headers."""
    day, stamp = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
    headers = {"content-type": "application/x-amz-json-1.0", "host": HOST, "x-amz-date": stamp, "x-amz-target": "DynamoDB_20120810.GetItem"}
    names = ";".join(headers)
    canonical = "\n".join(["POST", "/", "", *(f"{n}:{v}" for n, v in headers.items()), "", names, hashlib.sha256(body.encode()).hexdigest()])
    scope = f"{day}/{REGION}/{SERVICE}/aws4_request"
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = digest(key, part)
    signature = digest(key, "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])).hex()
    authorization = f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={names}, Signature={signature}"
    return (f"POST / HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: bench/1.0 like an SDK\r\nAccept: */*\r\nContent-Type: {headers['content-type']}\r\n"
            f"X-Amz-Target: {headers['x-amz-target']}\r\nX-Amz-Date: {stamp}\r\nAuthorization: {authorization}\r\nContent-Length: {len(body)}\r\n\r\n{body}")


def write_requests(path):
    now = datetime.datetime.now(datetime.timezone.utc)
    chance = random.Random(1)
    with open(path, "w", newline="") as file:
        for _ in range(REQUESTS):
            p, s = chance.randrange(bench.PARTITIONS), chance.randrange(bench.ITEMS)
            text = signed(json.dumps({"TableName": "bench", "Key": {"pk": {"S": f"part-{p:05d}"}, "sk": {"S": f"item-{s:05d}"}}}, separators=(",", ":")), now)
            file.write(f"{len(text)} {text}")


class Secured(bench.Target):
    """One way to serve. It is loaded through a server without safety on the same directory, since bench.py's own requests are not signed."""

    def __init__(self, name, stator):
        super().__init__(name, [stator, "-port", "{port}", "-dbPath", "{dir}", "-sharedDb"])
        self.flags = WAYS[name]
        self.scheme = "https" if "-tls" in self.flags else "http"

    def secure(self, environment):
        self.process.terminate()
        self.process.wait()
        command = [a.format(port=self.port, dir=self.directory) for a in self.command]
        self.process = subprocess.Popen([*command, *self.flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        cwd=self.directory, env=environment)
        for line in self.process.stdout:
            if b"ready on port" in line:
                return
        raise SystemExit(f"secured: {self.name} ended at once")


def run_wrk(target, requests, args):
    command = ["wrk", "-t1", f"-c{args.connections}", f"-d{args.seconds}s", "--latency", "--timeout", "30s", "-s", str(bench.HERE / "signed.lua"),
               f"{target.scheme}://127.0.0.1:{target.port}/"]
    before = target.cpu_seconds()
    text = subprocess.run(command, env=dict(os.environ, BENCH_SIGNED=requests), check=True, capture_output=True, text=True).stdout
    used = target.cpu_seconds() - before
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", text)
    if bad:
        raise SystemExit(f"secured: {target.name}: {bad.group(0)}")
    count = int(re.search(r"(\d+) requests in", text).group(1))
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), "cpu_us": used * 1e6 / count,
            "p50_us": bench.microseconds(re.search(r"(?m)^\s+50%\s+(\S+)", text).group(1))}


def measure(args):
    stator = str(Path(args.build) / "stator")
    ways, samples = [Secured(name, stator) for name in WAYS], {name: [] for name in WAYS}
    environment = dict(os.environ, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
    environment.pop("AWS_SESSION_TOKEN", None)
    try:
        for way in ways:
            way.start()
            way.load()
            way.secure(environment)
        with tempfile.NamedTemporaryFile(prefix="bench-") as requests:
            for n in range(args.rounds):
                write_requests(requests.name)  # anew: a signature is good for 15 minutes
                for way in ways[n % len(ways):] + ways[:n % len(ways)]:
                    samples[way.name].append(run_wrk(way, requests.name, args))
    finally:
        for way in ways:
            if way.process is not None:
                way.stop()
    return samples


def results(samples):
    """Medians, and what is kept of the throughput without safety, round by round."""
    made = {}
    for name, rounds in samples.items():
        made[name] = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
        made[name]["kept"] = bench.spread([r["rate"] / plain["rate"] for r, plain in zip(rounds, samples["shape"])])
        made[name]["cpu_over"] = bench.spread([r["cpu_us"] / plain["cpu_us"] for r, plain in zip(rounds, samples["shape"])])
    return made


def main():
    parser = argparse.ArgumentParser(prog="./dev bench --secured", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(bench.ROOT / "build" / "release"))
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--rounds", type=int, default=5, help="the median is shown (5)")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--quick", action="store_true", help="3 rounds of 1 s")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    args = parser.parse_args()
    if args.quick:
        args.seconds, args.rounds = 1, 3
    if not shutil.which("wrk"):
        raise SystemExit("secured: wrk is not installed")
    made = results(measure(args))
    print(f"{'GetItem':<12}{'req/s':>9}{'p50 us':>9}{'CPU us':>9}  {'throughput kept (spread)':<26}{'CPU x shape (spread)':<22}")
    for name, r in made.items():
        print(f"{name:<12}{r['rate']:>9.0f}{r['p50_us']:>9.0f}{r['cpu_us']:>9.1f}  {bench.spread_text(r['kept']):<26}{bench.spread_text(r['cpu_over']):<22}".rstrip())
    goals.show(goals.of_secured(made))
    if args.json:
        bench.write_json(args.json, "secured", args, seconds=args.seconds, rounds=args.rounds, quick=args.quick, connections=args.connections, ways=made)


if __name__ == "__main__":
    main()
