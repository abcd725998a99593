# SPDX-License-Identifier: Apache-2.0
"""Requests from a seed: valid ones, near-valid ones with one thing wrong, several things wrong at once. Deterministic: the same seed gives the same
requests, whatever is answered. Small domains of keys and values, so that requests meet each other's items."""
import base64
import copy
import json

TYPES = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"]
ATTRIBUTES = ["a", "b", "c", "d", "nested", "list", "bag", "num", "gpk", "gsk", "lsk", "h1", "h2", "r1", "r2", "inc"]
NUMBERS = ["0", "1", "-1", "2", "10", "100", "3.14", "-0.5", "1e3", "0010", "99999999999999999999999999999999999999", "1E-130", "1.50", "12345678901234567890"]
STRINGS = ["", "a", "b", "ab", "abc", "B", "é", "日本", "x" * 40, "with space", "\"q\"", "zz", "0", "\U0001f600"]

# name: (key types, index key types, indexes); the create request is made from it.
TABLES = {
    "Alpha": {"keys": [("pk", "S"), ("sk", "S")], "attributes": {"pk": "S", "sk": "S", "gpk": "S", "gsk": "N", "lsk": "S"},
              "gsi": [("byGpk", ["gpk"], ["gsk"], {"ProjectionType": "ALL"}), ("keysOnly", ["sk"], ["pk"], {"ProjectionType": "KEYS_ONLY"}),
                      ("including", ["gpk"], [], {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "num"]})],
              "lsi": [("byLsk", "pk", "lsk", {"ProjectionType": "KEYS_ONLY"})]},
    "Beta": {"keys": [("id", "N")], "attributes": {"id": "N"}, "gsi": [], "lsi": []},
    "Gamma": {"keys": [("pk", "B"), ("sk", "N")], "attributes": {"pk": "B", "sk": "N", "gsk": "N"}, "gsi": [("byGsk", ["gsk"], [], {"ProjectionType": "ALL"})], "lsi": []},
    "Delta": {"keys": [("pk", "S")], "attributes": {"pk": "S", "h1": "S", "h2": "N", "r1": "S", "r2": "N"},
              "gsi": [("multi", ["h1", "h2"], ["r1", "r2"], {"ProjectionType": "ALL"})], "lsi": []},
}


def key_schema(hashes, ranges):
    return [{"AttributeName": n, "KeyType": "HASH"} for n in hashes] + [{"AttributeName": n, "KeyType": "RANGE"} for n in ranges]


def create_requests():
    for name, t in TABLES.items():
        request = {"TableName": name, "BillingMode": "PAY_PER_REQUEST",
                   "AttributeDefinitions": [{"AttributeName": n, "AttributeType": v} for n, v in t["attributes"].items()],
                   "KeySchema": key_schema([t["keys"][0][0]], [k for k, _ in t["keys"][1:]])}
        if t["gsi"]:
            request["GlobalSecondaryIndexes"] = [{"IndexName": i, "KeySchema": key_schema(h, r), "Projection": p} for i, h, r, p in t["gsi"]]
        if t["lsi"]:
            request["LocalSecondaryIndexes"] = [{"IndexName": i, "KeySchema": key_schema([h], [r]), "Projection": p} for i, h, r, p in t["lsi"]]
        yield "CreateTable", request


