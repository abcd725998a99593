# SPDX-License-Identifier: Apache-2.0
"""Requests at the limits, and one beyond: lengths of keys, digits, depths, sizes of items, numbers of actions, lengths of expressions."""
import base64

from domain import TABLES

NUMBERS = ["9" * 38, "9" * 39, "1" + "0" * 37, "1" + "0" * 39, "1e125", "1e126", "9." + "9" * 37 + "e125", "1e-130", "1e-131", "-1e-130", "-9." + "9" * 37 + "e125", "0.1234567890123456789012345678901234567",
           "0." + "0" * 129 + "1", "0." + "0" * 130 + "1", "1" + "0" * 125, "1" + "0" * 126, "-" + "9" * 38, "1.0e+0", "1e0125", "12345678901234567890123456789012345678.0", "0e999", "-0.0"]


class Borders:
    def border(self):
        return self.r.choice([self.long_key, self.long_key, self.number, self.number, self.depth, self.item_size, self.many, self.long_expression, self.long_expression])()

    def long_key(self):
        """Partition keys of 2048 bytes, sort keys of 1024, in tables and indexes; of one letter, so that there are few items."""
        table, name, length = self.r.choice([("Alpha", "pk", 2048), ("Alpha", "sk", 1024), ("Alpha", "gpk", 2048), ("Alpha", "lsk", 1024), ("Gamma", "pk", 2048), ("Delta", "h1", 2048),
                                             ("Delta", "r1", 1024), ("Epsilon", "sk", 1024), ("Epsilon", "h1", 2048), ("Epsilon", "a", 1024)])
        length += self.r.choice([-1, 0, 0, 1, 2])
        kind = {**TABLES[table]["attributes"], **dict(TABLES[table]["keys"])}[name]
        text = self.r.choice(["k", "é"])
        value = {"B": base64.b64encode(b"k" * length).decode()} if kind == "B" else {"S": (text * length)[:length // len(text.encode())] + "k" * (length % len(text.encode()))}
        operation = self.r.choice(["PutItem", "PutItem", "GetItem", "DeleteItem", "UpdateItem", "Query", "BatchGetItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems"])
        request = self.of_operation(operation)
        is_key = name in dict(TABLES[table]["keys"])
        key = {**self.key(table), **({name: value} if is_key else {})}
        item = {**self.item(table), **key, name: value}
        if operation == "PutItem":
            request.update(TableName=table, Item=item)
        elif operation in ("GetItem", "DeleteItem"):
            request.update(TableName=table, Key=key)
        elif operation == "UpdateItem":
            request = self.common({"TableName": table, "Key": key, **({} if is_key else {"UpdateExpression": f"SET {name} = :k", "ExpressionAttributeValues": {":k": value}})})
        elif operation == "Query":
            hash_name, hash_kind = TABLES[table]["keys"][0]
            request = {"TableName": table, "KeyConditionExpression": f"{hash_name} = :h AND {name} > :k" if name != hash_name else f"{name} = :k",
                       "ExpressionAttributeValues": {":k": value, **({":h": self.key_value(hash_kind)} if name != hash_name else {})}}
        elif operation == "BatchGetItem":
            request = {"RequestItems": {table: {"Keys": [key]}}}
        elif operation == "BatchWriteItem":
            request = self.common({"RequestItems": {table: [{"PutRequest": {"Item": item}}]}})
        elif operation == "TransactWriteItems":
            request = self.common({"TransactItems": [{"Put": {"TableName": table, "Item": item}}, {"ConditionCheck": {"TableName": "Beta", "Key": {"id": {"N": "1"}}, "ConditionExpression": "attribute_exists(id)"}}]})
        else:
            request = {"TransactItems": [{"Get": {"TableName": table, "Key": key}}]}
        return operation, request

    def number(self):
        number = self.r.choice(NUMBERS)
        roll = self.r.random()
        if roll < 0.3:
            return "PutItem", self.common({"TableName": "Alpha", "Item": {**self.key("Alpha"), "num": {"N": number}, "b": {"NS": [number, "1"]} if number != "1.0e+0" else {"N": "1"}}})
        if roll < 0.7:
            step = self.r.choice(["SET num = num + :n", "SET num = num - :n", "ADD num :n", "SET num = :n", "SET num = if_not_exists(num, :n) + :n", "ADD b :n"])
            return "UpdateItem", self.common({"TableName": "Alpha", "Key": self.key("Alpha"), "UpdateExpression": step, "ExpressionAttributeValues": {":n": {"N": number}}, "ReturnValues": "ALL_NEW"})
        if roll < 0.85:
            return "Query", {"TableName": "Gamma", "KeyConditionExpression": f"pk = :p AND sk {self.r.choice(['<', '>=', '='])} :n", "ExpressionAttributeValues": {":p": {"B": "YQ=="}, ":n": {"N": number}}}
        return "GetItem", {"TableName": "Beta", "Key": {"id": {"N": number}}}

    def depth(self):
        levels = self.r.choice([30, 31, 32, 33, 34])
        path = "nested" + "".join(self.r.choice([".a", "[0]"]) for _ in range(levels))
        roll = self.r.random()
        if roll < 0.35:
            return "PutItem", {"TableName": "Alpha", "Item": {**self.key("Alpha"), "nested": self.deep(levels)}}
        if roll < 0.5:
            return "UpdateItem", {"TableName": "Alpha", "Key": self.key("Alpha"), "UpdateExpression": self.r.choice(["SET nested = :d", "SET nested.a = :d", "SET lst[0] = :d", "SET lst = list_append(lst, :d)"]),
                                  "ExpressionAttributeValues": {":d": self.deep(levels)}, "ReturnValues": "UPDATED_NEW"}
        if roll < 0.6:
            return "UpdateItem", {"TableName": "Alpha", "Key": self.key("Alpha"), "UpdateExpression": f"REMOVE {path}"}
        if roll < 0.8:
            return "Scan", {"TableName": "Alpha", "FilterExpression": f"attribute_exists({path})"}
        if roll < 0.9:
            return "GetItem", {"TableName": "Alpha", "Key": self.key("Alpha"), "ProjectionExpression": path}
        return "TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "Alpha", "Item": {**self.key("Alpha"), "nested": self.deep(levels)}}}]}

    def item_size(self):
        """On one key of one table, so that no page of 1 MB is cut by it: where exactly is nobody's promise."""
        key = {"id": {"N": "777"}}
        length = 409600 - self.r.choice([0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 50, 1000])
        name = "é" * 10 if self.r.random() < 0.2 else "a"
        value = self.r.choice([{"S": "x" * (length - 5)}, {"S": "x" * length}, {"B": base64.b64encode(b"x" * (length - 5)).decode()}, {"L": [{"S": "x" * (length - 15)}]},
                               {"SS": ["x" * (length // 2 - 4), "y" * (length // 2)]}])
        roll = self.r.random()
        if roll < 0.3:
            return "PutItem", self.common({"TableName": "Beta", "Item": {**key, name: value}})
        if roll < 0.7:
            update = self.r.choice([f"SET {name} = :v" if name == "a" else "SET a = :v", "SET b = :v REMOVE a", "SET lst = list_append(if_not_exists(lst, :e), :l)"])
            values = {":e": {"L": []}, ":l": {"L": [{"S": "x" * self.r.choice([1, 100000])}]}} if "lst" in update else {":v": value}
            return "UpdateItem", self.common({"TableName": "Beta", "Key": key, "UpdateExpression": update, "ExpressionAttributeValues": values})
        if roll < 0.8:
            return "BatchWriteItem", self.common({"RequestItems": {"Beta": [{"PutRequest": {"Item": {**key, name: value}}}, {"DeleteRequest": {"Key": {"id": {"N": "3"}}}}]}})
        if roll < 0.9:
            return "TransactWriteItems", self.common({"TransactItems": [{"Put": {"TableName": "Beta", "Item": {**key, name: value}}}, {"Delete": {"TableName": "Beta", "Key": {"id": {"N": "3"}}}}]})
        return "GetItem", self.common({"TableName": "Beta", "Key": key, "ProjectionExpression": "b"}, write=False)

    def many(self):
        """Numbers of actions, keys, placeholders."""
        count = self.r.choice([24, 25, 26])
        keys = [{"id": {"N": str(1000 + i)}} for i in range(101)]
        roll = self.r.random()
        if roll < 0.3:
            return "BatchWriteItem", {"RequestItems": {"Beta": [{"DeleteRequest": {"Key": k}} for k in keys[:count]]}}
        if roll < 0.5:
            return "BatchGetItem", self.common({"RequestItems": {"Beta": {"Keys": keys[:75 + count]}}}, write=False)
        if roll < 0.7:
            return "TransactWriteItems", self.common({"TransactItems": [{"Delete": {"TableName": "Beta", "Key": k}} for k in keys[:75 + count]]})
        if roll < 0.8:
            return "TransactGetItems", self.common({"TransactItems": [{"Get": {"TableName": "Beta", "Key": k}} for k in keys[:75 + count]]}, write=False)
        count = self.r.choice([99, 100, 101])
        return "Scan", {"TableName": "Beta", "FilterExpression": f"a IN ({', '.join(f':v{i}' for i in range(count))})", "ExpressionAttributeValues": {f":v{i}": {"N": str(i)} for i in range(count)}}

    def long_expression(self):
        roll = self.r.random()
        length = self.r.choice([4095, 4096, 4097, 5000])
        if roll < 0.15:
            return "Scan", {"TableName": "Alpha", "FilterExpression": ("a = :v" + " " * 5000)[:length - 1] + " ", "ExpressionAttributeValues": {":v": {"S": "a"}}}
        if roll < 0.3:
            return "UpdateItem", {"TableName": "Alpha", "Key": self.key("Alpha"), "UpdateExpression": "REMOVE " + "x" * (length - 7)}
        if roll < 0.4:
            return "GetItem", {"TableName": "Alpha", "Key": self.key("Alpha"), "ProjectionExpression": "é" * (length // 2)}
        if roll < 0.6:
            operators = self.r.choice([299, 300, 301, 302])
            joined = self.r.choice([" AND ".join(["a <> :v"] * ((operators + 1) // 2)), "NOT " * (operators - 1) + "a = :v", " OR ".join(["b = :v"] * ((operators + 1) // 2))])
            return "Query", {"TableName": "Alpha", "KeyConditionExpression": "pk = :v", "FilterExpression": joined, "ExpressionAttributeValues": {":v": {"S": "a"}}}
        if roll < 0.8:
            name = "#" + "n" * self.r.choice([253, 254, 255, 256])
            return "GetItem", {"TableName": "Alpha", "Key": self.key("Alpha"), "ProjectionExpression": name, "ExpressionAttributeNames": {name: self.r.choice(["a", "x" * 65535, "x" * 65536, "x" * 255])}}
        levels = self.r.choice([149, 150, 151])
        return "PutItem", {"TableName": "Alpha", "Item": self.item("Alpha"), "ConditionExpression": "(" * levels + "a = a" + ")" * levels}
