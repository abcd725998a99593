# SPDX-License-Identifier: Apache-2.0
"""What one request does not show: pages walked to the end, segments, concurrent writes, pages and batches of megabytes."""
import concurrent.futures
import json

import compare
from domain import TABLES

PAGES_MAX = 500


def walk(server, operation, request, is_ordered=False):
    """All pages: their items (as a set, if not ordered) and counts. A page that is wrong by itself is shown in their place."""
    items, start, scanned = [], {}, 0
    for _ in range(PAGES_MAX):
        status, body = server.call(operation, {**request, **start})
        tree = json.loads(body)
        if status != 200:
            return tree
        if tree["ScannedCount"] > request.get("Limit", 1 << 30) or tree["Count"] > tree["ScannedCount"] or ("Items" in tree and len(tree["Items"]) != tree["Count"]):
            return {"wrong page": tree}
        if len(body) > 1 << 21:
            return {"page of": len(body)}
        items += tree.get("Items", [""] * tree["Count"])
        scanned += tree["ScannedCount"]
        if "LastEvaluatedKey" not in tree:
            texts = [json.dumps(compare.normal(i), sort_keys=True) for i in items]
            # Where a page of 1 MB ends differs, and the oracle counts the row before which it ended a second time.
            return {"scanned": scanned if sum(map(len, texts)) < 700000 and "Limit" in request else None, "items": texts if is_ordered else sorted(texts)}
        start = {"ExclusiveStartKey": tree["LastEvaluatedKey"]}
    return {"no end": request}


def options(r, request, keys):
    """A filter, a projection, counts only: on pages as on one answer. What an index does not project is another matter (generate.py)."""
    roll = r.random()
    if roll < 0.3:
        values = {":n": {"N": "1"}, ":s": {"S": "a"}}
        request["FilterExpression"] = r.choice(["attribute_exists(c)", "size(c) > :n", "NOT contains(bag, :s)", "d >= :n", "attribute_not_exists(lst[0])"])
        used = {k: v for k, v in {**request.get("ExpressionAttributeValues", {}), **values}.items() if k not in values or k in request["FilterExpression"]}
        if used:
            request["ExpressionAttributeValues"] = used
    if 0.2 < roll < 0.4:
        request["ProjectionExpression"] = r.choice(keys + ["a, num", "nested.a, lst[0]"] * ("IndexName" not in request))
    elif 0.4 < roll < 0.5:
        request["Select"] = "COUNT"
    return request


def walks(r, ours, theirs, report):
    for table, t in TABLES.items():
        items, keys = ours.items(table), [n for n, _ in t["keys"]]
        for index, hashes in [(None, keys[:1])] + [(g[0], g[1]) for g in t["gsi"]] + [(x[0], [x[1]]) for x in t["lsi"]]:
            base = {"TableName": table, "Limit": r.randint(1, 7), **({"IndexName": index} if index else {})}
            request = options(r, dict(base), keys)
            mine, other = walk(ours, "Scan", request), walk(theirs, "Scan", request)
            report("Scan walk", request, {"status": 200, "body": mine}, {"status": 200, "body": other})
            segments = r.randint(2, 5)
            parts = [walk(ours, "Scan", {**request, "Segment": s, "TotalSegments": segments}) for s in range(segments)]
            union = {"scanned": sum(p.get("scanned") or 0 for p in parts), "items": sorted(i for p in parts for i in p.get("items", [str(p)]))}
            if other.get("scanned") is None:
                union["scanned"] = None # too much for one page: not comparable
            report("Scan segments", request, {"status": 200, "body": union}, {"status": 200, "body": other})
            found = [i for i in items if all(h in i for h in hashes)]
            if found and (len(keys) > 1 or index): # (the oracle begins again behind the whole key of a table without a sort key)
                item = r.choice(sorted(found, key=compare.sort_key))
                request = options(r, {**base, "KeyConditionExpression": " AND ".join(f"{h} = :{h}" for h in hashes), "ExpressionAttributeValues": {f":{h}": item[h] for h in hashes},
                                      "ScanIndexForward": r.random() < 0.5}, keys)
                # Rows of an index with equal keys have no promised order.
                mine, other = (walk(s, "Query", request, is_ordered=index is None) for s in (ours, theirs))
                report("Query walk", request, {"status": 200, "body": mine}, {"status": 200, "body": other})


