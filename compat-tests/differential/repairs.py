# SPDX-License-Identifier: Apache-2.0
"""A request with one thing less that may be wrong with it: a member, an element, a term of an expression left out, or put right. What depends on it goes with it
(placeholders with their expression, definitions with their index), so that nothing becomes wrong that was right. Where a repair can't promise that, it comes
with a regular expression of what it may bring about: it is then no proof for any of these."""
import copy
import re

import model
from domain import TABLES

FRESH = "ScratchFresh"
FRESH_TABLE = {"TableName": FRESH, "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
               "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}]}
EXPRESSIONS = ("UpdateExpression", "ConditionExpression", "KeyConditionExpression", "FilterExpression", "ProjectionExpression")
HARMLESS = "attribute_exists(zzz)"
VALID = {"UpdateExpression": "REMOVE zzz", "ConditionExpression": HARMLESS, "FilterExpression": HARMLESS, "ProjectionExpression": "zzz"}
OPERAND = r"(?:size\s*\([^()]*\)|[\w#:.\[\]]+)"
TERM = re.compile(rf"{OPERAND}\s+(?i:BETWEEN)\s+{OPERAND}\s+(?i:AND)\s+{OPERAND}|{OPERAND}\s+(?i:IN)\s*\((?:[^()]|\([^()]*\))*\)|{OPERAND}\s*(?:=|<>|<=|>=|<|>)\s*{OPERAND}|"
                  r"\b(?:attribute_\w+|begins_with|contains)\s*\((?:[^()]|\([^()]*\))*\)")
PATH = re.compile(r"(?<![\w.#:\]])(?!(?:size|attribute_\w+|begins_with|contains|BETWEEN|AND|IN|and|Or|OR)\b)[a-z#][\w.#\[\]]*")
TARGET = re.compile(r"[\w#.\[\]]+")
PLACEHOLDERS = ("ExpressionAttributeNames", "ExpressionAttributeValues")
KEYS = {"S": {"S": "a"}, "N": {"N": "1"}, "B": {"B": "YQ=="}}
CONDITIONS = {"Expected": {"Exists": False}, "AttributeUpdates": {"Action": "PUT", "Value": {"S": "x"}}, "QueryFilter": {"ComparisonOperator": "NULL"}, "ScanFilter": {"ComparisonOperator": "NULL"}}
LISTS = ("AttributesToGet", "Keys", "TransactItems", "GlobalSecondaryIndexUpdates", "Tags", "TagKeys", "NonKeyAttributes")
CONDITIONAL = {"PutItem": "ConditionExpression", "UpdateItem": "ConditionExpression", "DeleteItem": "ConditionExpression", "Scan": "FilterExpression"}
ITEM_OPERATIONS = ("PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan")
THROUGHPUT = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


# What some repairs may bring about.
CONDITIONS_OF_QUERY = (r"Query (condition missed|key condition)|number of query conditions|(HASH|RANGE) key attributes|start(ing)? key|ALL_PROJECTED_ATTRIBUTES can|can return at most|"
                       r"(Filter Expression|QueryFilter) can only|does not project|Type mismatch for Index Key|IndexKey")
SCHEMA = r"does not match the schema|Missing the key|Type mismatch|" + CONDITIONS_OF_QUERY
TWICE = r"contains duplicates$|multiple operations on one item"
SELECT = r"ALL_ATTRIBUTES|ALL_PROJECTED_ATTRIBUTES|SPECIFIC_ATTRIBUTES"
SETTINGS = r"Capacity|BillingMode|throughput|Throughput|At least one of|created with a stream|UpdateViewType"
NUMBERS = r"Attempting to store more|Number (over|under)flow|The BETWEEN operator"
UNDEFINED = r"AttributeDefinitions|Some index key|KeySchema"
BY_MEMBER = {"IndexName": CONDITIONS_OF_QUERY, "ProjectionExpression": SELECT, "AttributesToGet": SELECT, "Expected": "ConditionalOperator", "QueryFilter": "ConditionalOperator", "ScanFilter": "ConditionalOperator",
             "UpdateExpression": CONDITIONS_OF_QUERY}


def repairs(operation, request):
    """(a smaller request, what its repair may bring about or None), the largest steps first."""
    if not isinstance(request, dict):
        return
    for path, scope in list(scopes(operation, request)):
        for change in changes(operation, scope, path):
            smaller = copy.deepcopy(request)
            target = smaller
            for step in path:
                target = target[step]
            change, brings = change if isinstance(change, tuple) else (change, None)
            change(target)
            tidy(scope, target)
            if smaller != request:
                yield smaller, brings
    for smaller in without_elements(request):
        yield smaller, None
    for path in paths(request, most=80):
        value = at(request, path)
        is_leaf = isinstance(value, dict) and len(value) == 1 and next(iter(value)) in LIKE and next(iter(value)) not in ("L", "M")
        if is_leaf and not is_valid(value) or (value == {} and path[-2:-1] in (("L",), ("M",))):
            yield replaced(request, path, valid_like(value)), NUMBERS + "|" + SCHEMA + "|" + TWICE
    for smaller in tables(operation, request):
        smaller, brings = smaller if isinstance(smaller, tuple) else (smaller, None)
        if smaller != request:
            yield smaller, brings


# ---- One operation on one table: the request itself, an action of a transaction, a table of a batch ----
def scopes(operation, request):
    yield (), request
    if operation.startswith("Transact"):
        for i, action in enumerate(as_list(request.get("TransactItems"))):
            for kind, scope in as_dict(action).items():
                if isinstance(scope, dict):
                    yield ("TransactItems", i, kind), scope
    if operation.startswith("Batch"):
        for table, scope in as_dict(request.get("RequestItems")).items():
            if isinstance(scope, dict):
                yield ("RequestItems", table), scope
            for i, write in enumerate(as_list(scope)):
                for kind, put in as_dict(write).items():
                    if isinstance(put, dict):
                        yield ("RequestItems", table, i, kind), put


def as_dict(node):
    return node if isinstance(node, dict) else {}


def as_list(node):
    return node if isinstance(node, list) else []


def required(operation, path):
    """Members that may not go; in a transaction, whatever the model requires of the action."""
    shape = model.OPERATIONS.get(operation)
    if shape is None:
        return ()
    for step in path:
        kind = model.SHAPES[shape]
        shape = kind.get("members", {}).get(step) if "members" in kind else kind.get("member", kind.get("value"))
        if shape is None:
            return ()
    return model.SHAPES[shape].get("required", ()) if "members" in model.SHAPES[shape] else ()


def changes(operation, scope, path):
    keep = (*required(operation, path), "KeyConditionExpression", "KeyConditions", "TransactItems", "RequestItems", "KeySchema", "AttributeDefinitions")
    table = table_of(scope, path)
    if operation == "UpdateTable" and len([n for n in scope if n not in ("TableName", "AttributeDefinitions")]) < 2:
        keep = tuple(scope) # something is to be updated
    if operation == "CreateTable":
        keep += ("ProvisionedThroughput", "BillingMode", "GlobalSecondaryIndexes", "LocalSecondaryIndexes") # one needs another: tables()
    if "KeyConditions" in scope and "KeyConditionExpression" in scope:
        for name in ("KeyConditions", "KeyConditionExpression"):
            yield lambda s, name=name: s.pop(name), CONDITIONS_OF_QUERY
    if operation == "UpdateTable" and "AttributeDefinitions" in scope:
        yield lambda s: s.pop("AttributeDefinitions"), UNDEFINED
    for name in list(scope):
        if name not in (*keep, *PLACEHOLDERS, *BY_MEMBER, "Segment", "TotalSegments"):
            yield lambda s, name=name: s.pop(name), SETTINGS if operation == "UpdateTable" and name in ("BillingMode", "ProvisionedThroughput", "GlobalSecondaryIndexUpdates") else None
    yield from placeholders(operation, scope)
    yield from keys(operation, scope, table, path)
    for name in EXPRESSIONS:
        if isinstance(scope.get(name), str):
            for text in parts(name, scope[name]):
                yield lambda s, name=name, text=text: s.update({name: text})
            if name in VALID:
                yield lambda s, name=name: s.update({name: VALID[name]}), "does not project"
                yield lambda s, name=name: s.update({name: plain(name, " ".join([s[name], *(k for n in PLACEHOLDERS for k in as_dict(s.get(n)))]))}), "does not project"
    for name, valid in CONDITIONS.items():
        for attribute in as_dict(scope.get(name)):
            yield lambda s, name=name, attribute=attribute: s[name].pop(attribute), "ConditionalOperator"
            yield lambda s, name=name, attribute=attribute, valid=valid: s[name].update({attribute: valid})
    if "AttributesToGet" in scope:
        yield lambda s: s.update(AttributesToGet=["zzz"]), "does not project"
    if "Limit" in scope:
        yield lambda s: s.update(Limit=1)
    if "Segment" in scope or "TotalSegments" in scope:
        yield lambda s: (s.pop("Segment", None), s.pop("TotalSegments", None))
        yield lambda s: s.update(Segment=0, TotalSegments=1)
        yield lambda s: s.update(Segment=0), "Segment"
        yield lambda s: s.update(TotalSegments=1000), "Segment"
    for name, child in model.SHAPES[model.OPERATIONS[operation]]["members"].items() if not path else ():
        if name in scope and "enum" in model.SHAPES[child] and name not in ("Select", "BillingMode"):
            yield lambda s, name=name, valid=model.SHAPES[child]["enum"][0]: s.update({name: valid})
    if isinstance(scope.get("StreamSpecification"), dict):
        yield lambda s: s["StreamSpecification"].update(StreamEnabled=True), "is required"
        if "StreamViewType" in scope["StreamSpecification"]:
            yield lambda s: s["StreamSpecification"].update(StreamViewType="NEW_IMAGE")
    if path[:1] != ("RequestItems",) and (path or operation in ITEM_OPERATIONS) and table not in TABLES:
        # Whatever the values are, there is a table for them; or values for whatever the table is.
        for name in ("Key", "Item"):
            for n in as_dict(scope.get(name)):
                yield lambda s, name=name, n=n: s[name].update({n: KEYS["S"]})
        yield lambda s: s.update(TableName="Beta"), SCHEMA
    if operation.startswith("Transact") and "ReturnValuesOnConditionCheckFailure" in scope:
        yield lambda s: s.pop("ReturnValuesOnConditionCheckFailure")
    for name in BY_MEMBER:
        if name in scope and name not in keep:
            yield lambda s, name=name: s.pop(name), BY_MEMBER[name]


def table_of(scope, path):
    name = path[1] if path[:1] == ("RequestItems",) else scope.get("TableName")
    return str(name).split("/")[-1]


def keys(operation, scope, table, path):
    """Keys, items and key conditions that suit their table; and a table that is there, with what suits it."""
    for other in dict.fromkeys([table, *([] if path[:1] == ("RequestItems",) else ["Beta"])]):
        t = TABLES.get(other)
        if t is None:
            continue
        key = {n: KEYS[k] for n, k in t["keys"]}
        name, kind = t["keys"][0]
        moved = {"TableName": other} if path[:1] != ("RequestItems",) and table != other else {}
        if "Key" in scope or (not path and operation in ("GetItem", "UpdateItem", "DeleteItem")) or (path[:1] == ("TransactItems",) and path[-1] != "Put"):
            yield lambda s, key=key, moved=moved: s.update(Key=key, **moved), TWICE
            for n in () if moved else key:
                if isinstance(scope.get("Key"), dict):
                    yield lambda s, n=n, key=key: s["Key"].update({n: key[n]}), TWICE
            for n in () if moved else as_dict(scope.get("Key")):
                if n not in key:
                    yield lambda s, n=n: s["Key"].pop(n)
        if isinstance(scope.get("Item"), dict) or (not path and operation == "PutItem"):
            yield lambda s, key=key, moved=moved: s.update(Item={**({} if moved else as_dict(s.get("Item"))), **key}, **moved), TWICE
            for n in () if moved or "Item" not in scope else key:
                yield lambda s, n=n, key=key: s["Item"].update({n: key[n]}), TWICE
            for n in () if moved else as_dict(scope.get("Item")):
                if n not in key:
                    yield lambda s, n=n: s["Item"].pop(n)
        for i, _ in enumerate(as_list(scope.get("Keys"))):
            yield lambda s, i=i, key=key: s["Keys"].__setitem__(i, key), TWICE
        is_legacy = any(n in scope for n in ("KeyConditions", "QueryFilter", "AttributesToGet", "ConditionalOperator"))
        if operation == "Query" and ("KeyConditionExpression" in scope or not is_legacy):
            def with_condition(s, name=name, kind=kind, moved=moved):
                s.update(KeyConditionExpression=f"{name} = :valid", **moved)
                s["ExpressionAttributeValues"] = {**as_dict(s.get("ExpressionAttributeValues")), ":valid": KEYS[kind]}
                if moved:
                    s.pop("IndexName", None)
                    s.pop("ExclusiveStartKey", None)
            yield with_condition, CONDITIONS_OF_QUERY
        if operation == "Query" and "KeyConditionExpression" not in scope and is_legacy:
            valid = {"ComparisonOperator": "EQ", "AttributeValueList": [KEYS[kind]]}

            def with_conditions(s, name=name, moved=moved, valid=valid):
                s.update(KeyConditions={name: valid}, **moved)
                if moved:
                    s.pop("IndexName", None)
                    s.pop("ExclusiveStartKey", None)
            yield with_conditions, CONDITIONS_OF_QUERY
            if isinstance(scope.get("KeyConditions"), dict) and not moved:
                yield lambda s, name=name, valid=valid: s["KeyConditions"].update({name: valid}), CONDITIONS_OF_QUERY
                for h in next((hashes for index, hashes, *_ in t["gsi"] if index == scope.get("IndexName")), ()):
                    yield lambda s, h=h, of=t["attributes"][h]: s["KeyConditions"].update({h: {"ComparisonOperator": "EQ", "AttributeValueList": [KEYS[of]]}}), r"number of query conditions|start(ing)? key"
                for n in scope["KeyConditions"]:
                    of = {**t["attributes"], **dict(t["keys"])}.get(n)
                    if of:
                        yield lambda s, n=n, of=of: s["KeyConditions"].update({n: {"ComparisonOperator": "EQ", "AttributeValueList": [KEYS[of]]}}), r"start(ing)? key|can return at most"
        for m in re.finditer(r"(?a:(#?\w+)\s*[<>=]+\s*(:\w+))", str(scope.get("KeyConditionExpression"))) if not moved and operation == "Query" else ():
            of = {**t["attributes"], **dict(t["keys"])}.get(as_dict(scope.get(PLACEHOLDERS[0])).get(m.group(1), m.group(1)))
            if of and m.group(2) in as_dict(scope.get(PLACEHOLDERS[1])):
                yield lambda s, k=m.group(2), of=of: s[PLACEHOLDERS[1]].update({k: KEYS[of]}), r"start(ing)? key|can return at most|The BETWEEN|Incorrect operand"
        if operation == "Scan" and moved:
            yield lambda s, moved=moved: (s.update(moved), s.pop("IndexName", None), s.pop("ExclusiveStartKey", None)), SELECT


# ---- Placeholders and expressions ----
def used(scope):
    return set(re.findall(r"(?a:[#:]\w+)", " ".join(str(scope.get(e, "")) for e in EXPRESSIONS)))


def placeholders(operation, scope):
    in_use = used(scope)
    for name in PLACEHOLDERS:
        if name not in scope:
            continue
        if not isinstance(scope[name], dict) or not any(k in in_use for k in scope[name]):
            yield lambda s, name=name: s.pop(name)
        for k in as_dict(scope[name]):
            if not re.match(r"[#:]\w", k):
                yield lambda s, name=name, k=k: s[name].update({"#:"[name == PLACEHOLDERS[1]] + "zz": s[name].pop(k)}), "unused"
            if k not in in_use:
                yield lambda s, name=name, k=k: drop(s, name, k)
            if k:
                valid = "zzz" if name == PLACEHOLDERS[0] else valid_like(scope[name][k])
                if valid != scope[name][k] and not is_valid(scope[name][k]):
                    yield lambda s, name=name, k=k, valid=valid: s[name].update({k: valid}), NUMBERS + "|" + CONDITIONS_OF_QUERY
    # What no expression uses gets one that does.
    if operation in CONDITIONAL and not any(n in scope for n in (*EXPRESSIONS, *CONDITIONS, "AttributesToGet", "KeyConditions", "ConditionalOperator")):
        text = plain("ConditionExpression", " ".join(k for n in PLACEHOLDERS for k in as_dict(scope.get(n))))
        yield lambda s: s.update({CONDITIONAL[operation]: text})
    # All of a type become one value, so that bounds stay in order.
    for kind in {next(iter(v)) for v in as_dict(scope.get(PLACEHOLDERS[1])).values() if isinstance(v, dict) and len(v) == 1}:
        yield lambda s, kind=kind: s[PLACEHOLDERS[1]].update({k: valid_like(v) for k, v in s[PLACEHOLDERS[1]].items() if isinstance(v, dict) and list(v) == [kind]}), NUMBERS + "|" + CONDITIONS_OF_QUERY
    # What an expression names, and nothing defines.
    for k in in_use:
        name = PLACEHOLDERS[k[0] == ":"]
        if k not in as_dict(scope.get(name)):
            yield lambda s, name=name, k=k: s.update({name: {**as_dict(s.get(name)), k: {"S": "x"} if k[0] == ":" else "zzz"}})


LIKE = {"S": "S", "N": "1", "B": "YQ==", "SS": ["x"], "NS": ["1"], "BS": ["YQ=="], "L": [], "M": {}, "BOOL": True, "NULL": True}


def valid_like(value):
    """A value that nothing is wrong with, of the same type."""
    kind = next(iter(value), None) if isinstance(value, dict) else None
    return {kind: LIKE[kind]} if kind in LIKE else {"S": "S"}


def is_valid(value, depth=0):
    """Whether nothing is wrong with the value by itself; names and other texts are left as they are."""
    if isinstance(value, str):
        return value != ""
    if not isinstance(value, dict) or len(value) != 1 or depth > 30:
        return False
    (kind, inner), = value.items()
    if kind in ("S", "B"):
        return isinstance(inner, str) and (inner != "" or depth > 0)
    if kind == "N":
        return isinstance(inner, str) and bool(re.fullmatch(r"-?\d{1,30}(\.\d{1,8})?([eE]-?\d{1,2})?", inner))
    if kind in ("SS", "NS", "BS"):
        return isinstance(inner, list) and 0 < len(inner) == len({str(i) for i in inner}) and all(is_valid({kind[0]: i}) for i in inner)
    if kind == "L":
        return isinstance(inner, list) and all(is_valid(v, depth + 1) for v in inner)
    if kind == "M":
        return isinstance(inner, dict) and all(k and is_valid(v, depth + 1) for k, v in inner.items())
    return kind == "BOOL" and isinstance(inner, bool) or (kind == "NULL" and inner is True)


def drop(scope, name, key):
    del scope[name][key]
    if not scope[name]:
        del scope[name]


def tidy(before, after):
    """Placeholders that lost their last use go; those that had none before stay, that is something wrong by itself."""
    gone = used(before) - used(after)
    for name in PLACEHOLDERS:
        for k in [k for k in as_dict(after.get(name)) if k in gone]:
            drop(after, name, k)


def split(text, separator):
    """The parts between separators that stand in no parentheses."""
    at, depth, found = 0, 0, []
    for m in re.finditer(r"[()]|" + separator, text):
        if m.group() == "(":
            depth += 1
        elif m.group() == ")":
            depth -= 1
        elif depth == 0:
            found.append(text[at:m.start()])
            at = m.end()
    return found + [text[at:]]


def parts(name, text):
    """The expression without one of its actions, terms or paths."""
    if name == "UpdateExpression":
        sections = [s for s in re.split(r"(?i)\b(?=(?:SET|REMOVE|ADD|DELETE)\s)", text) if s.strip()]
        targets = []
        for i, section in enumerate(sections):
            if len(sections) > 1:
                yield "".join(sections[:i] + sections[i + 1:]).strip()
            word, _, rest = section.partition(" ")
            actions = split(rest, ",")
            targets += [m.group() for m in map(TARGET.match, map(str.strip, actions)) if m]
            for j in range(len(actions) if len(actions) > 1 else 0):
                yield "".join(sections[:i] + [f"{word} {','.join(actions[:j] + actions[j + 1:]).strip()} "] + sections[i + 1:]).strip()
        if targets:
            yield "REMOVE " + ", ".join(targets) # the same paths, and nothing else of the actions
    elif name == "ProjectionExpression":
        terms = split(text, ",")
        for i in range(len(terms) if len(terms) > 1 else 0):
            yield ",".join(terms[:i] + terms[i + 1:]).strip()
    elif name != "KeyConditionExpression":
        for m in TERM.finditer(text):
            if m.group() != HARMLESS:
                yield text[:m.start()] + HARMLESS + text[m.end():]
            if m.group().startswith("attribute_exists"):
                continue
            for path in PATH.finditer(text, m.start(), m.end()):
                yield f"{text[:m.start()]}attribute_exists({path.group()}){text[m.end():]}"
                if not path.group().startswith("zz"):
                    yield f"{text[:path.start()]}zz{path.start()}{text[path.end():]}"


def plain(name, text):
    """An expression that uses the same placeholders, and has nothing wrong but for them."""
    names, values = ([p for p in dict.fromkeys(re.findall(r"[#:]\w+", text)) if p[0] == c] for c in "#:")
    if name == "UpdateExpression":
        return " ".join(["SET " + ", ".join(f"z{i} = {v}" for i, v in enumerate(values))] * bool(values) + ["REMOVE " + ", ".join(names)] * bool(names)) or VALID[name]
    if name == "ProjectionExpression":
        return ", ".join(names) or VALID[name]
    return " AND ".join([f"z{i} = {v}" for i, v in enumerate(values)] + [f"attribute_exists({n})" for n in names]) or VALID[name]


# ---- Elements of lists ----
def without_elements(node):
    """The request without one element of a list, or one table of a batch."""
    for path in list(paths(node)):
        where = path[-1] if path else None
        place = at(node, path)
        batch = "RequestItems" in path and isinstance(place, list) and len(path) == 2
        if isinstance(place, list) and (where in LISTS or batch) and len(place) > 1:
            for half in (place[len(place) // 2:], place[:len(place) // 2]) if len(place) > 4 else ():
                yield replaced(node, path, half)
            for i in range(len(place)):
                yield replaced(node, path, place[:i] + place[i + 1:])
        elif isinstance(place, dict) and len(place) > 1 and len(path) == 2 and path[0] == "TransactItems":
            for k in place:
                yield replaced(node, path, {k: place[k]})
        elif where == "RequestItems" and isinstance(place, dict) and len(place) > 1:
            for k in place:
                yield replaced(node, path, {n: v for n, v in place.items() if n != k})


def paths(node, path=(), most=5):
    yield path
    if len(path) < most:
        for k, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            yield from paths(child, path + (k,), most)


def at(node, path):
    for step in path:
        node = node[step]
    return node


def replaced(node, path, value):
    node = copy.deepcopy(node)
    place = node
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return node


# ---- Tables ----
def tables(operation, request):
    if operation not in ("CreateTable", "UpdateTable"):
        return
    if schema_names(request):
        yield defined(request, request, is_exact=True)
    for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes", "GlobalSecondaryIndexUpdates"):
        if name in request and not request[name]:
            yield {k: v for k, v in request.items() if k != name}, SETTINGS if operation == "UpdateTable" else None
    if operation == "UpdateTable" and "BillingMode" in request:
        yield {**{k: v for k, v in request.items() if k != "ProvisionedThroughput"}, "BillingMode": "PAY_PER_REQUEST"}, SETTINGS
    yield {**request, "TableName": FRESH}, None if operation == "CreateTable" else SETTINGS + "|Index|index|stream|encrypted|deletion"
    if operation == "CreateTable":
        yield defined({**request, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]}, request)
        yield on_demand(request)
        yield provisioned(request), "OnDemandThroughput" if request.get("BillingMode") == "PAY_PER_REQUEST" else None
    for name, valid in (("ProvisionedThroughput", THROUGHPUT), ("WarmThroughput", {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000}), ("OnDemandThroughput", {"MaxReadRequestUnits": 1})):
        if name in request:
            yield {**request, name: valid}, "cannot be specified when|lower than|will not change|PAY_PER_REQUEST"
    for path, index in list(indexes(request)):
        def with_(**members):
            return replaced(request, path, {**index, **members})
        hashes = [{"AttributeName": "pk", "KeyType": "HASH"}]
        yield with_(Projection={"ProjectionType": "ALL"})
        if isinstance(index.get("Projection"), dict):
            yield with_(Projection={"NonKeyAttributes": ["x"], **index["Projection"], "ProjectionType": "INCLUDE"})
            yield with_(Projection={"NonKeyAttributes": ["x"], "ProjectionType": "INCLUDE"})
            if "NonKeyAttributes" in index["Projection"]:
                yield with_(Projection={**index["Projection"], "NonKeyAttributes": ["x"]})
        yield with_(IndexName="fresh" + "".join(map(str, path[1:2])) + path[0][:5])
        yield defined(with_(KeySchema=hashes + [{"AttributeName": "sk", "KeyType": "RANGE"}]), request)
        if operation == "UpdateTable" and "KeySchema" in index:
            yield with_(KeySchema=hashes), UNDEFINED
            yield on_demand(request), SETTINGS
        elements = [e for e in as_list(index.get("KeySchema")) if isinstance(e, dict)]
        if 0 < len(elements) < 3:
            yield with_(KeySchema=[{**e, "KeyType": ("HASH", "RANGE")[i]} for i, e in enumerate(elements)])
        if operation == "CreateTable" and isinstance(request.get("KeySchema"), list):
            yield with_(KeySchema=request["KeySchema"]), r"are not used|KeySchema element|Invalid KeySchema|same name"
        names = [e.get("AttributeName") for e in as_list(index.get("KeySchema")) if isinstance(e, dict)]
        if len(set(map(str, names))) < len(names):
            yield defined(with_(KeySchema=[{**e, "AttributeName": f"g{i}"} for i, e in enumerate(index["KeySchema"]) if isinstance(e, dict)]), request)
        for name in ("OnDemandThroughput", "WarmThroughput"):
            if name in index:
                yield replaced(request, path, {k: v for k, v in index.items() if k != name})
        if "ProvisionedThroughput" in index:
            yield replaced(request, path, {k: v for k, v in index.items() if k != "ProvisionedThroughput"}), SETTINGS
            yield with_(ProvisionedThroughput=THROUGHPUT)
    for i, update in enumerate(as_list(request.get("GlobalSecondaryIndexUpdates"))):
        if not any(as_dict(update).get(k) for k in ("Create", "Update", "Delete")):
            yield replaced(request, ("GlobalSecondaryIndexUpdates", i), {"Delete": {"IndexName": "fresh"}})
        for kind in as_dict(update) if len(as_dict(update)) > 1 else ():
            yield replaced(request, ("GlobalSecondaryIndexUpdates", i), {k: v for k, v in update.items() if k != kind})
    for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes", "GlobalSecondaryIndexUpdates"):
        for i in range(len(as_list(request.get(name)))):
            left = request[name][:i] + request[name][i + 1:]
            yield defined({**request, name: left} if left else {k: v for k, v in request.items() if k != name}, request)


def indexes(request):
    for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for i, index in enumerate(as_list(request.get(name))):
            if isinstance(index, dict):
                yield (name, i), index
    for i, update in enumerate(as_list(request.get("GlobalSecondaryIndexUpdates"))):
        for kind, index in as_dict(update).items():
            if kind in ("Create", "Update") and isinstance(index, dict):
                yield ("GlobalSecondaryIndexUpdates", i, kind), index


def schema_names(request):
    schemas = [request.get("KeySchema"), *(i.get("KeySchema") for _, i in indexes(request))]
    return [e["AttributeName"] for s in schemas for e in as_list(s) if isinstance(e, dict) and isinstance(e.get("AttributeName"), str)]


def defined(request, before, is_exact=False):
    """With definitions for what is now a key and was none, without those that were used before and are not now; `is_exact`: exactly those in use."""
    names, old = dict.fromkeys(schema_names(request)), set(schema_names(before))
    kept = [d for d in as_list(request.get("AttributeDefinitions")) if isinstance(d, dict)]
    have = [d.get("AttributeName") for d in kept]
    if is_exact:
        return {**request, "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in names if 0 < len(n) < 256]}
    kept = [d for d in kept if d.get("AttributeName") in names or d.get("AttributeName") not in old]
    return {**request, "AttributeDefinitions": kept + [{"AttributeName": n, "AttributeType": "S"} for n in names if n not in have and n not in old and 0 < len(n) < 256]}


def on_demand(request):
    request = copy.deepcopy(request)
    request["BillingMode"] = "PAY_PER_REQUEST"
    request.pop("ProvisionedThroughput", None)
    for _, index in indexes(request):
        index.pop("ProvisionedThroughput", None)
    return request


def provisioned(request):
    request = copy.deepcopy(request)
    request.pop("BillingMode", None)
    request["ProvisionedThroughput"] = dict(THROUGHPUT)
    for path, index in indexes(request):
        if path[0] == "GlobalSecondaryIndexes":
            index["ProvisionedThroughput"] = dict(THROUGHPUT)
    return request
