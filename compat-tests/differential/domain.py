# SPDX-License-Identifier: Apache-2.0
"""What the requests are about: tables, names, values. Small domains, so that requests meet each other's items."""
TYPES = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"]
ATTRIBUTES = ["a", "b", "c", "d", "nested", "lst", "bag", "num", "gpk", "gsk", "lsk", "h1", "h2", "r1", "r2", "inc"]
# What mostly lies under a name, so that updates and functions find what they work on.
TYPICAL = {"a": "S", "b": "N", "nested": "M", "lst": "L", "bag": "SS", "num": "N"}
NUMBERS = ["0", "1", "-1", "2", "10", "100", "3.14", "-0.5", "1e3", "0010", "99999999999999999999999999999999999999", "1E-130", "1.50", "12345678901234567890"]
STRINGS = ["", "a", "b", "ab", "abc", "B", "é", "日本", "x" * 40, "with space", "\"q\"", "zz", "0", "\U0001f600"]
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/"

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
    # As many key attributes as there can be, of all types; provisioned; local indexes of the other projections.
    "Epsilon": {"keys": [("pk", "N"), ("sk", "B")],
                "attributes": {"pk": "N", "sk": "B", "gpk": "S", "gsk": "N", "h1": "S", "h2": "N", "r1": "S", "r2": "N", "lsk": "N", "a": "S", "num": "N"},
                "gsi": [("wide", ["h1", "h2", "gpk", "gsk"], ["r1", "r2", "a", "num"], {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "nested"]}),
                        ("hashes", ["h2", "h1"], [], {"ProjectionType": "KEYS_ONLY"})],
                "lsi": [("lskAll", "pk", "lsk", {"ProjectionType": "ALL"}), ("lskSome", "pk", "num", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "lst"]})],
                "throughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 5}},
}
LOCAL_INDEXES = {i for t in TABLES.values() for i, *_ in t["lsi"]}


def key_schema(hashes, ranges):
    return [{"AttributeName": n, "KeyType": "HASH"} for n in hashes] + [{"AttributeName": n, "KeyType": "RANGE"} for n in ranges]


def create_requests():
    for name, t in TABLES.items():
        billing = {"ProvisionedThroughput": t["throughput"]} if "throughput" in t else {}
        request = {"TableName": name, **(billing or {"BillingMode": "PAY_PER_REQUEST"}),
                   "AttributeDefinitions": [{"AttributeName": n, "AttributeType": v} for n, v in t["attributes"].items()],
                   "KeySchema": key_schema([t["keys"][0][0]], [k for k, _ in t["keys"][1:]])}
        if t["gsi"]:
            request["GlobalSecondaryIndexes"] = [{"IndexName": i, "KeySchema": key_schema(h, r), "Projection": p, **billing} for i, h, r, p in t["gsi"]]
        if t["lsi"]:
            request["LocalSecondaryIndexes"] = [{"IndexName": i, "KeySchema": key_schema([h], [r]), "Projection": p} for i, h, r, p in t["lsi"]]
        yield "CreateTable", request
