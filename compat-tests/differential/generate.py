# SPDX-License-Identifier: Apache-2.0
"""Requests from a seed: valid ones, near-valid ones with one thing wrong, several things wrong at once. Deterministic: the same seed gives the same
requests, whatever is answered. Small domains of keys and values, so that requests meet each other's items."""
import base64
import copy
import json

TYPES = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"]
ATTRIBUTES = ["a", "b", "c", "d", "nested", "lst", "bag", "num", "gpk", "gsk", "lsk", "h1", "h2", "r1", "r2", "inc"]
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
        self.tokens, self.transactions = 0, []

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
        if depth == 0 and self.r.random() < 0.02:
            return self.deep(self.r.choice([3, 10, 31, 32, 33]))
        if kind == "L":
            return {"L": [self.value(depth + 1) for _ in range(self.r.randint(0, 3))]}
        return {"M": {self.r.choice("abcxyz"): self.value(depth + 1) for _ in range(self.r.randint(0, 3))}}

    def deep(self, levels):
        value = self.scalar("N")
        for _ in range(levels):
            value = {"L": [value]} if self.r.random() < 0.5 else {"M": {self.r.choice("abcxyz"): value}}
        return value

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
        if table == "Beta" and self.r.random() < 0.03:
            # Around 400 KB, on one key only, so that no page of 1 MB is cut by them (where exactly is nobody's promise).
            item["id"] = {"N": "777"}
            item["a"] = {"S": "x" * (409600 - self.r.choice([5, 6, 7, 8, 9, 10, 50, 300, 2000, 200000]))}
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

    def operand(self, use, operator="="):
        roll = self.r.random()
        if operator in ("<", "<=", ">", ">=") and 0.45 <= roll < 0.885:
            return self.placeholder(use, self.scalar(self.r.choice("SSNNB"))) # what has no order is refused by us only: rare
        if roll < 0.45:
            return self.path(use)
        if roll < 0.9:
            return self.placeholder(use, self.value(1))
        return f"size({self.path(use)})"

    def condition(self, use, depth=0):
        roll = self.r.random()
        if depth < 3 and roll < 0.3:
            joined = f" {self.r.choice(['AND', 'OR', 'and', 'Or'])} ".join(self.condition(use, depth + 1) for _ in range(self.r.choice([2, 2, 3])))
            return f"({joined})" if self.r.random() < 0.5 else joined
        if depth < 3 and roll < 0.32:
            return f"NOT ({self.condition(use, depth + 1)})"
        if roll < 0.36:
            return "NOT " + self.condition(use, depth + 1)
        if roll < 0.6:
            operator = self.r.choice(["=", "<>", "<", "<=", ">", ">="])
            return f"{self.operand(use, operator)} {operator} {self.operand(use, operator)}"
        if roll < 0.68:
            low, high = sorted([self.r.randint(-5, 50), self.r.randint(-5, 50)])
            if self.r.random() < 0.3:
                first, second = self.r.choice("SNB"), self.r.choice("SNB")
                return f"{self.operand(use, '<')} BETWEEN {self.placeholder(use, self.scalar(first))} AND {self.placeholder(use, self.scalar(second))}"
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
        if roll < 0.85:
            return f"if_not_exists({self.path(use)}, {self.placeholder(use, self.value(1))})"
        if roll < 0.9:
            return f"if_not_exists({self.path(use)}, {self.placeholder(use, self.scalar('N'))}) {self.r.choice('+-')} {self.placeholder(use, self.scalar('N'))}"
        if roll < 0.93:
            return f"list_append(if_not_exists({self.path(use)}, {self.placeholder(use, {'L': []})}), {self.path(use)})"
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
        self.on_failure(request)
        return "PutItem", self.common(request)

    def on_failure(self, request):
        if self.r.random() < 0.25:
            request["ReturnValuesOnConditionCheckFailure"] = self.r.choice(["ALL_OLD", "ALL_OLD", "NONE"])

    def update_item(self):
        table = self.table()
        request = {"TableName": table, "Key": self.key(table)}
        if self.r.random() < 0.95:
            request["UpdateExpression"] = self.update(request)
        if self.r.random() < 0.3:
            request["ConditionExpression"] = self.condition(request)
        if self.r.random() < 0.6:
            request["ReturnValues"] = self.r.choice(["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
        self.on_failure(request)
        return "UpdateItem", self.common(request)

    def delete_item(self):
        table = self.table()
        request = {"TableName": table, "Key": self.key(table)}
        if self.r.random() < 0.3:
            request["ConditionExpression"] = self.condition(request)
        if self.r.random() < 0.4:
            request["ReturnValues"] = self.r.choice(["NONE", "ALL_OLD"])
        self.on_failure(request)
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
        if self.r.random() < 0.12:
            request["ExclusiveStartKey"] = self.start_key(request, table, hashes + ranges)
        if self.r.random() < 0.3:
            request["ScanIndexForward"] = self.r.random() < 0.5
        return "Query", self.common(request, write=False)

    def start_key(self, request, table, index_names):
        """A key of the right shape, mostly of the partition that is asked for; it need not exist."""
        kinds = {**TABLES[table]["attributes"], **dict(TABLES[table]["keys"])}
        start = {n: self.key_value(kinds[n]) for n in dict.fromkeys(index_names + [n for n, _ in TABLES[table]["keys"]])}
        condition = request.get("KeyConditionExpression", "").split(" ")
        for name in start:
            if self.r.random() < 0.9 and name in condition and condition[condition.index(name) + 1:][:1] == ["="]:
                start[name] = request["ExpressionAttributeValues"][condition[condition.index(name) + 2].rstrip(")")]
        roll = self.r.random()
        if roll < 0.06:
            del start[self.r.choice(list(start))]
        elif roll < 0.1:
            start["a"] = {"S": "x"}
        elif roll < 0.14:
            start[self.r.choice(list(start))] = self.scalar(self.r.choice("SNB"))
        return start

    def scan(self):
        table = self.table()
        index, hashes, ranges = self.index(table)
        request = {"TableName": table}
        if index:
            request["IndexName"] = index
        self.reading(request)
        if self.r.random() < 0.1:
            request["ExclusiveStartKey"] = self.start_key(request, table, hashes + ranges)
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
        request = self.common({"TransactItems": actions})
        if self.r.random() < 0.15:
            request.pop("ReturnItemCollectionMetrics", None) # a part of what must be the same for us, not for the oracle
            if self.transactions and self.r.random() < 0.5:
                again = copy.deepcopy(self.r.choice(self.transactions)) # the same again, or its token with something else
                if self.r.random() < 0.7:
                    again["ReturnConsumedCapacity"] = self.r.choice(["TOTAL", "INDEXES", "NONE"]) # not a part of what must be the same
                    return "TransactWriteItems", again
                request["ClientRequestToken"] = again["ClientRequestToken"]
            else:
                self.tokens += 1
                request["ClientRequestToken"] = f"token {self.tokens}"
                self.transactions = self.transactions[-3:] + [copy.deepcopy(request)]
        return "TransactWriteItems", request

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

    # ---- Tables, on names of their own ----
    def scratch(self):
        return self.r.choice(["ScratchOne", "ScratchTwo", "ScratchThree"])

    def projection_of(self):
        kind = self.r.choice(["ALL", "KEYS_ONLY", "INCLUDE"])
        return {"ProjectionType": kind, **({"NonKeyAttributes": self.r.sample(["x", "y", "z", "w"], self.r.randint(1, 3))} if kind == "INCLUDE" else {})}

    def global_index(self, number):
        hashes, ranges = self.r.choice([(["g1"], []), (["g1"], ["g2"]), (["pk"], ["g1"]), (["g1", "g2"], ["g3"]), (["g2"], ["g1", "g3"]), (["sk"], ["pk"])])
        return {"IndexName": f"global{number}", "KeySchema": key_schema(hashes, ranges), "Projection": self.projection_of()}

    def throughput(self):
        return {"ReadCapacityUnits": self.r.randint(1, 10), "WriteCapacityUnits": self.r.randint(1, 10)}

    def create_table(self):
        ranges = ["sk"] if self.r.random() < 0.6 else []
        request = {"TableName": self.scratch(), "KeySchema": key_schema(["pk"], ranges)}
        if self.r.random() < 0.5:
            request["GlobalSecondaryIndexes"] = [self.global_index(i) for i in range(self.r.choice([1, 1, 2, 3]))]
        if ranges and self.r.random() < 0.4:
            request["LocalSecondaryIndexes"] = [{"IndexName": f"local{i}", "KeySchema": key_schema(["pk"], [self.r.choice(["l1", "g1"])]), "Projection": self.projection_of()}
                                                for i in range(self.r.choice([1, 1, 2]))]
        schemas = [request["KeySchema"]] + [i["KeySchema"] for i in request.get("GlobalSecondaryIndexes", []) + request.get("LocalSecondaryIndexes", [])]
        used = dict.fromkeys(e["AttributeName"] for s in schemas for e in s)
        request["AttributeDefinitions"] = [{"AttributeName": n, "AttributeType": self.r.choice("SSNB")} for n in used]
        if self.r.random() < 0.6:
            request["BillingMode"] = "PAY_PER_REQUEST"
        else:
            if self.r.random() < 0.5:
                request["BillingMode"] = "PROVISIONED"
            request["ProvisionedThroughput"] = self.throughput()
            for index in request.get("GlobalSecondaryIndexes", []):
                index["ProvisionedThroughput"] = self.throughput()
        for member, make in (("Tags", lambda: [{"Key": k, "Value": self.r.choice(["", "v", "w"])} for k in self.r.sample(["k1", "k2", "k3"], self.r.randint(1, 3))]),
                             ("DeletionProtectionEnabled", lambda: self.r.random() < 0.3), ("TableClass", lambda: self.r.choice(["STANDARD", "STANDARD_INFREQUENT_ACCESS"])),
                             ("StreamSpecification", lambda: {"StreamEnabled": True, "StreamViewType": self.r.choice(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])})):
            if self.r.random() < 0.1:
                request[member] = make()
        return "CreateTable", request

    def update_table(self):
        request = {"TableName": self.scratch()}
        roll = self.r.random()
        if roll < 0.3:
            index = self.global_index(self.r.randint(0, 4))
            if self.r.random() < 0.3:
                index["ProvisionedThroughput"] = self.throughput()
            request["AttributeDefinitions"] = [{"AttributeName": e["AttributeName"], "AttributeType": self.r.choice("SN")} for e in index["KeySchema"]]
            request["GlobalSecondaryIndexUpdates"] = [{"Create": index}]
        elif roll < 0.45:
            request["GlobalSecondaryIndexUpdates"] = [{"Delete": {"IndexName": f"global{self.r.randint(0, 4)}"}}]
        elif roll < 0.6:
            request["BillingMode"] = self.r.choice(["PROVISIONED", "PAY_PER_REQUEST"])
            if request["BillingMode"] == "PROVISIONED":
                request["ProvisionedThroughput"] = self.throughput()
        elif roll < 0.75:
            request["ProvisionedThroughput"] = self.throughput()
        elif roll < 0.9:
            request["DeletionProtectionEnabled"] = self.r.random() < 0.3
        else:
            request["TableClass"] = self.r.choice(["STANDARD", "STANDARD_INFREQUENT_ACCESS"])
        return "UpdateTable", request

    def control(self):
        name = self.scratch()
        arn = "arn:aws:dynamodb:us-east-1:000000000000:table/" + name
        roll = self.r.random()
        if roll < 0.3:
            return self.create_table()
        if roll < 0.5:
            return self.update_table()
        if roll < 0.65:
            return "DeleteTable", {"TableName": name}
        if roll < 0.8:
            return "DescribeTable", {"TableName": name}
        if roll < 0.88:
            return "UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": {"Enabled": self.r.random() < 0.6, "AttributeName": self.r.choice(["ttl", "expires"])}}
        if roll < 0.93:
            return "DescribeTimeToLive", {"TableName": name}
        if roll < 0.95:
            return "ListTables", {}
        return self.r.choice([("TagResource", {"ResourceArn": arn, "Tags": [{"Key": "k1", "Value": "z"}]}), ("UntagResource", {"ResourceArn": arn, "TagKeys": ["k1", "k2"]}),
                              ("ListTagsOfResource", {"ResourceArn": arn})])

    def valid(self):
        return self.r.choices([self.put, self.update_item, self.delete_item, self.get_item, self.query, self.scan, self.batch_get, self.batch_write,
                               self.transact_write, self.transact_get, self.legacy, self.control], [18, 18, 5, 8, 14, 8, 5, 6, 8, 4, 6, 6])[0]()


    # ---- Things wrong ----
    def places(self, node, path=()):
        yield path
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for k, child in children:
            yield from self.places(child, path + (k,))

    def mutate(self, operation, request):
        """One thing wrong somewhere."""
        request = copy.deepcopy(request)
        places = [p for p in self.places(request) if p]
        if not places:
            return request
        expressions = [p for p in places if str(p[-1]).endswith("Expression")]
        roll = self.r.random()
        if expressions and roll < 0.35:
            path = self.r.choice(expressions)
            parent = self.parent(request, path)
            parent[path[-1]] = self.spoil_text(parent[path[-1]])
        elif roll < 0.5:
            path = self.r.choice(places)
            del self.parent(request, path)[path[-1]]
        elif roll < 0.58:
            # The wrong JSON type: how it is refused is compared by status and type only (known-differences.md), so these are few.
            path = self.r.choice(places)
            self.parent(request, path)[path[-1]] = self.r.choice([None, None, "", "x", 0, 1, -1, 1.5, True, False, [], {}, ["x"], {"x": 1}])
        elif roll < 0.68:
            self.add_member(operation, request)
        elif roll < 0.72:
            path = self.r.choice(places)
            parent = self.parent(request, path)
            if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[0]) if parent else {})
        else:
            path = self.r.choice(places)
            parent = self.parent(request, path)
            parent[path[-1]] = self.spoil_value(path[-1], parent[path[-1]])
        return request

    @staticmethod
    def parent(request, path):
        for step in path[:-1]:
            request = request[step]
        return request

    def spoil_value(self, name, value):
        """Something of the right JSON type that is (mostly) not allowed there."""
        r = self.r
        if name == "TableName":
            return r.choice(["no-such-table", "ab", "a!b", "", "x" * 256, "a", "Alpha", "arn:aws:dynamodb:us-east-1:000000000000:table/Alpha"])
        if name == "IndexName":
            return r.choice(["nope", "ab", "", "byGpk", "byLsk", "a!b", "x" * 256])
        if isinstance(value, bool):
            return not value
        if isinstance(value, (int, float)):
            return r.choice([0, -1, 1, 2, 1000000, 1000001, 4294967296, 0.5, 1.5])
        if isinstance(value, str):
            if str(name).isupper():
                return r.choice(["", "x", "1", "-", "1e200", "1" * 39, "0x1", " 1", "+5", "1e-131", "-0", "00.10", "YQ==", "x" * 1100, "x" * 2100])
            return r.choice(["", "X", "ALL_NEW", "ALL_OLD", "UPDATED_NEW", "NONE", "TOTAL", "EQ", "BETWEEN", "HASH", "S", "#u", ":u", "a", "x" * 256, "PAY_PER_REQUEST", "ALL"])
        if isinstance(value, list):
            return r.choice([[], value + value, value[:1], value[::-1]])
        if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in TYPES:
            return r.choice([{"S": "x"}, {"N": "7"}, {"N": "x"}, {"N": ""}, {"S": ""}, {"B": ""}, {"NULL": False}, {"SS": []}, {"NS": []}, {"BS": []}, {"SS": ["a", "a"]}, {"SS": ["b", "a", "b", "C"]},
                             {"NS": ["1", "1.0"]}, {"BS": ["YQ==", "YQ=="]}, {"S": "a", "N": "1"}, {}, {"N": "1e200"}, {"N": "1" * 40}, {"M": {"": {"S": "a"}}}, {"L": [{}]}, {"NS": ["x"]},
                             self.deep(r.choice([31, 32, 33, 40])), {"S": "x" * 2049}, {"S": "k" * 1025}, self.value(), {"BOOL": True}])
        if isinstance(value, dict):
            return r.choice([{}, {**value, r.choice(["#u", ":u", "u", "", "pk", "sk"]): r.choice([{"S": "u"}, "a"])}])
        return value

    MEMBERS = {
        "PutItem": ["ReturnValues", "ReturnConsumedCapacity", "ConditionExpression", "Expected", "ConditionalOperator", "ExpressionAttributeNames", "ExpressionAttributeValues",
                    "ReturnItemCollectionMetrics", "ReturnValuesOnConditionCheckFailure"],
        "GetItem": ["ReturnConsumedCapacity", "AttributesToGet", "ProjectionExpression", "ExpressionAttributeNames", "ConsistentRead"],
        "Query": ["ReturnConsumedCapacity", "AttributesToGet", "ProjectionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues", "ConsistentRead", "Select", "Limit", "IndexName",
                  "ConditionalOperator", "FilterExpression", "QueryFilter", "KeyConditions", "ExclusiveStartKey"],
    }
    MEMBERS["UpdateItem"] = MEMBERS["PutItem"] + ["AttributeUpdates"]
    MEMBERS["DeleteItem"] = MEMBERS["PutItem"]
    MEMBERS["Scan"] = [m.replace("QueryFilter", "ScanFilter").replace("KeyConditions", "Segment") for m in MEMBERS["Query"]] + ["TotalSegments"]

    def add_member(self, operation, request):
        name = self.r.choice(self.MEMBERS.get(operation, ["ReturnConsumedCapacity"]) + ["Unknown"])
        kinds = {"ExpressionAttributeNames": [{"#u": "a"}, {}, {"u": "a"}, {"#a-b": "a"}], "ExpressionAttributeValues": [{":u": {"S": "u"}}, {}, {"u": {"S": "u"}}],
                 "Expected": [{"a": {"Exists": False}}, {}, {"a": {"Value": {"S": "x"}, "Exists": False}}], "AttributeUpdates": [{"a": {"Action": "DELETE"}}, {}],
                 "QueryFilter": [{"a": {"ComparisonOperator": "NULL"}}, {}], "KeyConditions": [{}, {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}],
                 "ExclusiveStartKey": [{"pk": {"S": "a"}}, {}, {"id": {"N": "1"}}], "ConsistentRead": [True, False], "Limit": [0, 1, -1, 1000], "Segment": [0, 1, -1, 1000000],
                 "TotalSegments": [0, 1, 2, 1000001], "AttributesToGet": [["a"], ["a", "a"], [], ["a", "pk"]], "Unknown": [1, "x", {}, [None], {"S": {"S": 1}}],
                 "ConditionalOperator": ["AND", "OR", "X", ""], "Select": ["COUNT", "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "X", "", "ALL_PROJECTED_ATTRIBUTES"],
                 "IndexName": ["byGpk", "nope", "", "byLsk"]}
        kinds["ScanFilter"] = kinds["QueryFilter"]
        expressions = ["a = :zz", "a", "", "attribute_exists(a)", "#u = :u"]
        request[name] = self.r.choice(kinds.get(name, expressions if name.endswith("Expression") else ["X", "", "ALL_NEW", "NONE", "TOTAL", "ALL_OLD", "SIZE"]))

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
            request = self.mutate(operation, request)
        elif roll < 0.42:
            for _ in range(self.r.randint(2, 3)):
                if request:
                    request = self.mutate(operation, request)
        if operation in ("CreateTable", "UpdateTable", "DeleteTable", "UpdateTimeToLive") and str(request.get("TableName")).split("/")[-1] in TABLES:
            request["TableName"] = self.scratch() # the tables of all the others stay
        return operation, request
