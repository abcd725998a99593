# SPDX-License-Identifier: Apache-2.0
"""Mixed load on bounded data: what the growth test plays for seconds and `./dev bench --soak` for an hour. Every kind of request, refusals too,
large bodies now and then, tables that come and go, items that expire, connections that come and go."""
import json
import random
import re
import socket
import threading
import time
from pathlib import Path

from stator import AUTHORIZATION

PARTITIONS, ITEMS = 10, 200
LARGE_EVERY = 150  # requests
RECONNECT_EVERY = 100
FULL_BODY = 16 * 1024 * 1024 - 200000
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
ATTRIBUTES = [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "ref")]


def table(name, has_index=True):
    out = {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": KEYS, "AttributeDefinitions": ATTRIBUTES if has_index else ATTRIBUTES[:2]}
    if has_index:
        out["GlobalSecondaryIndexes"] = [{"IndexName": "by_ref", "KeySchema": [{"AttributeName": "ref", "KeyType": "HASH"}],
                                          "Projection": {"ProjectionType": "ALL"}}]
    return out


def create_tables(server):
    server.must("CreateTable", table("things"))
    server.must("CreateTable", table("large", has_index=False))
    server.must("UpdateTimeToLive", {"TableName": "things", "TimeToLiveSpecification": {"AttributeName": "due", "Enabled": True}})


def large_bodies():
    """Two that are refused, but read and parsed first (the second needs some ten times its size), and one of 25 items that is accepted."""
    per_item = FULL_BODY // 25 // len('{"N":"1"},')
    numbers = "[" + ",".join(['{"N":"1"}'] * per_item) + "]"
    puts = ",".join(f'{{"PutRequest":{{"Item":{{"pk":{{"S":"big"}},"sk":{{"S":"{i}"}},"v":{{"L":{numbers}}}}}}}}}' for i in range(25))
    return [("PutItem", json.dumps({"TableName": "things", "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}, "v": {"S": "z" * (15 << 20)}}}).encode(), 400),
            ("PutItem", b'{"TableName":"things","Unknown":[' + b"1," * (15 << 19) + b"1]}", 400),
            ("BatchWriteItem", f'{{"RequestItems":{{"large":[{puts}]}}}}'.encode(), 200)]


class Mix:
    """One client's requests: (operation, body, the status that must come), by a seeded random generator."""

    def __init__(self, name, seed):
        self.name, self.rng, self.count = name, random.Random(seed), 0

    def key(self):
        return {"pk": {"S": f"part-{self.rng.randrange(PARTITIONS)}"}, "sk": {"S": f"item-{self.rng.randrange(ITEMS)}"}}

    def item(self):
        return {**self.key(), "ref": {"S": f"ref-{self.rng.randrange(50)}"}, "n": {"N": str(self.rng.randrange(1000))},
                "note": {"S": "x" * self.rng.randrange(2000)}, "tags": {"SS": ["a", "b"]}}

    def keys(self, count):
        return list({json.dumps(k): k for k in (self.key() for _ in range(count))}.values())

    def read(self):
        rng = self.rng
        return [rng.choice([
            lambda: ("GetItem", {"TableName": "things", "Key": self.key()}, 200),
            lambda: ("GetItem", {"TableName": "things", "Key": self.key(), "ProjectionExpression": "n, tags"}, 200),
            lambda: ("Query", {"TableName": "things", "KeyConditionExpression": "pk = :p",
                               "ExpressionAttributeValues": {":p": {"S": f"part-{rng.randrange(PARTITIONS)}"}}}, 200),
            lambda: ("Query", {"TableName": "things", "IndexName": "by_ref", "KeyConditionExpression": "#r = :r",
                               "ExpressionAttributeNames": {"#r": "ref"}, "ExpressionAttributeValues": {":r": {"S": f"ref-{rng.randrange(50)}"}}}, 200),
            lambda: ("Scan", {"TableName": "things", "FilterExpression": "n < :n AND attribute_exists(tags)", "ProjectionExpression": "pk, n",
                              "ExpressionAttributeValues": {":n": {"N": "3"}}}, 200),
            lambda: ("BatchGetItem", {"RequestItems": {"things": {"Keys": self.keys(20)}}}, 200),
            lambda: ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "things", "Key": k}} for k in self.keys(5)]}, 200),
        ])()]

    def write(self):
        rng = self.rng
        put = lambda item: {"PutRequest": {"Item": item}}
        return [rng.choice([
            lambda: ("PutItem", {"TableName": "things", "Item": self.item()}, 200),
            lambda: ("PutItem", {"TableName": "things", "Item": {**self.item(), "due": {"N": str(int(time.time()) - 60 * rng.randrange(2))}}}, 200),
            lambda: ("DeleteItem", {"TableName": "things", "Key": self.key(), "ReturnValues": "ALL_OLD"}, 200),
            lambda: ("UpdateItem", {"TableName": "things", "Key": self.key(), "UpdateExpression": "SET n = :n, extra = :e REMOVE due",
                                    "ExpressionAttributeValues": {":n": {"N": "7"}, ":e": {"S": "y" * rng.randrange(500)}}}, 200),
            lambda: ("BatchWriteItem", {"RequestItems": {"things": [put({**self.item(), "sk": {"S": f"b-{i}"}}) for i in range(10)]}}, 200),
            lambda: ("TransactWriteItems", {"ClientRequestToken": f"{self.name}-{rng.getrandbits(64)}",
                                            "TransactItems": [{"Put": {"TableName": "things", "Item": {**self.item(), **k}}}
                                                              for k in self.keys(3)]}, 200),
        ])()]

    def refused(self):
        return [self.rng.choice([
            ("GetItem", {"TableName": "missing", "Key": self.key()}, 400),
            ("PutItem", {"TableName": "things", "Item": {"pk": {"N": "1"}}}, 400),
            ("Query", {"TableName": "things", "KeyConditionExpression": "pk = = :p"}, 400),
            ("PutItem", {"TableName": "things", "Item": self.item(), "ConditionExpression": "n = :n",
                         "ExpressionAttributeValues": {":n": {"N": "-1"}}}, 400),
        ])]

    def passing_table(self):
        name = f"passing-{self.name}-{self.count}"
        return [("CreateTable", table(name), 200),
                ("BatchWriteItem", {"RequestItems": {name: [{"PutRequest": {"Item": {**self.item(), "sk": {"S": str(i)}}}} for i in range(25)]}}, 200),
                ("Scan", {"TableName": name}, 200),
                ("DeleteTable", {"TableName": name}, 200)]

    def next(self):
        """A list: what belongs together in order."""
        self.count += 1
        kind = self.rng.random()
        if kind < 0.02:
            return self.passing_table()
        return self.read() if kind < 0.5 else self.write() if kind < 0.9 else self.refused()


