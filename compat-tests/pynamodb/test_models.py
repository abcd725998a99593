# SPDX-License-Identifier: Apache-2.0
"""PynamoDB's own quick start and what its users do next: models, an index, conditions, updates, batches, transactions, paging."""
import datetime
import os
import unittest

from pynamodb.attributes import ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute, UTCDateTimeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite


class ByView(GlobalSecondaryIndex):
    class Meta:
        index_name = "view-index"
        projection = AllProjection()
        billing_mode = "PAY_PER_REQUEST"

    forum = UnicodeAttribute(hash_key=True)
    views = NumberAttribute(range_key=True)


class Thread(Model):
    class Meta:
        table_name = f"Thread-{os.getpid()}"
        host = os.environ["AWS_ENDPOINT_URL"]
        region = "us-east-1"
        billing_mode = "PAY_PER_REQUEST"

    forum = UnicodeAttribute(hash_key=True)
    subject = UnicodeAttribute(range_key=True)
    views = NumberAttribute(default=0)
    tags = UnicodeSetAttribute(null=True)
    replies = ListAttribute(default=list)
    author = MapAttribute(null=True)
    at = UTCDateTimeAttribute(default=lambda: datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc))
    view_index = ByView()


class Models(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        Thread.create_table(wait=True)

    @classmethod
    def tearDownClass(cls):
        Thread.delete_table()

    def test_life(self):
        thread = Thread("f1", "s1", tags={"a", "b"}, author={"name": "Ann", "age": 3}, replies=["x", 1])
        thread.save(Thread.forum.does_not_exist())
        with self.assertRaises(PutError) as caught:
            thread.save(Thread.forum.does_not_exist())
        self.assertEqual(caught.exception.cause_response_code, "ConditionalCheckFailedException")
        thread.update(actions=[Thread.views.add(5), Thread.replies.set(Thread.replies.append(["y"])), Thread.author.set({"name": "Bea"})], condition=Thread.views < 3)
        again = Thread.get("f1", "s1")
        self.assertEqual((again.views, list(again.replies), again.author.as_dict(), again.tags), (5, ["x", 1, "y"], {"name": "Bea"}, {"a", "b"}))
        self.assertEqual(again.at.year, 2026)
        again.delete()
        with self.assertRaises(Thread.DoesNotExist):
            Thread.get("f1", "s1")

    def test_many(self):
        with Thread.batch_write() as batch:
            for i in range(60):
                batch.save(Thread("f2", f"s{i:02}", views=i))
        self.assertEqual([t.subject for t in Thread.query("f2", Thread.subject.startswith("s0"), Thread.views >= 5, limit=3, scan_index_forward=False)], ["s09", "s08", "s07"])
        self.assertEqual([t.views for t in Thread.view_index.query("f2", Thread.views.between(10, 14), page_size=2)], [10, 11, 12, 13, 14])
        self.assertEqual(Thread.count("f2", Thread.subject > "s30"), 29)
        self.assertEqual(len(list(Thread.batch_get([("f2", f"s{i:02}") for i in range(40)]))), 40)
        self.assertEqual(sum(1 for t in Thread.scan(Thread.forum == "f2", page_size=7)), 60)

    def test_transaction(self):
        Thread("f3", "s").save()
        with self.assertRaises(TransactWriteError) as caught, TransactWrite(connection=Connection(host=os.environ["AWS_ENDPOINT_URL"], region="us-east-1")) as transaction:
            transaction.save(Thread("f3", "t"))
            transaction.condition_check(Thread, "f3", "s", condition=Thread.views > 100)
        self.assertEqual(sorted(str(r and r.code) for r in caught.exception.cancellation_reasons), ["ConditionalCheckFailed", "None"])
