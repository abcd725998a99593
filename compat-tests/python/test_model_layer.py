# SPDX-License-Identifier: Apache-2.0
"""Application c: a typed model layer: create, read, update, delete; batch deletes in chunks; GSI1 on e-mail, GSI2 on time; scans by id prefix."""
import dataclasses
import itertools
import uuid
from decimal import Decimal

from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from support import Application, client, resource


@dataclasses.dataclass
class User:
    email: str
    created_at: str
    name: str = ""
    score: Decimal = Decimal(0)
    id: str = dataclasses.field(default_factory=lambda: "user_" + uuid.uuid4().hex)

    def to_item(self):
        return {**dataclasses.asdict(self), "pk": self.id, "sk": "user", "pk1": self.email, "sk1": "user", "pk2": "user", "sk2": self.created_at}

    @classmethod
    def of_item(cls, item):
        return cls(**{f.name: item[f.name] for f in dataclasses.fields(cls)})


class Repository:
    def __init__(self, table):
        self.table = table

    @classmethod
    def create(cls, name):
        def key(hash_name, range_name):
            return [{"AttributeName": hash_name, "KeyType": "HASH"}, {"AttributeName": range_name, "KeyType": "RANGE"}]
        table = resource().create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=key("pk", "sk"),
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "pk1", "sk1", "pk2", "sk2")],
            GlobalSecondaryIndexes=[{"IndexName": f"GSI{i}", "KeySchema": key(f"pk{i}", f"sk{i}"), "Projection": {"ProjectionType": "ALL"}}
                                    for i in (1, 2)])
        table.wait_until_exists()
        return cls(table)

    def save(self, user):
        self.table.put_item(Item=user.to_item(), ConditionExpression=Attr("pk").not_exists())

    def get(self, user_id):
        item = self.table.get_item(Key={"pk": user_id, "sk": "user"}).get("Item")
        return item and User.of_item(item)

    def by_email(self, email):
        items = self.table.query(IndexName="GSI1", KeyConditionExpression=Key("pk1").eq(email))["Items"]
        return [User.of_item(i) for i in items]

    def since(self, time, limit=2):
        """All pages, two at a time."""
        start = {}
        while True:
            page = self.table.query(IndexName="GSI2", KeyConditionExpression=Key("pk2").eq("user") & Key("sk2").gte(time), Limit=limit, **start)
            yield from (User.of_item(i) for i in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def rename(self, user, name):
        item = self.table.update_item(Key={"pk": user.id, "sk": "user"}, UpdateExpression="SET #name = :name, score = score + :one",
                                      ConditionExpression="attribute_exists(pk)", ExpressionAttributeNames={"#name": "name"},
                                      ExpressionAttributeValues={":name": name, ":one": Decimal("0.5")}, ReturnValues="ALL_NEW")["Attributes"]
        return User.of_item(item)

    def delete_all(self):
        keys = [{"pk": i["pk"], "sk": i["sk"]} for i in self.table.scan(FilterExpression=Attr("id").begins_with("user_"))["Items"]]
        serialise = TypeSerializer().serialize
        for chunk in iter(lambda it=iter(keys): list(itertools.islice(it, 25)), []):
            answer = client().batch_write_item(RequestItems={self.table.name: [
                {"DeleteRequest": {"Key": {n: serialise(v) for n, v in key.items()}}} for key in chunk]})
            assert answer["UnprocessedItems"] == {}
        return len(keys)


class ModelLayer(Application):
    def setUp(self):
        name = self.fresh_name("models")
        self.drop_at_end(name)
        self.users = Repository.create(name)

    def test_life_of_a_user(self):
        user = User("a@example.com", "2026-01-01T00:00:00Z", "Ann", Decimal("1.5"))
        self.users.save(user)
        self.assertEqual(self.users.get(user.id), user)
        with self.refused("ConditionalCheckFailedException"):
            self.users.save(user)
        renamed = self.users.rename(user, "Anna")
        self.assertEqual((renamed.name, renamed.score), ("Anna", Decimal("2.0")))
        self.assertEqual(self.users.by_email("a@example.com"), [renamed])
        self.users.table.delete_item(Key={"pk": user.id, "sk": "user"})
        self.assertIsNone(self.users.get(user.id))
        with self.refused("ConditionalCheckFailedException"):
            self.users.rename(user, "Ghost")

    def test_many(self):
        for i in range(60):
            self.users.save(User(f"u{i}@example.com", f"2026-01-{i % 28 + 1:02}T00:00:00Z"))
        late = [u.created_at for u in self.users.since("2026-01-20")]
        self.assertEqual(late, sorted(late))
        self.assertEqual(len(late), sum(1 for i in range(60) if i % 28 + 1 >= 20))
        self.assertEqual(self.users.delete_all(), 60)
        self.assertEqual(self.users.table.scan()["Count"], 0)

    def test_every_type_round_trips(self):
        item = {"pk": {"S": "t"}, "sk": {"S": "t"}, "s": {"S": "naïve 日本 \U0001f600 \" \\ \n\t\u0001"}, "e": {"S": ""},
                "n": {"N": "-123456789012345678901234567890.12345678"}, "b": {"B": bytes(range(256))}, "eb": {"B": b""}, "t": {"BOOL": True},
                "z": {"NULL": True}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2.5"]}, "bs": {"BS": [b"\0", b"\xff"]},
                "l": {"L": [{"S": "x"}, {"N": "0"}, {"L": []}, {"M": {}}]}, "m": {"M": {"k": {"M": {"deep": {"BOOL": False}}}}}}
        low = client()
        low.put_item(TableName=self.users.table.name, Item=item)
        got = low.get_item(TableName=self.users.table.name, Key={"pk": {"S": "t"}, "sk": {"S": "t"}})["Item"]
        self.assertEqual(got, item)
        self.assertEqual(TypeDeserializer().deserialize(got["ss"]), {"a", "b"})