def send(connection, operation, body, want):
    connection.request("POST", "/", body if isinstance(body, bytes) else json.dumps(body), {
        "X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Date": "20260101T000000Z", "Authorization": AUTHORIZATION})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != want:
        raise AssertionError(f"{operation}: {answer.status} instead of {want}: {text[:300]!r}")


class Client(threading.Thread):
    """Plays a mix until `end` (monotonic), at most `rate` requests a second, large bodies every `large_every` requests."""

    def __init__(self, server, name, seed, end, rate=None, large_every=LARGE_EVERY, large=()):
        super().__init__()
        self.server, self.mix, self.end, self.rate, self.large_every, self.large = server, Mix(name, seed), end, rate, large_every, large
        self.done, self.errors = 0, []

    def wait_turn(self, began):
        late = began + self.done / self.rate - time.monotonic() if self.rate else 0
        if late > 0:
            time.sleep(late)

    def run(self):
        connection, began = self.server.connect(), time.monotonic()
        while time.monotonic() < self.end and len(self.errors) < 10:
            batch = self.mix.next()
            if self.large and self.mix.count % self.large_every == 0:
                batch = [self.large[self.mix.count // self.large_every % len(self.large)]]
            for request in batch:
                try:
                    send(connection, *request)
                except Exception as error:  # told by who started this
                    self.errors.append(error)
                    connection.close()
                self.done += 1
            if self.mix.count % RECONNECT_EVERY == 0:
                self.leave_one_behind()
                connection.close()  # http.client connects anew
            self.wait_turn(began)
        connection.close()

    def leave_one_behind(self):
        """A connection that goes in the middle of its request."""
        with socket.create_connection(("127.0.0.1", self.server.port)) as s:
            s.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")


def memory_mb(pid):
    """What the process holds: all, the heap (arenas, buffers, connections), the data (the map)."""
    status = dict(re.findall(r"^(VmRSS|RssAnon|RssFile|RssShmem):\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M))
    return {"rss": int(status["VmRSS"]) / 1024, "heap": int(status["RssAnon"]) / 1024, "data": int(status["RssShmem"]) / 1024}
