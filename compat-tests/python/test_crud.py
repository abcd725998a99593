# SPDX-License-Identifier: Apache-2.0
"""Applications d and e: conditional CRUD with paging, and an events table with a time index."""
from boto3.dynamodb.conditions import Key

from support import Application, client, resource


class Crud(Application):
    def setUp(self):
        self.name = self.fresh_name("crud")
        self.drop_at_end(self.name)
        self.client = client()
        self.client.create_table(
            TableName=self.name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}, {"AttributeName": "SK", "AttributeType": "S"}])

    def put(self, sk, **more):
        self.client.put_item(TableName=self.name, Item={"PK": {"S": "p"}, "SK": {"S": sk}, **more}, ConditionExpression="attribute_not_exists(PK)")

    def test_create_once(self):
        self.put("a")
        with self.refused("ConditionalCheckFailedException", "The conditional request failed"):
            self.put("a")

    def test_pages_backwards(self):
        for i in range(25):
            self.put(f"note#{i:03}", size={"N": str(i)})
        self.put("other")
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name, KeyConditionExpression="PK = :p AND begins_with(SK, :s)", ScanIndexForward=False,
            ExpressionAttributeValues={":p": {"S": "p"}, ":s": {"S": "note#"}}, PaginationConfig={"PageSize": 4})
        sizes = [int(i["size"]["N"]) for page in pages for i in page["Items"]]
        self.assertEqual(sizes, list(range(24, -1, -1)))

    def test_update_with_names_and_values(self):
        self.put("a")
        answer = self.client.update_item(
            TableName=self.name, Key={"PK": {"S": "p"}, "SK": {"S": "a"}}, UpdateExpression="SET #s = :s, #c = list_append(if_not_exists(#c, :none), :c)",
            ExpressionAttributeNames={"#s": "status", "#c": "comments"},
            ExpressionAttributeValues={":s": {"S": "done"}, ":none": {"L": []}, ":c": {"L": [{"S": "hi"}]}}, ReturnValues="UPDATED_NEW")
        self.assertEqual(answer["Attributes"], {"status": {"S": "done"}, "comments": {"L": [{"S": "hi"}]}})
        with self.refused("ValidationException", "1 validation error detected: Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status"):
            self.client.update_item(TableName=self.name, Key={"PK": {"S": "p"}, "SK": {"S": "a"}}, UpdateExpression="SET status = :s",
                                    ExpressionAttributeValues={":s": {"S": "x"}})

    def test_missing_table(self):
        with self.refused("ResourceNotFoundException", "Requested resource not found"):
            self.client.get_item(TableName="not-there", Key={"PK": {"S": "p"}})
        with self.refused("ResourceNotFoundException", "Requested resource not found: Table: not-there not found"):
            self.client.describe_table(TableName="not-there")

    def test_parallel_scan(self):
        for i in range(40):
            self.client.put_item(TableName=self.name, Item={"PK": {"S": f"p{i}"}, "SK": {"S": "x"}})
        found = [i["PK"]["S"] for s in range(4) for i in self.client.scan(TableName=self.name, Segment=s, TotalSegments=4)["Items"]]
        self.assertEqual(sorted(found), sorted(f"p{i}" for i in range(40)))


class Events(Application):
    def test_put_get_and_query(self):
        name = self.fresh_name("events")
        self.drop_at_end(name)
        table = resource().create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}, {"AttributeName": "source", "AttributeType": "S"},
                                  {"AttributeName": "timestamp", "AttributeType": "N"}],
            GlobalSecondaryIndexes=[{"IndexName": "timestamp-index", "Projection": {"ProjectionType": "ALL"},
                                     "KeySchema": [{"AttributeName": "source", "KeyType": "HASH"}, {"AttributeName": "timestamp", "KeyType": "RANGE"}]}])
        table.wait_until_exists()
        for i in range(10):
            table.put_item(Item={"event_id": f"e{i}", "source": "web" if i % 2 else "app", "timestamp": 1700000000 + i, "payload": {"n": i}})
        self.assertEqual(table.get_item(Key={"event_id": "e3"})["Item"]["payload"], {"n": 3})
        late = table.query(IndexName="timestamp-index", KeyConditionExpression=Key("source").eq("web") & Key("timestamp").between(1700000003, 1700000007))
        self.assertEqual([e["event_id"] for e in late["Items"]], ["e3", "e5", "e7"])
        newest = table.query(IndexName="timestamp-index", KeyConditionExpression=Key("source").eq("app"), ScanIndexForward=False, Limit=1)
        self.assertEqual([e["event_id"] for e in newest["Items"]], ["e8"])
        self.assertIn("LastEvaluatedKey", newest)
