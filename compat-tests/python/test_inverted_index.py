# SPDX-License-Identifier: Apache-2.0
"""Application b: the inverted-index GSI (PK and SK swapped), in both billing modes."""
from boto3.dynamodb.conditions import Key

from support import Application, resource


class InvertedIndex(Application):
    def play(self, **billing):
        name = self.fresh_name("inverted")
        self.drop_at_end(name)
        index = {"IndexName": "inverted", "Projection": {"ProjectionType": "ALL"},
                 "KeySchema": [{"AttributeName": "SK", "KeyType": "HASH"}, {"AttributeName": "PK", "KeyType": "RANGE"}]}
        if billing["BillingMode"] == "PROVISIONED":
            index["ProvisionedThroughput"] = billing["ProvisionedThroughput"]
        table = resource().create_table(
            TableName=name, KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}, {"AttributeName": "SK", "AttributeType": "S"}],
            GlobalSecondaryIndexes=[index], **billing)
        table.wait_until_exists()
        for student, course in (("ann", "c1"), ("ann", "c2"), ("bob", "c1")):
            table.put_item(Item={"PK": f"STUDENT#{student}", "SK": f"COURSE#{course}", "grade": len(student + course)})
        courses = table.query(KeyConditionExpression=Key("PK").eq("STUDENT#ann"))["Items"]
        self.assertEqual([i["SK"] for i in courses], ["COURSE#c1", "COURSE#c2"])
        students = table.query(IndexName="inverted", KeyConditionExpression=Key("SK").eq("COURSE#c1") & Key("PK").begins_with("STUDENT#"))["Items"]
        self.assertEqual([i["PK"] for i in students], ["STUDENT#ann", "STUDENT#bob"])
        table.reload()
        return table

    def test_pay_per_request(self):
        table = self.play(BillingMode="PAY_PER_REQUEST")
        self.assertEqual(table.provisioned_throughput["ReadCapacityUnits"], 0)

    def test_provisioned(self):
        table = self.play(BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 4})
        self.assertEqual(table.provisioned_throughput["WriteCapacityUnits"], 4)
        self.assertEqual(table.global_secondary_indexes[0]["ProvisionedThroughput"]["ReadCapacityUnits"], 5)