class Generator:
    def __init__(self, random):
        self.r = random

    # ---- Values ----
    def scalar(self, kind):
        if kind == "S":
            return {"S": self.r.choice(STRINGS)}
        if kind == "N":
            return {"N": self.r.choice(NUMBERS)}
        return {"B": base64.b64encode(self.r.choice([b"", b"a", b"ab", b"\x00", b"\xff\xfe", b"abc"])).decode()}

    def value(self, depth=0):
        kind = self.r.choice(TYPES if depth < 3 else TYPES[:5])
        if kind in "SNB":
            return self.scalar(kind)
        if kind == "BOOL":
            return {"BOOL": self.r.random() < 0.5}
        if kind == "NULL":
            return {"NULL": True}
        if kind == "SS":
            return {"SS": self.r.sample(STRINGS, self.r.randint(1, 4))}
        if kind == "NS":
            return {"NS": self.r.sample(["0", "1", "-1", "2", "10", "100", "3.14", "0.5", "25", "7"], self.r.randint(1, 4))}
        if kind == "BS":
            return {"BS": self.r.sample(["YQ==", "YWI=", "AA==", "/w=="], self.r.randint(1, 3))}
        if kind == "L":
            return {"L": [self.value(depth + 1) for _ in range(self.r.randint(0, 3))]}
        return {"M": {self.r.choice("abcxyz"): self.value(depth + 1) for _ in range(self.r.randint(0, 3))}}

    def key_value(self, kind):
        if kind == "S":
            return {"S": self.r.choice(["a", "b", "ab", "c", "é"])}
        if kind == "N":
            return {"N": self.r.choice(["0", "1", "-1", "2.5", "10", "100"])}
        return {"B": self.r.choice(["YQ==", "YWI=", "/w=="])}

    def table(self):
        return self.r.choice(["Alpha", "Alpha", "Alpha", "Beta", "Gamma", "Delta"])

    def key(self, table):
        return {n: self.key_value(k) for n, k in TABLES[table]["keys"]}

    def item(self, table):
        t = TABLES[table]
        item = {self.r.choice(ATTRIBUTES[:8]): self.value() for _ in range(self.r.randint(0, 5))}
        for name, kind in t["attributes"].items():
            if self.r.random() < 0.6:
                item[name] = self.key_value(kind)
        item.update(self.key(table))
        return item

    # ---- Expressions. `use` collects names and values of one request. ----
    def name(self, use, names=ATTRIBUTES):
        name = self.r.choice(names)
        if self.r.random() < 0.3:
            placeholder = "#" + name
            use.setdefault("ExpressionAttributeNames", {})[placeholder] = name
            return placeholder
        return name

    def path(self, use):
        path = self.name(use)
        for _ in range(self.r.choice([0, 0, 0, 1, 2])):
            path += "." + self.r.choice("abcxyz") if self.r.random() < 0.6 else f"[{self.r.randint(0, 3)}]"
        return path

    def placeholder(self, use, value):
        values = use.setdefault("ExpressionAttributeValues", {})
        name = f":v{len(values)}"
        values[name] = value
        return name

    def operand(self, use):
        roll = self.r.random()
        if roll < 0.45:
            return self.path(use)
        if roll < 0.9:
            return self.placeholder(use, self.value(1))
        return f"size({self.path(use)})"

    def condition(self, use, depth=0):
        roll = self.r.random()
        if depth < 2 and roll < 0.3:
            joined = f" {self.r.choice(['AND', 'OR', 'and', 'Or'])} ".join(self.condition(use, depth + 1) for _ in range(2))
            return f"({joined})" if self.r.random() < 0.5 else joined
        if roll < 0.36:
            return "NOT " + self.condition(use, depth + 1)
        if roll < 0.6:
            return f"{self.operand(use)} {self.r.choice(['=', '<>', '<', '<=', '>', '>='])} {self.operand(use)}"
        if roll < 0.68:
            low, high = sorted([self.r.randint(-5, 50), self.r.randint(-5, 50)])
            return f"{self.path(use)} BETWEEN {self.placeholder(use, {'N': str(low)})} AND {self.placeholder(use, {'N': str(high)})}"
        if roll < 0.76:
            return f"{self.path(use)} IN ({', '.join(self.operand(use) for _ in range(self.r.randint(1, 3)))})"
        function = self.r.choice(["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"])
        if function.startswith("attribute_") and function != "attribute_type":
            return f"{function}({self.path(use)})"
        if function == "attribute_type":
            return f"attribute_type({self.path(use)}, {self.placeholder(use, {'S': self.r.choice(TYPES)})})"
        if function == "begins_with":
            return f"begins_with({self.path(use)}, {self.placeholder(use, self.scalar(self.r.choice('SSB')))})"
        return f"contains({self.path(use)}, {self.operand(use)})"

    def set_value(self, use):
        roll = self.r.random()
        if roll < 0.4:
            return self.placeholder(use, self.value(1))
        if roll < 0.55:
            return self.path(use)
        if roll < 0.75:
            return f"{self.path(use)} {self.r.choice('+-')} {self.placeholder(use, self.scalar('N'))}"
        if roll < 0.9:
            return f"if_not_exists({self.path(use)}, {self.placeholder(use, self.value(1))})"
        return f"list_append({self.path(use)}, {self.placeholder(use, {'L': [self.value(2)]})})"

    def update(self, use):
        sections = []
        for section in self.r.sample(["SET", "REMOVE", "ADD", "DELETE"], self.r.choice([1, 1, 1, 2])):
            count = self.r.choice([1, 1, 2])
            if section == "SET":
                body = [f"{self.path(use)} = {self.set_value(use)}" for _ in range(count)]
            elif section == "REMOVE":
                body = [self.path(use) for _ in range(count)]
            elif section == "ADD":
                body = [f"{self.path(use)} {self.placeholder(use, self.r.choice([{'N': '5'}, {'SS': ['q']}, {'NS': ['7']}, self.value(2)]))}" for _ in range(count)]
            else:
                body = [f"{self.path(use)} {self.placeholder(use, self.r.choice([{'SS': ['a', 'b']}, {'NS': ['1']}, self.value(2)]))}" for _ in range(count)]
            sections.append(f"{section} {', '.join(body)}")
        return " ".join(sections)

    def projection(self, use):
        return ", ".join(self.path(use) for _ in range(self.r.randint(1, 3)))

    # ---- Operations ----
    def common(self, request, write=True):
        if self.r.random() < 0.4:
            request["ReturnConsumedCapacity"] = self.r.choice(["TOTAL", "INDEXES", "NONE"])
        if write and self.r.random() < 0.15:
            request["ReturnItemCollectionMetrics"] = self.r.choice(["SIZE", "NONE"])
        return request

    def put(self, values=("NONE", "ALL_OLD")):
        table = self.table()
        request = {"TableName": table, "Item": self.item(table)}
        if self.r.random() < 0.3:
            request["ConditionExpression"] = self.condition(request)
        if self.r.random() < 0.4:
            request["ReturnValues"] = self.r.choice(values)
        if self.r.random() < 0.2:
            request["ReturnValuesOnConditionCheckFailure"] = self.r.choice(["ALL_OLD", "NONE"])
        return "PutItem", self.common(request)

    def update_item(self):
        table = self.table()
        request = {"TableName": table, "Key": self.key(table)}
        if self.r.random() < 0.95:
            request["UpdateExpression"] = self.update(request)
        if self.r.random() < 0.3:
            request["ConditionExpression"] = self.condition(request)
        if self.r.random() < 0.6:
            request["ReturnValues"] = self.r.choice(["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
        return "UpdateItem", self.common(request)

    def delete_item(self):
        table = self.table()
        request = {"TableName": table, "Key": self.key(table)}
        if self.r.random() < 0.3:
            request["ConditionExpression"] = self.condition(request)
        if self.r.random() < 0.4:
            request["ReturnValues"] = self.r.choice(["NONE", "ALL_OLD"])
        return "DeleteItem", self.common(request)

    def get_item(self):
        table = self.table()
        request = {"TableName": table, "Key": self.key(table)}
        if self.r.random() < 0.4:
            request["ProjectionExpression"] = self.projection(request)
        if self.r.random() < 0.4:
            request["ConsistentRead"] = self.r.random() < 0.5
        return "GetItem", self.common(request, write=False)

    def key_condition(self, use, hashes, ranges, attributes):
        clauses = [f"{h} = {self.placeholder(use, self.key_value(attributes[h]))}" for h in hashes]
        for i, name in enumerate(ranges[:self.r.randint(0, len(ranges))] if ranges else []):
            last = i == len(ranges) - 1 or self.r.random() < 0.5
            if not last:
                clauses.append(f"{name} = {self.placeholder(use, self.key_value(attributes[name]))}")
                continue
            operator = self.r.choice(["=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"])
            value = self.key_value(attributes[name])
            if operator == "BETWEEN":
                low, high = sorted([value, self.key_value(attributes[name])], key=lambda v: (float(v["N"]) if "N" in v else 0, json.dumps(v, ensure_ascii=False)))
                clauses.append(f"{name} BETWEEN {self.placeholder(use, low)} AND {self.placeholder(use, high)}")
            elif operator == "begins_with":
                clauses.append(f"begins_with({name}, {self.placeholder(use, value)})")
            else:
                clauses.append(f"{name} {operator} {self.placeholder(use, value)}")
            break
        self.r.shuffle(clauses)
        return " AND ".join(clauses)

    def index(self, table):
        t = TABLES[table]
        choices = [(None, [t["keys"][0][0]], [k for k, _ in t["keys"][1:]])]
        choices += [(i, h, r) for i, h, r, _ in t["gsi"]] + [(i, [h], [r]) for i, h, r, _ in t["lsi"]]
        return self.r.choice(choices)

    def query(self):
        table = self.table()
        index, hashes, ranges = self.index(table)
        request = {"TableName": table}
        if index:
            request["IndexName"] = index
        request["KeyConditionExpression"] = self.key_condition(request, hashes, ranges, TABLES[table]["attributes"])
        self.reading(request)
        if self.r.random() < 0.3:
            request["ScanIndexForward"] = self.r.random() < 0.5
        return "Query", self.common(request, write=False)

    def scan(self):
        table = self.table()
        index, _, _ = self.index(table)
        request = {"TableName": table}
        if index:
            request["IndexName"] = index
        self.reading(request)
        if self.r.random() < 0.15:
            request["TotalSegments"] = self.r.randint(1, 4)
            request["Segment"] = self.r.randint(0, request["TotalSegments"] - 1)
        return "Scan", self.common(request, write=False)

    def reading(self, request):
        if self.r.random() < 0.35:
            request["FilterExpression"] = self.condition(request)
        if self.r.random() < 0.25:
            request["ProjectionExpression"] = self.projection(request)
        if self.r.random() < 0.1:
            request["Select"] = self.r.choice(["COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"])
        if self.r.random() < 0.2:
            request["Limit"] = self.r.randint(1, 5)
        if self.r.random() < 0.2:
            request["ConsistentRead"] = self.r.random() < 0.5

    def batch_get(self):
        tables = {}
        for _ in range(self.r.choice([1, 1, 2])):
            table = self.table()
            keys = {json.dumps(k): k for k in (self.key(table) for _ in range(self.r.randint(1, 4)))}
            tables[table] = {"Keys": list(keys.values())}
            if self.r.random() < 0.3:
                tables[table]["ProjectionExpression"] = self.projection(tables[table])
        return "BatchGetItem", self.common({"RequestItems": tables}, write=False)

    def batch_write(self):
        tables = {}
        for _ in range(self.r.choice([1, 1, 2])):
            table, seen, requests = self.table(), set(), []
            for _ in range(self.r.randint(1, 5)):
                item = self.item(table)
                key = {n: item[n] for n, _ in TABLES[table]["keys"]}
                if json.dumps(key) in seen:
                    continue
                seen.add(json.dumps(key))
                requests.append({"PutRequest": {"Item": item}} if self.r.random() < 0.7 else {"DeleteRequest": {"Key": key}})
            tables[table] = requests
        return "BatchWriteItem", self.common({"RequestItems": tables})

    def transact_write(self):
        actions, seen = [], set()
        for _ in range(self.r.randint(1, 4)):
            table = self.table()
            key = self.key(table)
            if (table, json.dumps(key)) in seen and self.r.random() < 0.95:
                continue
            seen.add((table, json.dumps(key)))
            kind = self.r.choice(["Put", "Update", "Delete", "ConditionCheck"])
            action = {"TableName": table}
            if kind == "Put":
                action["Item"] = {**self.item(table), **key}
            else:
                action["Key"] = key
            if kind == "Update":
                action["UpdateExpression"] = self.update(action)
            if kind == "ConditionCheck" or self.r.random() < 0.4:
                action["ConditionExpression"] = self.condition(action)
            if self.r.random() < 0.3:
                action["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
            actions.append({kind: action})
        return "TransactWriteItems", self.common({"TransactItems": actions})

    def transact_get(self):
        gets, seen = [], set()
        for _ in range(self.r.randint(1, 4)):
            table = self.table()
            key = self.key(table)
            if (table, json.dumps(key)) in seen:
                continue
            seen.add((table, json.dumps(key)))
            get = {"TableName": table, "Key": key}
            if self.r.random() < 0.3:
                get["ProjectionExpression"] = self.projection(get)
            gets.append({"Get": get})
        return "TransactGetItems", self.common({"TransactItems": gets}, write=False)

    def legacy_condition(self):
        operator = self.r.choice(["EQ", "NE", "LT", "LE", "GT", "GE", "BETWEEN", "IN", "BEGINS_WITH", "CONTAINS", "NOT_CONTAINS", "NULL", "NOT_NULL"])
        count = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2, "IN": self.r.randint(1, 3)}.get(operator, 1)
        kind = self.r.choice("SSNB")
        values = [self.scalar(kind) for _ in range(count)]
        return {"ComparisonOperator": operator, **({"AttributeValueList": values} if values or self.r.random() < 0.3 else {})}

    def legacy(self):
        kind = self.r.choice(["put", "update", "delete", "query", "scan", "get"])
        table = self.table()
        names = self.r.sample(ATTRIBUTES[:8], self.r.randint(1, 3))
        conditions = {n: self.legacy_condition() for n in names}
        if kind in ("put", "delete", "update"):
            expected = {n: self.r.choice([{"Exists": False}, {"Value": self.value(1)}, c]) for n, c in conditions.items()}
            request = {"TableName": table, **({"Item": self.item(table)} if kind == "put" else {"Key": self.key(table)})}
            if self.r.random() < 0.6:
                request["Expected"] = expected
                if self.r.random() < 0.3:
                    request["ConditionalOperator"] = self.r.choice(["AND", "OR"])
            if kind == "update":
                request["AttributeUpdates"] = {n: self.r.choice([{"Action": "PUT", "Value": self.value(1)}, {"Action": "ADD", "Value": self.r.choice([{"N": "1"}, {"SS": ["x"]}, self.value(1)])},
                                                                 {"Action": "DELETE"}, {"Action": "DELETE", "Value": {"SS": ["a"]}}, {"Value": self.value(1)}]) for n in names}
                request["ReturnValues"] = self.r.choice(["NONE", "ALL_NEW", "UPDATED_NEW", "UPDATED_OLD", "ALL_OLD"])
            return {"put": "PutItem", "delete": "DeleteItem", "update": "UpdateItem"}[kind], self.common(request)
        if kind == "get":
            return "GetItem", {"TableName": table, "Key": self.key(table), "AttributesToGet": names}
        request = {"TableName": table}
        if kind == "query":
            hash_name, hash_kind = TABLES[table]["keys"][0]
            request["KeyConditions"] = {hash_name: {"ComparisonOperator": "EQ", "AttributeValueList": [self.key_value(hash_kind)]}}
            if self.r.random() < 0.6:
                request["QueryFilter"] = conditions
        elif self.r.random() < 0.8:
            request["ScanFilter"] = conditions
        if self.r.random() < 0.3:
            request["AttributesToGet"] = names
        if self.r.random() < 0.2:
            request["ConditionalOperator"] = self.r.choice(["AND", "OR"])
        return kind.capitalize(), request

    def valid(self):
        return self.r.choices([self.put, self.update_item, self.delete_item, self.get_item, self.query, self.scan, self.batch_get, self.batch_write,
                               self.transact_write, self.transact_get, self.legacy], [18, 18, 5, 8, 14, 8, 5, 6, 8, 4, 6])[0]()

    # ---- Things wrong ----
    def places(self, node, path=()):
        yield path
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for k, child in children:
            yield from self.places(child, path + (k,))

    def mutate(self, request):
        """One thing wrong somewhere."""
        request = copy.deepcopy(request)
        expressions = [k for k in request if k.endswith("Expression")]
        if expressions and self.r.random() < 0.35:
            name = self.r.choice(expressions)
            request[name] = self.spoil_text(request[name])
            return request
        path = self.r.choice([p for p in self.places(request) if p])
        parent = request
        for step in path[:-1]:
            parent = parent[step]
        roll = self.r.random()
        if roll < 0.25:
            del parent[path[-1]]
        elif roll < 0.8:
            parent[path[-1]] = self.r.choice([None, "", "x", 0, 1, -1, 1.5, True, False, [], {}, ["x"], {"x": 1}, {"S": "x"}, {"N": "x"}, {"N": ""}, {"S": ""}, {"NULL": False}, {"SS": []},
                                              {"SS": ["a", "a"]}, {"NS": ["1", "1.0"]}, {"S": "a", "N": "1"}, {}, {"B": "x"}, {"N": "1e200"}, {"N": "1" * 40}, "no-such-table", "ab", "a!b"])
        elif isinstance(parent, dict):
            parent[self.r.choice(["ReturnValues", "ReturnConsumedCapacity", "Select", "Limit", "IndexName", "ConsistentRead", "ExpressionAttributeNames", "ExpressionAttributeValues",
                                  "ConditionExpression", "FilterExpression", "ProjectionExpression", "Expected", "AttributesToGet", "ConditionalOperator", "ExclusiveStartKey", "Segment",
                                  "TotalSegments", "ReturnItemCollectionMetrics", "Key", "Item"])] = self.r.choice(
                ["X", "", "ALL_NEW", "a = :zz", "a", {"#u": "a"}, {":u": {"S": "u"}}, {}, 0, 1, True, ["a"], [], {"pk": {"S": "a"}}])
        else:
            parent.append(self.r.choice([None, 1, "x", {}, parent[0] if parent else {}]))
        return request

    def spoil_text(self, text):
        if not isinstance(text, str) or not text:
            return text
        roll = self.r.random()
        words = text.split(" ")
        if roll < 0.25:
            words.pop(self.r.randrange(len(words)))
            return " ".join(words)
        if roll < 0.5:
            words.insert(self.r.randint(0, len(words)), self.r.choice(["AND", "NOT", "(", ")", ",", "=", "status", "SET", "size(a)", "foo(a)", ":undefined", "#undefined", "1", "-", "!", "a", "."]))
            return " ".join(words)
        if roll < 0.7:
            at = self.r.randrange(len(text))
            return text[:at] + text[at + 1:]
        if roll < 0.9:
            at = self.r.randrange(len(text))
            return text[:at] + self.r.choice("()=<>,.:#[]+-! é&\"'") + text[at:]
        return self.r.choice(["((%s))" % text, text + " " + text, "", " ", text * 30])

    def request(self):
        operation, request = self.valid()
        roll = self.r.random()
        if roll < 0.35:
            request = self.mutate(request)
        elif roll < 0.45:
            for _ in range(self.r.randint(2, 3)):
                if request:
                    request = self.mutate(request)
        return operation, request