def races(r, servers, report):
    """Concurrent conditional writes: exactly one may win, increments are not lost, a transaction moves all or nothing. Of ours alone."""
    key = {"pk": {"S": f"race{r.random()}"}, "sk": {"S": "x"}}
    sides = [{**key, "sk": {"S": s}} for s in ("left", "right")]
    one = {"ExpressionAttributeValues": {":one": {"N": "1"}}}

    def create(server):
        return server.call("PutItem", {"TableName": "Alpha", "Item": key, "ConditionExpression": "attribute_not_exists(pk)"})[0]

    def add(server):
        for _ in range(5):
            server.call("UpdateItem", {"TableName": "Alpha", "Key": key, "UpdateExpression": "ADD num :one", **one})
            # The same under a version: tried until nobody was in between.
            while True:
                item = json.loads(server.call("GetItem", {"TableName": "Alpha", "Key": key})[1])["Item"]
                version = item.get("b", {"N": "0"})
                if server.call("UpdateItem", {"TableName": "Alpha", "Key": key, "UpdateExpression": "SET b = :next", "ConditionExpression": "b = :b OR attribute_not_exists(b)",
                                              "ExpressionAttributeValues": {":b": version, ":next": {"N": str(int(version["N"]) + 1)}}})[0] == 200:
                    break

    def move(server):
        for _ in range(5):
            server.call("TransactWriteItems", {"TransactItems": [
                {"Update": {"TableName": "Alpha", "Key": sides[0], "UpdateExpression": "ADD num :minus", "ConditionExpression": "num >= :one",
                            "ExpressionAttributeValues": {":minus": {"N": "-1"}, ":one": {"N": "1"}}}},
                {"Update": {"TableName": "Alpha", "Key": sides[1], "UpdateExpression": "ADD num :one", **one}}]})

    def number(which, name):
        return json.loads(servers[0].call("GetItem", {"TableName": "Alpha", "Key": which})[1])["Item"].get(name, {}).get("N")
    servers[0].call("PutItem", {"TableName": "Alpha", "Item": {**sides[0], "num": {"N": "25"}}})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(create, servers))
        list(pool.map(add, servers))
        list(pool.map(move, servers))
    seen = [statuses, number(key, "num"), number(key, "b"), number(sides[0], "num"), number(sides[1], "num")]
    report("race", key, {"status": 200, "body": seen}, {"status": 200, "body": [[200] + [400] * 7, "40", "40", "0", "25"]})
    for which in (key, *sides):
        servers[0].call("DeleteItem", {"TableName": "Alpha", "Key": which})


def sizes(r, both, ours, theirs, report):
    """Pages above 1 MB, batches of up to 16 MB, transactions of up to 4 MB."""
    length = r.choice([120000, 250000, 399000])
    items = [{"id": {"N": str(5000 + i)}, "a": {"S": "x" * (length + i)}, "b": {"N": str(i)}} for i in range(r.randint(3, 12))]
    def step(operation, request):
        return report(operation, request, *both(operation, request))
    for item in items:
        step("PutItem", {"TableName": "Beta", "Item": item, "ReturnConsumedCapacity": "TOTAL"})
    for request in ({}, {"ProjectionExpression": "id"}, {"Limit": 5}, {"Select": "COUNT"}, {"FilterExpression": "b > :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}):
        request = {"TableName": "Beta", **request}
        mine, other = walk(ours, "Scan", request), walk(theirs, "Scan", request)
        report("Scan walk", request, {"status": 200, "body": mine}, {"status": 200, "body": other})
    keys = [{"id": i["id"]} for i in items]
    step("BatchGetItem", {"RequestItems": {"Beta": {"Keys": keys}}, "ReturnConsumedCapacity": "TOTAL"})
    step("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "Beta", "Key": k}} for k in keys], "ReturnConsumedCapacity": "TOTAL"})
    for kind in ("Put", "Update"):
        actions = [{"Put": {"TableName": "Beta", "Item": i}} if kind == "Put" else
                   {"Update": {"TableName": "Beta", "Key": {"id": i["id"]}, "UpdateExpression": "SET b = :n", "ExpressionAttributeValues": {":n": {"N": "3"}}}} for i in items]
        step("TransactWriteItems", {"TransactItems": actions, "ReturnConsumedCapacity": "TOTAL"})
    step("BatchWriteItem", {"RequestItems": {"Beta": [{"PutRequest": {"Item": i}} for i in items]}, "ReturnConsumedCapacity": "INDEXES"})
    step("BatchWriteItem", {"RequestItems": {"Beta": [{"DeleteRequest": {"Key": k}} for k in keys]}, "ReturnConsumedCapacity": "TOTAL"})
