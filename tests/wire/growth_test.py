# SPDX-License-Identifier: Apache-2.0
"""No growth over mixed load: after a warm-up, some seconds of reads, writes, refusals and requests of 16 MB leave the process as large as
they found it; and what large requests took is given back when they are over. Data is left out (it is the map's, RssShmem), so what is
counted is the heap: arenas, buffers, connections."""
import json
import random
import re
import threading
import time
from pathlib import Path

from stator import AUTHORIZATION, PROGRAM, Stator

WARM_UP_SECONDS = 5
ROUNDS, ROUND_SECONDS = 3, 4
THREADS = 3
ITEMS = 200
LARGE = 15 * 1024 * 1024
# A sanitizer keeps freed memory and more beside it; there the test finds only what really runs away.
IS_SANITIZED = any(mark in Path(PROGRAM).read_bytes() for mark in (b"__asan_init", b"__tsan_init"))
GROWTH_MB = 64 if IS_SANITIZED else 3
REST_MB = 256 if IS_SANITIZED else 24


def heap_mb(server):
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status).group(1)) / 1024


def key(rng):
    return {"pk": {"S": f"part-{rng.randrange(10)}"}, "sk": {"S": f"item-{rng.randrange(ITEMS)}"}}


def item(rng):
    return {**key(rng), "ref": {"S": f"ref-{rng.randrange(50)}"}, "n": {"N": str(rng.randrange(1000))},
            "note": {"S": "x" * rng.randrange(2000)}, "tags": {"SS": ["a", "b"]}}


def small_request(rng):
    return rng.choice([
        lambda: ("GetItem", {"TableName": "things", "Key": key(rng)}),
        lambda: ("PutItem", {"TableName": "things", "Item": item(rng)}),
        lambda: ("DeleteItem", {"TableName": "things", "Key": key(rng)}),
        lambda: ("UpdateItem", {"TableName": "things", "Key": key(rng), "UpdateExpression": "SET n = :n, extra = :e",
                                "ExpressionAttributeValues": {":n": {"N": "7"}, ":e": {"S": "y" * rng.randrange(500)}}}),
        lambda: ("Query", {"TableName": "things", "KeyConditionExpression": "pk = :p",
                           "ExpressionAttributeValues": {":p": {"S": f"part-{rng.randrange(10)}"}}}),
        lambda: ("Query", {"TableName": "things", "IndexName": "by_ref", "KeyConditionExpression": "ref = :r",
                           "ExpressionAttributeValues": {":r": {"S": f"ref-{rng.randrange(50)}"}}}),
        lambda: ("Scan", {"TableName": "things", "FilterExpression": "n < :n AND attribute_exists(tags)", "ProjectionExpression": "pk, n",
                          "ExpressionAttributeValues": {":n": {"N": "3"}}}),
        lambda: ("BatchWriteItem", {"RequestItems": {"things": [{"PutRequest": {"Item": {**item(rng), "sk": {"S": f"b-{i}"}}}}
                                                           for i in range(10)]}}),
        lambda: ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "things", "Item": item(rng)}}]}),
        lambda: ("GetItem", {"TableName": "missing", "Key": key(rng)}),
        lambda: ("PutItem", {"TableName": "things", "Item": {"pk": {"N": "1"}}}),
        lambda: ("Query", {"TableName": "things", "KeyConditionExpression": "pk = = :p"}),
    ])()


LARGE_BODIES = [  # refused all, but read and parsed first; the second needs some ten times its size
    json.dumps({"TableName": "things", "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}, "v": {"S": "z" * LARGE}}}).encode(),
    b'{"TableName":"things","Unknown":[' + b"1," * (LARGE // 2) + b"1]}",
]


def send(connection, operation, body):
    connection.request("POST", "/", body, {
        "X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Date": "20260101T000000Z", "Authorization": AUTHORIZATION})
    answer = connection.getresponse()
    answer.read()
    assert answer.status in (200, 400), (operation, answer.status)


def load(server, seconds, seed, errors):
    try:
        rng = random.Random(seed)
        end = time.monotonic() + seconds
        connection = server.connect()
        count = 0
        while time.monotonic() < end:
            send(connection, *(lambda o, b: (o, json.dumps(b)))(*small_request(rng)))
            count += 1
            if count % 100 == 0:
                connection.close()  # http.client connects anew
            if count % 150 == 0:
                send(connection, "PutItem", LARGE_BODIES[count // 150 % 2])
        connection.close()
    except Exception as error:  # told by the main thread
        errors.append(error)


def run_load(server, seconds, seed):
    errors = []
    threads = [threading.Thread(target=load, args=(server, seconds, seed * 100 + i, errors)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors
    server.must("ListTables", {})  # a turn of the loop later everything is given back
    return heap_mb(server)


def main():
    env = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"} if IS_SANITIZED else None
    with Stator("-inMemory", env=env) as server:
        idle = heap_mb(server)
        server.must("CreateTable", {
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "ref")],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "GlobalSecondaryIndexes": [{"IndexName": "by_ref", "KeySchema": [{"AttributeName": "ref", "KeyType": "HASH"}],
                                        "Projection": {"ProjectionType": "ALL"}}]})
        warm = run_load(server, WARM_UP_SECONDS, 0)
        sizes = [run_load(server, ROUND_SECONDS, 1 + n) for n in range(ROUNDS)]
        print(f"heap MB: idle {idle:.1f}, after the warm-up {warm:.1f}, then {', '.join(f'{s:.1f}' for s in sizes)}")
        assert min(sizes) <= warm + GROWTH_MB, "the heap grows under steady load"
        assert sizes[-1] <= idle + REST_MB, "large requests leave memory behind"


if __name__ == "__main__":
    main()
