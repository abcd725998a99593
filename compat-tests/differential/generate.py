# SPDX-License-Identifier: Apache-2.0
"""Requests from a seed: valid ones, near-valid ones with one thing wrong, several things wrong at once, every place of every input (wrong.py), limits
(borders.py), tables (tables.py). Deterministic: the same seed gives the same requests, whatever is answered."""
import base64
import copy
import json

from borders import Borders
from domain import ARN, ATTRIBUTES, NUMBERS, STRINGS, TABLES, TYPES, TYPICAL, create_requests # noqa: F401 (run.py's)
from tables import Tables
from wrong import Wrong


class Generator(Tables, Wrong, Borders):
    def __init__(self, random):
        self.r = random
        self.tokens, self.transactions = 0, []
        self.deck = []

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

    def typical(self, name):
        """Mostly of the type that the expressions look for under this name."""
        kind = TYPICAL.get(name)
        if kind is None or self.r.random() < 0.25:
            return self.value()
        if kind in "SN":
            return self.scalar(kind)
        if kind == "SS":
            return {"SS": self.r.sample(["a", "b", "c", "x", "é"], self.r.randint(1, 4))}
        if kind == "L":
            return {"L": [self.value(2) for _ in range(self.r.randint(0, 4))]}
        return {"M": {n: self.value(1) for n in self.r.sample("abcxyz", self.r.randint(0, 4))}}

    def key_value(self, kind):
        if kind == "S":
            return {"S": self.r.choice(["a", "b", "ab", "c", "é"])}
        if kind == "N":
            return {"N": self.r.choice(["0", "1", "-1", "2.5", "10", "100"])}
        return {"B": self.r.choice(["YQ==", "YWI=", "/w=="])}

    def table(self):
        return self.r.choice(["Alpha", "Alpha", "Alpha", "Beta", "Gamma", "Delta", "Epsilon"])

    def key(self, table):
        return {n: self.key_value(k) for n, k in TABLES[table]["keys"]}

    def item(self, table):
        t = TABLES[table]
        item = {n: self.typical(n) for n in (self.r.choice(ATTRIBUTES[:8]) for _ in range(self.r.randint(0, 5)))}
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

    def of_kind(self, use, kind):
        """A path under which there mostly is a value of this type."""
        return self.name(use, [n for n, k in TYPICAL.items() if k == kind]) if self.r.random() < 0.75 else self.path(use)

    def target(self, use, free):
        """A path to change; mostly none that overlaps another one of this expression."""
        if not free or self.r.random() < 0.1:
            return self.path(use)
        name = free.pop()
        path = self.name(use, [name])
        if name == "nested" and self.r.random() < 0.5:
            return path + "." + self.r.choice("abcxyz")
        return f"{path}[{self.r.randint(0, 3)}]" if name == "lst" and self.r.random() < 0.5 else path

    def set_value(self, use):
        roll = self.r.random()
        if roll < 0.4:
            return self.placeholder(use, self.value(1))
        if roll < 0.5:
            return self.path(use)
        if roll < 0.7:
            return f"{self.of_kind(use, 'N')} {self.r.choice('+-')} {self.placeholder(use, self.scalar('N'))}"
        if roll < 0.74:
            return f"{self.of_kind(use, 'N')} {self.r.choice('+-')} {self.of_kind(use, 'N')}"
        if roll < 0.85:
            return f"if_not_exists({self.path(use)}, {self.placeholder(use, self.value(1))})"
        if roll < 0.9:
            return f"if_not_exists({self.path(use)}, {self.placeholder(use, self.scalar('N'))}) {self.r.choice('+-')} {self.placeholder(use, self.scalar('N'))}"
        if roll < 0.93:
            return f"list_append(if_not_exists({self.of_kind(use, 'L')}, {self.placeholder(use, {'L': []})}), {self.of_kind(use, 'L')})"
        return f"list_append({self.of_kind(use, 'L')}, {self.placeholder(use, {'L': [self.value(2)]})})"

    def update(self, use):
        sections = []
        free = self.r.sample(["a", "b", "c", "d", "nested", "lst", "inc", "bag", "num"], 9)
        for section in self.r.sample(["SET", "REMOVE", "ADD", "DELETE"], self.r.choice([1, 1, 1, 2, 2, 3])):
            count = self.r.choice([1, 1, 2])
            if section == "SET":
                body = [f"{self.target(use, free)} = {self.set_value(use)}" for _ in range(count)]
            elif section == "REMOVE":
                body = [self.target(use, free) for _ in range(count)]
            else:
                body = [self.set_change(use, free, section) for _ in range(count)]
            sections.append(f"{section} {', '.join(body)}")
        return " ".join(sections)

    def set_change(self, use, free, section):
        """One action of ADD or DELETE."""
        names = [n for n in (("num", "b", "bag") if section == "ADD" else ("bag",)) if n in free]
        if names and self.r.random() < 0.75:
            name = self.r.choice(names)
            free.remove(name)
            value = {"SS": self.r.sample(["a", "b", "c", "q"], self.r.randint(1, 3))} if name == "bag" else self.scalar("N")
            return f"{self.name(use, [name])} {self.placeholder(use, value)}"
        value = self.r.choice([{"N": "5"}, {"SS": ["q"]}, {"NS": ["7"]}, {"BS": ["YQ=="]}, self.value(2)])
        return f"{self.target(use, free)} {self.placeholder(use, value)}"

    def projection(self, use):
        return ", ".join(self.path(use) for _ in range(self.r.randint(1, 3)))

    # ---- Operations ----
    def common(self, request, write=True):
        if self.r.random() < 0.5:
            request["ReturnConsumedCapacity"] = self.r.choice(["TOTAL", "INDEXES", "INDEXES", "NONE"])
        if write and self.r.random() < 0.2:
            request["ReturnItemCollectionMetrics"] = self.r.choice(["SIZE", "SIZE", "NONE"])
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
            if self.r.random() < 0.03:
                tables[table]["Keys"].append(self.same_key(tables[table]["Keys"][0]))
            roll = self.r.random()
            if roll < 0.3:
                tables[table]["ProjectionExpression"] = self.projection(tables[table])
            elif roll < 0.37:
                tables[table]["AttributesToGet"] = self.r.sample(ATTRIBUTES[:8], self.r.randint(1, 3))
            if self.r.random() < 0.25:
                tables[table]["ConsistentRead"] = self.r.random() < 0.7
        return "BatchGetItem", self.common({"RequestItems": tables}, write=False)

    def same_key(self, key):
        """The same key, perhaps with its numbers written in another way."""
        return {n: {"N": self.r.choice([v["N"], v["N"] + "e0", "0" + v["N"] if v["N"][0] != "-" else v["N"]])} if "N" in v else v for n, v in key.items()}

    def batch_write(self):
        tables = {}
        for _ in range(self.r.choice([1, 1, 2])):
            table, seen, requests = self.table(), set(), []
            for _ in range(self.r.randint(1, 5)):
                item = self.item(table)
                key = {n: item[n] for n, _ in TABLES[table]["keys"]}
                if json.dumps(key) in seen:
                    if self.r.random() < 0.8:
                        continue
                    key = self.same_key(key)
                    item.update(key)
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
            if self.r.random() < 0.35:
                action["ReturnValuesOnConditionCheckFailure"] = self.r.choice(["ALL_OLD", "ALL_OLD", "NONE"])
            actions.append({kind: action})
        if self.r.random() < 0.2:
            for action in actions:
                if self.r.random() < 0.5:
                    self.fail(*next(iter(action.items())))
        request = self.common({"TransactItems": actions})
        if self.r.random() < 0.2:
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

    def fail(self, kind, action):
        """Makes the action one that fails when the transaction runs; how, one action after the other."""
        place = action.get("Item", action.get("Key"))
        name = self.r.choice(list(dict(TABLES[action["TableName"]]["keys"])))
        roll = self.r.random()
        if roll < 0.4:
            for member in ("ExpressionAttributeNames", "ExpressionAttributeValues", "UpdateExpression"):
                action.pop(member, None)
            action["ConditionExpression"] = f"attribute_{self.r.choice(['', 'not_'])}exists({name})"
            if kind == "Update":
                action["UpdateExpression"] = self.r.choice(["REMOVE c", "SET c = lst[0]", "SET c = a + b", f"SET {name} = a"])
        elif roll < 0.55:
            place[name] = self.scalar(self.r.choice("SNB"))
        elif roll < 0.65:
            del place[name]
        elif roll < 0.75:
            place["extra"] = {"S": "x"}
        elif roll < 0.85 and kind == "Put":
            place["gpk"] = self.r.choice([{"N": "1"}, {"S": ""}, {"S": "x" * 2049}])
        elif roll < 0.95 and kind == "Update":
            action["UpdateExpression"] = "SET a = :bad"
            action["ExpressionAttributeValues"] = {":bad": self.r.choice([{"S": "x" * 409600}, {"N": "1"}])} if self.r.random() < 0.2 else {":bad": {"SS": ["a"]}}
            action["UpdateExpression"] = "ADD b :bad"
            action.pop("ExpressionAttributeNames", None)
            action.pop("ConditionExpression", None)

    def transact_get(self):
        gets, seen = [], set()
        for _ in range(self.r.randint(1, 4)):
            table = self.table()
            key = self.key(table)
            if (table, json.dumps(key)) in seen and self.r.random() < 0.9:
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
            return "GetItem", self.common({"TableName": table, "Key": self.key(table), "AttributesToGet": names}, write=False)
        request = {"TableName": table}
        index, hashes, ranges = self.index(table)
        if index and self.r.random() < 0.6:
            request["IndexName"] = index
        else:
            index, hashes, ranges = None, [TABLES[table]["keys"][0][0]], [n for n, _ in TABLES[table]["keys"][1:]]
        if kind == "query":
            request["KeyConditions"] = self.key_conditions(hashes, ranges, {**TABLES[table]["attributes"], **dict(TABLES[table]["keys"])})
            if self.r.random() < 0.3:
                request["ScanIndexForward"] = self.r.random() < 0.5
            if self.r.random() < 0.6:
                request["QueryFilter"] = conditions
        elif self.r.random() < 0.8:
            request["ScanFilter"] = conditions
        if self.r.random() < 0.3:
            request["AttributesToGet"] = names
        if self.r.random() < 0.2:
            request["ConditionalOperator"] = self.r.choice(["AND", "OR"])
        if self.r.random() < 0.2:
            request["Limit"] = self.r.randint(1, 5)
        if self.r.random() < 0.1:
            request["Select"] = self.r.choice(["COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"])
        return kind.capitalize(), self.common(request, write=False)

    def key_conditions(self, hashes, ranges, attributes):
        conditions = {h: {"ComparisonOperator": "EQ", "AttributeValueList": [self.key_value(attributes[h])]} for h in hashes}
        for i, name in enumerate(ranges[:self.r.randint(0, len(ranges))] if ranges else []):
            is_last = i == len(ranges) - 1 or self.r.random() < 0.5
            operator = self.r.choice(["EQ", "LT", "LE", "GT", "GE", "BETWEEN", "BEGINS_WITH", self.r.choice(["NE", "IN", "NULL", "NOT_NULL", "CONTAINS", "NOT_CONTAINS"])]) if is_last else "EQ"
            count = {"BETWEEN": 2, "NULL": 0, "NOT_NULL": 0}.get(operator, 1)
            conditions[name] = {"ComparisonOperator": operator, **({"AttributeValueList": [self.key_value(attributes[name]) for _ in range(count)]} if count else {})}
            if is_last:
                break
        return conditions

    def valid(self):
        return self.r.choices([self.put, self.update_item, self.delete_item, self.get_item, self.query, self.scan, self.batch_get, self.batch_write,
                               self.transact_write, self.transact_get, self.legacy, self.control], [18, 18, 5, 7, 14, 8, 5, 6, 8, 4, 7, 8])[0]()

    def of_operation(self, operation):
        """A valid request of this operation."""
        maker = {"PutItem": self.put, "UpdateItem": self.update_item, "DeleteItem": self.delete_item, "GetItem": self.get_item, "Query": self.query, "Scan": self.scan,
                 "BatchGetItem": self.batch_get, "BatchWriteItem": self.batch_write, "TransactWriteItems": self.transact_write, "TransactGetItems": self.transact_get,
                 "CreateTable": self.create_table, "UpdateTable": self.update_table}.get(operation)
        return maker()[1] if maker else self.about_table(operation)

    def request(self):
        roll = self.r.random()
        if roll < 0.1:
            operation, request = self.one_place()
        elif roll < 0.12:
            operation, request = self.border()
        else:
            operation, request = self.valid()
            roll = self.r.random()
            if roll < 0.32:
                request = self.mutate(operation, request)
            elif roll < 0.38:
                for _ in range(self.r.randint(2, 3)):
                    if request:
                        request = self.mutate(operation, request)
        if operation in ("CreateTable", "UpdateTable", "DeleteTable", "UpdateTimeToLive") and str(request.get("TableName")).split("/")[-1] in TABLES:
            request["TableName"] = self.scratch() # the tables of all the others stay
        if isinstance(request.get("TableName"), str) and request["TableName"] in TABLES and self.r.random() < 0.03:
            request["TableName"] = ARN + request["TableName"]
        if operation == "TransactWriteItems" and "ClientRequestToken" in request:
            request.pop("ReturnItemCollectionMetrics", None) # a part of what must be the same for us, not for the oracle
        return operation, request
