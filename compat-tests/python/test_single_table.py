# SPDX-License-Identifier: Apache-2.0
"""Application a: one table PK/SK with GSI1, pay per request, PITR, SSE and TTL; users, orders and sessions under composite keys."""
import time
from decimal import Decimal

from boto3.dynamodb.conditions import Attr, Key

from support import Application, client, resource


class SingleTable(Application):
    def setUp(self):
        self.client = client()
        self.name = self.fresh_name("app")
        self.drop_at_end(self.name)
        created = self.client.create_table(
            TableName=self.name,
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("PK", "SK", "GSI1PK", "GSI1SK")],
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[{
                "IndexName": "GSI1",
                "KeySchema": [{"AttributeName": "GSI1PK", "KeyType": "HASH"}, {"AttributeName": "GSI1SK", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"}}],
            BillingMode="PAY_PER_REQUEST", SSESpecification={"Enabled": True},
            Tags=[{"Key": "stage", "Value": "test"}])
        self.assertEqual(created["TableDescription"]["TableStatus"], "CREATING")
        self.client.get_waiter("table_exists").wait(TableName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 5})
        self.table = resource().Table(self.name)

    def test_set_up_is_shown(self):
        self.client.update_continuous_backups(TableName=self.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        backups = self.client.describe_continuous_backups(TableName=self.name)["ContinuousBackupsDescription"]
        self.assertEqual(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "ENABLED")
        self.client.update_time_to_live(TableName=self.name, TimeToLiveSpecification={"AttributeName": "TTL", "Enabled": True})
        ttl = self.client.describe_time_to_live(TableName=self.name)["TimeToLiveDescription"]
        self.assertEqual(ttl, {"TimeToLiveStatus": "ENABLED", "AttributeName": "TTL"})
        table = self.client.describe_table(TableName=self.name)["Table"]
        self.assertEqual(table["TableStatus"], "ACTIVE")
        self.assertEqual(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
        self.assertEqual(table["SSEDescription"]["Status"], "ENABLED")
        self.assertEqual(table["GlobalSecondaryIndexes"][0]["IndexStatus"], "ACTIVE")
        self.assertEqual(table["WarmThroughput"]["Status"], "ACTIVE")
        self.assertFalse(table["DeletionProtectionEnabled"])
        tags = self.client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        self.assertEqual(tags, [{"Key": "stage", "Value": "test"}])
        self.assertIn(self.name, self.client.list_tables()["TableNames"])

    def fill(self):
        with self.table.batch_writer() as batch:
            for user in range(3):
                batch.put_item(Item={"PK": f"USER#{user}", "SK": "PROFILE", "GSI1PK": f"MAIL#u{user}@example.com", "GSI1SK": "USER",
                                     "name": f"User {user}", "age": 20 + user, "tags": {"a", "b"}})
                for order in range(5):
                    batch.put_item(Item={"PK": f"USER#{user}", "SK": f"ORDER#2026-01-{order + 1:02}", "GSI1PK": f"ORDER#{user}-{order}",
                                         "GSI1SK": f"USER#{user}", "total": Decimal("9.99") * (order + 1),
                                         "lines": [{"sku": f"s{i}", "count": i} for i in range(order + 1)]})

    def test_reads(self):
        self.fill()
        item = self.table.get_item(Key={"PK": "USER#1", "SK": "PROFILE"}, ConsistentRead=True)["Item"]
        self.assertEqual((item["name"], item["age"], item["tags"]), ("User 1", 21, {"a", "b"}))
        self.assertNotIn("Item", self.table.get_item(Key={"PK": "USER#9", "SK": "PROFILE"}))
        orders = self.table.query(KeyConditionExpression=Key("PK").eq("USER#1") & Key("SK").begins_with("ORDER#"), ScanIndexForward=False)
        self.assertEqual([o["SK"] for o in orders["Items"]], [f"ORDER#2026-01-0{d}" for d in (5, 4, 3, 2, 1)])
        found = self.table.query(IndexName="GSI1", KeyConditionExpression=Key("GSI1PK").eq("MAIL#u2@example.com"))
        self.assertEqual([i["PK"] for i in found["Items"]], ["USER#2"])
        dear = self.table.scan(FilterExpression=Attr("total").gt(40), ProjectionExpression="PK, SK, #l[0].sku",
                               ExpressionAttributeNames={"#l": "lines"})
        self.assertEqual((dear["Count"], dear["ScannedCount"]), (3, 18))
        self.assertEqual(sorted(i["PK"] for i in dear["Items"]), ["USER#0", "USER#1", "USER#2"])
        self.assertEqual(dear["Items"][0]["lines"], [{"sku": "s0"}])
        got = resource().batch_get_item(RequestItems={self.name: {"Keys": [{"PK": f"USER#{u}", "SK": "PROFILE"} for u in range(4)]}})
        self.assertEqual(len(got["Responses"][self.name]), 3)
        self.assertEqual(got["UnprocessedKeys"], {})

    def test_update_and_delete(self):
        self.fill()
        key = {"PK": "USER#0", "SK": "PROFILE"}
        new = self.table.update_item(Key=key, UpdateExpression="SET #n = :n, age = age + :one ADD visits :one REMOVE tags",
                                     ExpressionAttributeNames={"#n": "name"}, ExpressionAttributeValues={":n": "New", ":one": 1},
                                     ReturnValues="ALL_NEW")["Attributes"]
        self.assertEqual((new["name"], new["age"], new["visits"]), ("New", 21, 1))
        self.assertNotIn("tags", new)
        with self.refused("ConditionalCheckFailedException", "The conditional request failed"):
            self.table.update_item(Key=key, UpdateExpression="SET age = :x", ConditionExpression="age > :limit",
                                   ExpressionAttributeValues={":x": 1, ":limit": 100})
        old = self.table.delete_item(Key=key, ReturnValues="ALL_OLD", ConditionExpression=Attr("age").eq(21))["Attributes"]
        self.assertEqual(old["visits"], 1)
        self.assertEqual(self.table.query(IndexName="GSI1", KeyConditionExpression=Key("GSI1PK").eq("MAIL#u0@example.com"))["Count"], 0)

    def test_sessions_expire(self):
        self.client.update_time_to_live(TableName=self.name, TimeToLiveSpecification={"AttributeName": "TTL", "Enabled": True})
        now = int(time.time())
        self.table.put_item(Item={"PK": "SESSION#old", "SK": "S", "TTL": now - 10})
        self.table.put_item(Item={"PK": "SESSION#new", "SK": "S", "TTL": now + 1000})
        deadline = time.monotonic() + 8
        while "Item" in self.table.get_item(Key={"PK": "SESSION#old", "SK": "S"}):
            self.assertLess(time.monotonic(), deadline, "the due item is still there")
        self.assertIn("Item", self.table.get_item(Key={"PK": "SESSION#new", "SK": "S"}))

    def test_transaction(self):
        self.table.put_item(Item={"PK": "ACCOUNT#1", "SK": "BALANCE", "amount": 100})
        self.table.put_item(Item={"PK": "ACCOUNT#2", "SK": "BALANCE", "amount": 0})

        def move(amount):
            change = "SET amount = amount + :d"
            self.client.transact_write_items(TransactItems=[
                {"Update": {"TableName": self.name, "Key": {"PK": {"S": "ACCOUNT#1"}, "SK": {"S": "BALANCE"}}, "UpdateExpression": change,
                            "ConditionExpression": "amount >= :min", "ExpressionAttributeValues": {":d": {"N": str(-amount)}, ":min": {"N": str(amount)}}}},
                {"Update": {"TableName": self.name, "Key": {"PK": {"S": "ACCOUNT#2"}, "SK": {"S": "BALANCE"}}, "UpdateExpression": change,
                            "ExpressionAttributeValues": {":d": {"N": str(amount)}}}}])

        move(70)
        with self.assertRaises(self.client.exceptions.TransactionCanceledException) as caught:
            move(70)
        self.assertEqual([r["Code"] for r in caught.exception.response["CancellationReasons"]], ["ConditionalCheckFailed", "None"])
        got = self.client.transact_get_items(TransactItems=[
            {"Get": {"TableName": self.name, "Key": {"PK": {"S": f"ACCOUNT#{n}"}, "SK": {"S": "BALANCE"}}}} for n in (1, 2)])
        self.assertEqual([r["Item"]["amount"]["N"] for r in got["Responses"]], ["30", "70"])
