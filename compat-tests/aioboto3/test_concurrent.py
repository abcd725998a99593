# SPDX-License-Identifier: Apache-2.0
"""Many coroutines on one table: conditional writes have one winner, counters lose nothing, reads see what was acknowledged."""
import asyncio
import os
import unittest

import aioboto3
from botocore.exceptions import ClientError


class Concurrent(unittest.IsolatedAsyncioTestCase):
    async def test_many_at_once(self):
        async with aioboto3.Session().resource("dynamodb") as db:
            table = await db.create_table(TableName=f"aio-{os.getpid()}", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
            await table.wait_until_exists()

            async def claim(owner):
                try:
                    await table.put_item(Item={"id": "lock", "owner": owner}, ConditionExpression="attribute_not_exists(id)")
                    return owner
                except ClientError as error:
                    self.assertEqual(error.response["Error"]["Code"], "ConditionalCheckFailedException")
                    return None

            winners = [w for w in await asyncio.gather(*(claim(i) for i in range(40))) if w is not None]
            self.assertEqual(len(winners), 1)
            self.assertEqual((await table.get_item(Key={"id": "lock"}))["Item"]["owner"], winners[0])
            await asyncio.gather(*(table.update_item(Key={"id": "n"}, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": 1}) for _ in range(200)))
            self.assertEqual((await table.get_item(Key={"id": "n"}))["Item"]["n"], 200)
            async with table.batch_writer() as batch:
                for i in range(70):
                    await batch.put_item(Item={"id": f"i{i}"})
            self.assertEqual((await table.scan())["Count"], 72)
            await table.delete()
