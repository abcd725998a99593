#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same seeded requests to Stator and to an oracle; every difference that is not listed in known-differences.md is printed.

run.py --ours WHERE [--theirs WHERE] [--seed N] [--requests N] [--show N] [--histogram]
WHERE is a URL or a binary; the oracle is Dynoxide, found through STATOR_DYNOXIDE or on the PATH. Exit 1 if there is an unlisted difference,
77 if there is no oracle."""
import argparse
import collections
import contextlib
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import urllib.parse
from pathlib import Path

import compare
import episodes
import generate
import histogram
import model
import orders
import reduce
import repairs

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
TABLES = ("CreateTable", "UpdateTable", "DeleteTable", "DescribeTable", "ListTables", "UpdateTimeToLive", "DescribeTimeToLive", "TagResource", "UntagResource", "ListTagsOfResource")
RESOURCES = ("TagResource", "UntagResource", "ListTagsOfResource")
# What the oracle answers to a request in which it finds nothing wrong: success, or what depends on what is stored.
TAKEN = (r"(200$|400 (ConditionalCheckFailed|TransactionCanceled|ResourceNotFound|ResourceInUse)Exception: |400 ValidationException: (The document path provided in the update expression is invalid|"
         r"An operand in the update expression has an incorrect|Type mismatch for attribute to update|One or more parameter values are not valid\. The update expression attempted|The provided expression refers to an attribute that|.* Action Blocked: IndexUpdate$|The provisioned throughput for the table will not change|"
         r"One or more parameter values were invalid: (Type mismatch for Index Key|Index already exists|Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode|ProvisionedThroughput must be specified for index|"
         r"Max\w+Units for OnDemandThroughput cannot be specified when the table)))")
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=differential/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A server that is there (a URL) or a binary that is started here, and again when it dies: a death is a difference."""

    def __init__(self, what, arguments=(), is_quiet=False):
        self.arn = generate.ARN
        self.is_quiet = is_quiet
        self.command = None if "://" in what else [what, *arguments]
        self.process = None
        self.connection = None
        self.deaths = 0
        self.at = urllib.parse.urlsplit(what if self.command is None else self.start())

    def start(self):
        port = free_port()
        self.process = subprocess.Popen([a.replace("PORT", str(port)) for a in self.command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if self.is_quiet else sys.stderr)
        while self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return f"http://127.0.0.1:{port}"
        sys.exit(f"{self.command[0]} does not start")

    def died(self):
        if self.process is None or self.process.poll() is None:
            try:
                self.process and self.process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                return False
        if self.process is None or self.process.returncode is None:
            return False
        self.deaths += 1
        self.at = urllib.parse.urlsplit(self.start())
        self.set_up()
        return True

    def set_up(self):
        for name in generate.TABLES:
            self.call("DeleteTable", {"TableName": name})
        for operation, request in generate.create_requests():
            status, body = self.call(operation, request)
            if status != 200:
                sys.exit(f"{self.at.geturl()}: {operation}: {body}")
            self.arn = json.loads(body)["TableDescription"]["TableArn"].removesuffix(request["TableName"])

    def drop(self, name):
        if name not in generate.TABLES:
            self.call("UpdateTable", {"TableName": name, "DeletionProtectionEnabled": False})
            self.call("DeleteTable", {"TableName": name})

    def creation(self, name):
        """A request that makes the table once more, but for its settings; of no table: {}."""
        status, body = self.call("DescribeTable", {"TableName": name})
        if status != 200 or name in generate.TABLES:
            return {}
        table = json.loads(body)["Table"]
        is_on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"

        def kept(of, *names):
            units = {} if is_on_demand else {"ProvisionedThroughput": {k: v for k, v in of["ProvisionedThroughput"].items() if k.endswith("CapacityUnits")}} if "ProvisionedThroughput" in of else {}
            return {**{n: of[n] for n in names if n in of}, **units}
        request = {**kept(table, "TableName", "KeySchema", "AttributeDefinitions", "StreamSpecification"), **({"BillingMode": "PAY_PER_REQUEST"} if is_on_demand else {})}
        for indexes in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            if table.get(indexes):
                request[indexes] = [kept(i, "IndexName", "KeySchema", "Projection") for i in table[indexes]]
        return request

    def drop_scratch(self):
        """Tables that are not those of set_up: all go, so that one difference is not reported a hundred times."""
        for name in json.loads(self.call("ListTables", {})[1])["TableNames"]:
            self.drop(name)
        for name in generate.TABLES:
            tags = json.loads(self.call("ListTagsOfResource", {"ResourceArn": self.arn + name})[1]).get("Tags")
            if tags:
                self.call("UntagResource", {"ResourceArn": self.arn + name, "TagKeys": [t["Key"] for t in tags]})

    def items(self, table):
        items, start = [], {}
        while True:
            tree = json.loads(self.call("Scan", {"TableName": table, "ConsistentRead": True, **start})[1])
            items += tree["Items"]
            if "LastEvaluatedKey" not in tree:
                return items
            start = {"ExclusiveStartKey": tree["LastEvaluatedKey"]}

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def call(self, operation, request):
        body = request if isinstance(request, str) else json.dumps(request)
        headers = {"X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0", "Authorization": AUTHORIZATION, "X-Amz-Date": "20260101T000000Z"}
        for attempt in range(2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=30)
                self.connection.request("POST", "/", body, headers)
                response = self.connection.getresponse()
                return response.status, response.read().decode()
            except (http.client.HTTPException, OSError):
                self.connection = None
                if self.died():
                    return 0, json.dumps({"__type": "Died"})
                if attempt:
                    raise
        raise AssertionError


def kind_of(line):
    """A signature or a text with what varies masked."""
    return re.sub(r"[:#]?\b(v\d+|zz|u)\b|\"[^\"]*\"|'[^']*'|\[[^\]]*\]|\d+", "_", line)


def known_differences(path):
    """Lines `- ID: regex` of the list; the regex matches the signature `Operation | ours | theirs`. {TAKEN} in it: the oracle took the request for right."""
    return [(name, re.compile(pattern.replace("{TAKEN}", TAKEN))) for name, pattern in re.findall(r"^- `([\w-]+)`: `(.+)`$", path.read_text(), re.M)]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--ours", required=True)
    arguments.add_argument("--theirs", default=os.environ.get("STATOR_DYNOXIDE") or shutil.which("dynoxide"))
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--requests", type=int, default=2000)
    arguments.add_argument("--show", type=int, default=40, help="kinds of differences to print")
    arguments.add_argument("--known", type=Path, default=Path(__file__).resolve().parents[1] / "known-differences.md")
    arguments.add_argument("--histogram", action="store_true", help="print what the run covered")
    arguments.add_argument("--orders", action="store_true", help="print the differences that are of order only")
    options = arguments.parse_args()
    if not options.theirs or ("://" not in options.theirs and not shutil.which(options.theirs)):
        print(f"skipped: no oracle ({options.theirs or 'set STATOR_DYNOXIDE, or put dynoxide on the PATH'})")
        sys.exit(77)
    ours = Server(options.ours, ["-inMemory", "-port", "PORT", "-log", "quiet"])
    theirs = Server(options.theirs, ["--port", "PORT"], is_quiet=True)
    known = known_differences(options.known) if options.known.exists() else []
    generator = generate.Generator(random.Random(options.seed))
    found, examples, listed, counts, order_only = collections.Counter(), {}, collections.Counter(), collections.Counter(), collections.Counter()

    def listing(operation, request, mine, other):
        """The name under which the difference is known."""
        def name_of(line):
            return next((name for name, pattern in known if pattern.search(line)), None)
        whole = name_of(compare.signature(operation, request, mine, other))
        places = [whole] if whole else [name_of(line) for line in compare.places(operation, mine, other)]
        return places[0] if places and all(places) else None

    apart = [] # two different things: whether both know both is known at the end
    before = [{}, {}] # requests that make the table in question as each server has it

    def ask(operation, request):
        answers = both(ours, theirs, operation, request)
        name = str(request.get("TableName"))
        if operation == "CreateTable" or (operation == "UpdateTable" and 200 in (a["status"] for a in answers)):
            for server, creation in zip((ours, theirs), before):
                server.drop(name) # the next probe finds what the first one found
                if operation == "UpdateTable":
                    server.call("CreateTable", repairs.FRESH_TABLE if name == repairs.FRESH else creation)
        return answers

    reducer = reduce.Reducer(ask, listing)

    def is_order(operation, request, mine, other):
        """Whether both servers find both things wrong, and only tell of another one first."""
        if operation == "UpdateTable":
            before[:] = (server.creation(request.get("TableName")) for server in (ours, theirs))
            for server in (ours, theirs):
                server.call("CreateTable", repairs.FRESH_TABLE) # a table that is there
        verdict = reducer.verdict(operation, request, mine, other)
        counts["probes"] += reducer.probes
        if reducer.is_apart:
            resynchronise(ours, theirs)
        if operation in TABLES:
            for server in (ours, theirs):
                server.drop_scratch()
        if verdict is None:
            return False
        is_stated, section = orders.judge(operation, mine, other)
        # (Where the oracle has a text of its own for its thing, Stator's counts.)
        if is_stated is False and orders.judge(operation, mine, reducer.alone or other)[0] is False:
            reducer.left = (request, mine, {**other, "message": f"{other['message']} (told of first: {section})"})
            return False
        if verdict == "apart":
            apart.append((operation, request, mine, other, reducer.left))
            return True
        order_only[(f"stated [{section}]" if is_stated else "no notes state it", operation, *(kind_of(f"{a.get('type')}: {a.get('message')}") for a in (mine, other)))] += 1
        return True

    def report(operation, request, mine, other):
        counts["compared"] += 1
        counts["errors"] += mine["status"] != 200
        if mine == other:
            if mine["status"] != 200:
                reducer.note(operation, mine)
            return True # False: a difference, None: a listed one
        name = listing(operation, request, mine, other)
        if name:
            listed[name] += 1
            return None
        reducer.left = None
        if operation in model.OPERATIONS and is_order(operation, request, mine, other):
            return None
        unlisted(operation, request, mine, other, reducer.left)
        return False

    def unlisted(operation, request, mine, other, left):
        line = compare.signature(operation, request, mine, other)
        kind = kind_of(line)
        found[kind] += 1
        examples.setdefault(kind, (line, request, mine, other, left))

    ours.set_up()
    theirs.set_up()
    covered = histogram.Histogram()
    tainted = set() # tokens that only one of them has spent
    for number in range(options.requests):
        operation, request = generator.request()
        token = request.get("ClientRequestToken")
        if isinstance(token, str) and token in tainted:
            continue
        mine, other = both(ours, theirs, operation, request)
        if options.histogram:
            covered.add(operation, request, mine)
        if mine["status"] != other["status"] or mine.get("type") != other.get("type"):
            tainted.add(str(token))
        texts = model.expected(operation, request)
        is_decoded = mine.get("type") != "SerializationException"
        if is_decoded if texts else not is_decoded and mine.get("message") is not None:
            report("decoding", request, mine, {"status": 400, "type": "SerializationException" if texts else "none", "message": " or ".join(sorted(texts))})
        elif texts and mine["message"] not in texts and "" not in texts:
            report("decoding", request, mine, {"status": 400, "type": "SerializationException", "message": " or ".join(sorted(texts))})
        elif texts:
            counts["by the model"] += 1 # the texts are known for each place; the oracle has those of its JSON library
            same = mine["status"] == other["status"]
        elif other.get("type") == "UnknownOperationException":
            counts["not in the oracle"] += 1
            continue
        same = report(operation, request, mine, other) if not texts else same
        # (The oracle makes some tables and refuses them then.)
        if same is not True and operation in TABLES and (same is False or mine["status"] != other["status"] or (operation == "CreateTable" and mine["status"] != 200)):
            for server in (ours, theirs):
                server.drop_scratch()
        elif same is not True and operation in WRITES and 200 in (mine["status"], other["status"]):
            resynchronise(ours, theirs)
        if number % 500 == 499:
            chance = random.Random(f"{options.seed} {number}")
            episodes.walks(chance, ours, theirs, report)
            episodes.races(chance, [Server(ours.at.geturl()) for _ in range(8)], report)
        if number % 2500 == 1499:
            episodes.sizes(random.Random(f"{options.seed} {number}"), lambda *a: both(ours, theirs, *a), ours, theirs, report)
    for difference in apart:
        if reducer.are_agreed(difference[0], difference[2], difference[3]):
            counts["apart"] += 1
        else:
            unlisted(*difference)
    for kind, count in found.most_common(options.show):
        line, request, mine, other, left = examples[kind]
        print(f"\n{count} × {line}\n  request {json.dumps(request, ensure_ascii=False)[:1500]}")
        if mine["status"] == other["status"] == 200:
            print(f"  ours   {json.dumps(mine, ensure_ascii=False)[:600]}\n  theirs {json.dumps(other, ensure_ascii=False)[:600]}")
        elif left:
            print(f"  left   {json.dumps(left[0], ensure_ascii=False)[:1500]}\n         {compare.signature(line.split(' ')[0], *left)}")
    for pair, count in order_only.most_common() if options.orders else ():
        print(f"order: {count} × {' | '.join(pair)}")
    if options.histogram:
        print("\n".join(covered.lines()))
    print(f"seed {options.seed}: {counts['compared']} compared ({counts['errors']} errors), {counts['by the model']} by the model, {counts['not in the oracle']} not in the oracle, {sum(listed.values())} listed differences {dict(listed)}, {sum(order_only.values())} of order only (and {counts['apart']} told apart; {counts['probes']} probes), {sum(found.values())} unlisted of {len(found)} kinds")
    ours.stop()
    theirs.stop()
    sys.exit(1 if found else 0)


def both(ours, theirs, operation, request):
    """Their answers, made comparable. The oracle knows no ARN as a table name, and another region in those of resources."""
    text = json.dumps(request)
    asked = text
    if generate.ARN in text and operation != "CreateTable":
        asked = text.replace(f'"{generate.ARN}', '"') if operation not in RESOURCES else text.replace(generate.ARN, theirs.arn)
    status, body = ours.call(operation, text)
    if asked is not text and operation not in RESOURCES and status == 200:
        body = re.sub(f'"{generate.ARN}(\\w+)"', r'"\1"', body) # echoed in capacities
    mine = compare.answer(operation, request, status, body)
    status, body = theirs.call(operation, asked)
    if operation in RESOURCES:
        body = body.replace(theirs.arn, generate.ARN)
    return mine, compare.answer(operation, request, status, body)


def resynchronise(ours, theirs):
    """After a difference in a write: their items become ours again, so that one difference is not reported a hundred times."""
    for table, t in generate.TABLES.items():
        names = [k for k, _ in t["keys"]]
        mine, other = ({json.dumps([i[n] for n in names]): i for i in s.items(table)} for s in (ours, theirs))
        for key in set(mine) | set(other):
            if key not in mine:
                theirs.call("DeleteItem", {"TableName": table, "Key": dict(zip(names, json.loads(key)))})
            elif compare.normal(mine[key]) != compare.normal(other.get(key)):
                theirs.call("PutItem", {"TableName": table, "Item": mine[key]})


if __name__ == "__main__":
    main()
