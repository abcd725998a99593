# SPDX-License-Identifier: Apache-2.0
"""Requests with something wrong: a valid one with one thing spoilt, and, member by member of the SDKs' model, what is present, absent, of the wrong type
or out of its range."""
import copy

import model
from domain import ARN, ATTRIBUTES, TYPES


class Wrong:
    VALUES = [{"S": "x"}, {"N": "7"}, {"N": "x"}, {"N": ""}, {"S": ""}, {"B": ""}, {"NULL": False}, {"SS": []}, {"NS": []}, {"BS": []}, {"SS": ["a", "a"]}, {"SS": ["b", "a", "b", "C"]},
              {"NS": ["1", "1.0"]}, {"BS": ["YQ==", "YQ=="]}, {"S": "a", "N": "1"}, {}, {"N": "1e200"}, {"N": "1" * 40}, {"M": {"": {"S": "a"}}}, {"L": [{}]}, {"NS": ["x"]},
              {"S": "x" * 2049}, {"S": "k" * 1025}, {"BOOL": True}]

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
            return r.choice(["no-such-table", "ab", "a!b", "", "x" * 256, "a", "Alpha", ARN + "Alpha"])
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
            return r.choice([*self.VALUES, self.deep(r.choice([31, 32, 33, 40])), self.value()])
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

    # ---- Member by member ----
    def one_place(self):
        """A valid request, but for one place of its operation's input. A deck of all places and what can be done there is shuffled and dealt,
        so that a run of some length has been everywhere."""
        if not self.deck:
            self.deck = [(o, steps, shape, fault) for o in model.OPERATIONS for steps, shape, is_required in model.members(o) for fault in self.faults(shape, is_required)]
            self.deck += [(o, (), model.OPERATIONS[o], "unknown") for o in model.OPERATIONS]
            self.r.shuffle(self.deck)
        operation, steps, shape, fault = self.deck.pop()
        request = self.of_operation(operation)
        if not steps:
            return operation, {**request, "Unknown": self.r.choice([1, "x", {}, [None]])}
        parent = self.descend(operation, request, steps)
        last = steps[-1]
        if last == "[]":
            last = self.r.randrange(len(parent)) if parent else parent.append(None) or 0
        elif last == "{}":
            last = self.r.choice(list(parent)) if parent else self.map_key(steps)
        if fault == "absent":
            parent.pop(last, None)
        else:
            present = parent[last] if isinstance(parent, list) else parent.get(last)
            parent[last] = self.faulty(steps, shape, fault, present)
        return operation, request

    @staticmethod
    def faults(shape, is_required):
        kind = model.SHAPES[shape]
        faults = ["present", "null", "type"] + ["absent"] * is_required
        if shape == "AttributeValue":
            return faults + ["value"]
        if kind["type"] in ("string", "list", "map", "integer", "long"):
            faults += ["below", "above"]
        return faults + ["pattern"] * ("pattern" in kind) + ["unknown"] * ("enum" in kind or kind["type"] == "structure") + ["border"] * ("max" in kind and kind["max"] <= 2048)

    def descend(self, operation, request, steps):
        """What holds the last step; made where it is not there."""
        node, shape = request, model.OPERATIONS[operation]
        for i, step in enumerate(steps[:-1]):
            shape = next(child for name, child, _ in model.children(shape) if name == step)
            if step == "[]":
                key = self.r.randrange(len(node)) if node else node.append(None) or 0
            else:
                key = step if step != "{}" else self.r.choice(list(node)) if node else self.map_key(steps[:i + 1])
            wanted = list if model.SHAPES[shape]["type"] == "list" else dict
            if not isinstance(node[key] if isinstance(node, list) else node.get(key), wanted):
                node[key] = self.sample(steps[:i + 1], shape)
            node = node[key]
        return node

    def map_key(self, steps):
        return {"RequestItems": self.table(), "ExpressionAttributeNames": "#n", "ExpressionAttributeValues": ":n"}.get(steps[-2] if steps[-1] == "{}" else steps[-1], self.r.choice(ATTRIBUTES[:8]))

    def sample(self, steps, shape):
        """Something valid by the model, if not for the operation."""
        kind, name = model.SHAPES[shape], next(s for s in reversed(steps) if s not in ("[]", "{}"))
        if shape == "AttributeValue":
            return self.value(1)
        if kind["type"] == "structure":
            return {n: self.sample(steps + (n,), child) for n, child, is_required in model.children(shape) if is_required or self.r.random() < 0.3}
        if kind["type"] == "list":
            return [self.sample(steps + ("[]",), kind["member"]) for _ in range(self.r.randint(1, 2))]
        if kind["type"] == "map":
            return self.key("Alpha") if name == "Key" else {self.map_key(steps): self.sample(steps + ("{}",), kind["value"])}
        if kind["type"] == "boolean":
            return self.r.random() < 0.5
        if kind["type"] in ("integer", "long"):
            return kind.get("min", 1) + self.r.randint(0, 3)
        named = {"TableName": self.table(), "IndexName": "global1", "ResourceArn": ARN + self.scratch(), "AttributeName": self.r.choice(["g1", "pk", "sk", "l1"]), "RegionName": "eu-west-1",
                 "KMSMasterKeyId": "alias/aws/dynamodb", "ResourcePolicy": "{}", "GlobalTableSourceArn": ARN + self.scratch(), "NextToken": "x", "Key": "k1", "Value": "v",
                 "KeyConditionExpression": "pk = :p", "ConditionExpression": "attribute_exists(a)", "FilterExpression": "attribute_exists(a)", "ProjectionExpression": "a, b",
                 "UpdateExpression": "REMOVE a", "ExclusiveStartTableName": self.r.choice(["Beta", "A__", "zzz"])}
        return self.r.choice(kind["enum"]) if "enum" in kind else named.get(name, self.r.choice("abc"))

    def faulty(self, steps, shape, fault, present):
        kind = model.SHAPES[shape]
        if fault == "null":
            return None
        if fault == "type":
            return self.wrong_type(kind["type"])
        if fault == "value":
            return self.r.choice([*self.VALUES, {"S": 1}, {"N": 1}, {"BOOL": "x"}, {"BOOL": "true"}, {"NULL": "no"}, {"NULL": 1}, {"B": "x"}, {"B": "YR=="}, {"L": {}}, {"M": []}, {"SS": "a"},
                                  {"SS": [1]}, {"NS": [1]}, {"BS": ["a"]}, {"L": ["a"]}, {"M": {"a": "b"}}, {"X": "a"}, {"S": None}, {"SS": [None]}, {"L": [None]}, {"M": {"a": None}}])
        valid = present if present is not None and fault != "present" else self.sample(steps, shape)
        if kind["type"] == "structure":
            return {**valid, "Unknown": 1} if fault == "unknown" and isinstance(valid, dict) else valid
        if kind["type"] in ("integer", "long"):
            return {"below": self.r.choice([kind.get("min", 0) - 1, -1, -(1 << 63)]), "above": self.r.choice([kind.get("max", 1 << 31) + 1, 1 << 31, 1 << 63, 1.5]),
                    "border": kind.get("max")}.get(fault, valid)
        if kind["type"] == "boolean" or fault == "present":
            return valid
        if fault == "below":
            return {"list": [], "map": {}}.get(kind["type"], "x" * (kind.get("min", 1) - 1))
        if kind["type"] == "list":
            count = kind.get("max", 10) + (fault == "above")
            return (valid * count)[:count] if isinstance(valid, list) and valid else valid
        if kind["type"] == "map":
            return {**valid, "": self.sample(steps + ("{}",), kind["value"])} if isinstance(valid, dict) else valid
        if fault == "unknown":
            return self.r.choice(["X", str(valid).lower(), str(valid) + " "])
        if fault == "pattern":
            return self.r.choice(["a!b", "éabc", "a b", "abc/d"])
        return "x" * min(kind.get("max", 300) + (fault == "above"), 70000)

    def wrong_type(self, kind):
        right = {"string": (str,), "boolean": (bool,), "integer": (int, float), "long": (int, float), "double": (int, float), "list": (list,), "map": (dict,), "structure": (dict,)}[kind]
        return self.r.choice([v for v in ("", "x", "true", "12", 0, 1, -1, 1.5, True, False, [], {}, ["x"], [1], {"x": 1}, [{}]) if not isinstance(v, right) or (isinstance(v, bool) and bool not in right)])
