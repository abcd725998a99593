# SPDX-License-Identifier: Apache-2.0
"""Answers made comparable: what may differ between two right servers (ids, times, orders that nobody promises) is masked or sorted."""
import json
import re

from domain import LOCAL_INDEXES

MASKED = {"TableId", "CreationDateTime", "LatestStreamLabel", "LatestStreamArn", "TableArn", "IndexArn", "LastUpdateToPayPerRequestDateTime", "LastIncreaseDateTime", "LastDecreaseDateTime",
          # How far a table is on its way (CREATING, UPDATING) depends on the moment of the question.
          "TableStatus", "IndexStatus"}

ABSENT = {"Backfilling", "WarmThroughput"}
UNORDERED = {"AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "NonKeyAttributes", "Tags", "TableNames"}


def sort_key(value):
    return json.dumps(value, sort_keys=True)


def normal(node, key=None):
    if isinstance(node, dict):
        if len(node) == 1 and key not in ("Keys", "Item", "Attributes"):
            (kind, members), = node.items()
            if kind in ("SS", "BS", "NS") and isinstance(members, list):
                return {kind: sorted(members, key=str)}
        return {k: "*" if k in MASKED else normal(v, k) for k, v in node.items() if k not in ABSENT}
    if isinstance(node, list):
        if key in UNORDERED:
            return sorted((normal(v) for v in node), key=sort_key)
        return [normal(v) for v in node]
    if isinstance(node, float) and node == int(node):
        return int(node)
    return node


def answer(operation, request, status, body):
    """What is compared."""
    try:
        tree = json.loads(body) if body else {}
    except ValueError:
        return {"status": status, "body": body}
    if status != 200:
        kept = {"status": status, "type": str(tree.get("__type", "")).split("#")[-1], "message": tree.get("message", tree.get("Message")), "key": "Message" if "Message" in tree else "message"}
        for name in ("Item", "CancellationReasons"):
            if name in tree:
                kept[name] = normal(tree[name])
        return kept
    tree = normal(tree)
    capacity = tree.get("ConsumedCapacity")
    if isinstance(capacity, list):
        tree["ConsumedCapacity"] = sorted(capacity, key=sort_key)
    if operation == "BatchGetItem":
        tree["Responses"] = {t: sorted(items, key=sort_key) for t, items in tree.get("Responses", {}).items()}
    if operation == "Scan" and ("Items" in tree or "Count" in tree):
        partial = "LastEvaluatedKey" in tree or "ExclusiveStartKey" in request or request.get("TotalSegments", 1) != 1
        # The order of partitions is nobody's promise: pages and segments are compared by the walks (run.py), whole scans as sets.
        if partial:
            return {"status": 200, "scan page": tree["ScannedCount"] <= (request.get("Limit") or 1 << 30)}
        tree["Items"] = sorted(tree.get("Items", []), key=sort_key)
    if operation == "Query" and isinstance(request.get("ExclusiveStartKey"), dict) and len(request["ExclusiveStartKey"]) == 1 and request.get("IndexName") is None:
        # The whole key of a table without a sort key: nothing can follow, but the oracle begins again.
        return {"status": 200}
    if operation == "Query" and request.get("IndexName"):
        # Rows with equal index keys have no promised order.
        if "LastEvaluatedKey" in tree or "ExclusiveStartKey" in request:
            return {"status": 200, "index page": tree["ScannedCount"] <= (request.get("Limit") or 1 << 30)}
        tree["Items"] = sorted(tree.get("Items", []), key=sort_key)
    return {"status": 200, "body": tree}


def signature(operation, request, ours, theirs):
    """One line that names a kind of difference, with what varies masked: for counting and for the list of known ones."""
    def short(a):
        if a["status"] == 200:
            return "200"
        return f"{a['status']} {a.get('type')}: {a.get('message')}"

    def reasons(a):
        if a["status"] == 200:
            return None
        return [f"{r.get('Code')} {r.get('Message', '')}".strip() for r in a.get("CancellationReasons", [])]
    line = f"{operation} | {short(ours)} | {short(theirs)}"
    if "CancellationReasons" in ours or "CancellationReasons" in theirs:
        mine, other = reasons(ours), reasons(theirs)
        mine = mine if mine is not None else ["None"] * len(other)
        other = other if other is not None else ["None"] * len(mine)
        if len(mine) == len(other) and mine != other:
            # Only what differs, action by action.
            return re.sub(r"\s+", " ", f"{operation} | reasons | " + " ;; ".join(sorted({f"{a} <> {b}" for a, b in zip(mine, other) if a != b})))
    if ours["status"] == theirs["status"] == 200:
        line += " | " + paths(ours.get("body", ours), theirs.get("body", theirs))
        if request.get("IndexName") in LOCAL_INDEXES and ("ProjectionExpression" in request or "AttributesToGet" in request or request.get("Select") == "ALL_ATTRIBUTES"):
            line += " | local index"
    elif short(ours) == short(theirs):
        line += " | members " + paths(ours, theirs)
    elif sorted(re.findall(r"[^\s{}\[\],;]+", short(ours))) == sorted(re.findall(r"[^\s{}\[\],;]+", short(theirs))):
        line += " | same words"
    elif joined(theirs) < joined(ours):
        line += " | fewer"
    return re.sub(r"\s+", " ", line)


def joined(answer):
    """The errors of members that are told in one answer."""
    message = str(answer.get("message"))
    start = re.match(r"\d+ validation errors? detected: (?=Value )", message)
    return frozenset(re.split(r"; (?=Value )", message[start.end():])) if start else frozenset([message])


def places(operation, ours, theirs):
    """Where both succeed: a signature for each place in which the answers differ."""
    both = ours["status"] == theirs["status"] == 200
    return [f"{operation} | 200 | 200 | {place}" for place in paths(ours.get("body", ours), theirs.get("body", theirs), None).split(", ")] if both else []


def paths(ours, theirs, most=8):
    return ", ".join(sorted(set(difference_paths(ours, theirs)))[:most])


def difference_paths(a, b, path=""):
    if type(a) is not type(b):
        return [path or "/"]
    if isinstance(a, dict):
        return [p for k in sorted(set(a) | set(b), key=str) for p in ([f"{path}/{k}"] if (k in a) != (k in b) else difference_paths(a[k], b[k], f"{path}/{k}"))]
    if isinstance(a, list):
        return [path + "/length"] if len(a) != len(b) else [p for x, y in zip(a, b) for p in difference_paths(x, y, path + "/[]")]
    return [] if a == b else [path]
