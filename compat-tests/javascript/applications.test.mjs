// SPDX-License-Identifier: Apache-2.0
// The five applications of compat-tests, as JavaScript users write them: DynamoDBDocumentClient above, DynamoDBClient below.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as ddb from "@aws-sdk/client-dynamodb";
import * as lib from "@aws-sdk/lib-dynamodb";

const client = new ddb.DynamoDBClient({ maxAttempts: 1 }); // endpoint, region and keys from the environment, as in a container
const doc = lib.DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
let made = 0;

const attribute = (name, type = "S") => ({ AttributeName: name, AttributeType: type });
const key = (hash, range) => [{ AttributeName: hash, KeyType: "HASH" }, ...(range ? [{ AttributeName: range, KeyType: "RANGE" }] : [])];
const index = (name, hash, range, more = {}) => ({ IndexName: name, KeySchema: key(hash, range), Projection: { ProjectionType: "ALL" }, ...more });

function withTable(stem, input) {
  const TableName = `${stem}-${process.pid}-${++made}`;
  before(async () => {
    const answer = await client.send(new ddb.CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", ...input }));
    assert.equal(answer.TableDescription.TableStatus, "CREATING");
    await ddb.waitUntilTableExists({ client, maxWaitTime: 5, minDelay: 1 }, { TableName });
  });
  after(async () => {
    await client.send(new ddb.DeleteTableCommand({ TableName }));
    await ddb.waitUntilTableNotExists({ client, maxWaitTime: 5, minDelay: 1 }, { TableName });
  });
  return TableName;
}

async function refused(name, message, promise) {
  await assert.rejects(promise, (e) => {
    assert.equal(e.name, name);
    if (message) assert.equal(e.message, message);
    return true;
  });
}

describe("a: single table with GSI1", () => {
  const TableName = withTable("app", {
    AttributeDefinitions: ["PK", "SK", "GSI1PK", "GSI1SK"].map((n) => attribute(n)), KeySchema: key("PK", "SK"),
    GlobalSecondaryIndexes: [index("GSI1", "GSI1PK", "GSI1SK")], SSESpecification: { Enabled: true },
  });

  test("set-up is shown: health check by DescribeTable, PITR, TTL", async () => {
    const { Table } = await client.send(new ddb.DescribeTableCommand({ TableName }));
    assert.equal(Table.TableStatus, "ACTIVE");
    assert.equal(Table.SSEDescription.Status, "ENABLED");
    assert.ok(Table.CreationDateTime instanceof Date);
    await client.send(new ddb.UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }));
    const { ContinuousBackupsDescription: backups } = await client.send(new ddb.DescribeContinuousBackupsCommand({ TableName }));
    assert.equal(backups.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus, "ENABLED");
    await client.send(new ddb.UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: "TTL", Enabled: true } }));
    const { TimeToLiveDescription: ttl } = await client.send(new ddb.DescribeTimeToLiveCommand({ TableName }));
    assert.deepEqual(ttl, { TimeToLiveStatus: "ENABLED", AttributeName: "TTL" });
  });

  test("users, orders, sessions", async () => {
    const users = [0, 1, 2].map((u) => ({ PK: `USER#${u}`, SK: "PROFILE", GSI1PK: `MAIL#u${u}`, GSI1SK: "USER", name: `User ${u}`, roles: new Set(["admin", "dev"]) }));
    const orders = users.flatMap((u) => [1, 2, 3].map((n) => ({ PK: u.PK, SK: `ORDER#${n}`, GSI1PK: `ORDER#${n}`, GSI1SK: u.PK, total: n * 10.5, lines: [{ sku: "x", n }] })));
    const puts = [...users, ...orders].map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems } = await doc.send(new lib.BatchWriteCommand({ RequestItems: { [TableName]: puts } }));
    assert.deepEqual(UnprocessedItems, {});
    const { Item } = await doc.send(new lib.GetCommand({ TableName, Key: { PK: "USER#1", SK: "PROFILE" }, ConsistentRead: true }));
    assert.deepEqual(Item, users[1]);
    const { Items } = await doc.send(new lib.QueryCommand({
      TableName, KeyConditionExpression: "PK = :p AND begins_with(SK, :s)", ExpressionAttributeValues: { ":p": "USER#1", ":s": "ORDER#" }, ScanIndexForward: false }));
    assert.deepEqual(Items.map((i) => i.SK), ["ORDER#3", "ORDER#2", "ORDER#1"]);
    const byOrder = await doc.send(new lib.QueryCommand({ TableName, IndexName: "GSI1", KeyConditionExpression: "GSI1PK = :o", ExpressionAttributeValues: { ":o": "ORDER#2" } }));
    assert.deepEqual(byOrder.Items.map((i) => i.PK), ["USER#0", "USER#1", "USER#2"]);
    const dear = await doc.send(new lib.ScanCommand({ TableName, FilterExpression: "#t > :t AND size(#l) = :one", ExpressionAttributeNames: { "#l": "lines", "#t": "total" },
      ExpressionAttributeValues: { ":t": 20, ":one": 1 }, ProjectionExpression: "PK, SK" }));
    assert.equal(dear.Count, 6);
    assert.deepEqual(Object.keys(dear.Items[0]).sort(), ["PK", "SK"]);
    const got = await doc.send(new lib.BatchGetCommand({ RequestItems: { [TableName]: { Keys: [0, 1, 7].map((u) => ({ PK: `USER#${u}`, SK: "PROFILE" })) } } }));
    assert.equal(got.Responses[TableName].length, 2);
    const updated = await doc.send(new lib.UpdateCommand({ TableName, Key: { PK: "USER#0", SK: "PROFILE" }, UpdateExpression: "SET #n = :n, visits = if_not_exists(visits, :zero) + :one DELETE #r :r",
      ExpressionAttributeNames: { "#n": "name", "#r": "roles" }, ExpressionAttributeValues: { ":n": "New", ":zero": 0, ":one": 1, ":r": new Set(["dev"]) }, ReturnValues: "ALL_NEW" }));
    assert.deepEqual([updated.Attributes.name, updated.Attributes.visits, updated.Attributes.roles], ["New", 1, new Set(["admin"])]);
    const removed = await doc.send(new lib.DeleteCommand({ TableName, Key: { PK: "USER#0", SK: "PROFILE" }, ReturnValues: "ALL_OLD" }));
    assert.equal(removed.Attributes.name, "New");
  });

  test("a due session goes, a later one stays", async () => {
    const now = Math.floor(Date.now() / 1000);
    await doc.send(new lib.PutCommand({ TableName, Item: { PK: "SESSION#1", SK: "S", TTL: now - 5 } }));
    await doc.send(new lib.PutCommand({ TableName, Item: { PK: "SESSION#2", SK: "S", TTL: now + 500 } }));
    const deadline = Date.now() + 8000;
    while ((await doc.send(new lib.GetCommand({ TableName, Key: { PK: "SESSION#1", SK: "S" } }))).Item) assert.ok(Date.now() < deadline);
    assert.ok((await doc.send(new lib.GetCommand({ TableName, Key: { PK: "SESSION#2", SK: "S" } }))).Item);
  });

  test("transactions", async () => {
    const put = (PK, more = {}) => ({ Put: { TableName, Item: { PK, SK: "T" }, ...more } });
    await doc.send(new lib.TransactWriteCommand({ TransactItems: [put("T#1"), put("T#2")] }));
    await assert.rejects(doc.send(new lib.TransactWriteCommand({ TransactItems: [put("T#3"), put("T#1", { ConditionExpression: "attribute_not_exists(PK)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" })] })), (e) => {
      assert.equal(e.name, "TransactionCanceledException");
      assert.deepEqual(e.CancellationReasons.map((r) => r.Code), ["None", "ConditionalCheckFailed"]);
      return true;
    });
    const { Responses } = await doc.send(new lib.TransactGetCommand({ TransactItems: ["T#1", "T#3"].map((PK) => ({ Get: { TableName, Key: { PK, SK: "T" } } })) }));
    assert.deepEqual(Responses.map((r) => r.Item?.PK), ["T#1", undefined]);
  });
});

for (const billing of [{ BillingMode: "PAY_PER_REQUEST" }, { BillingMode: "PROVISIONED", ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 2 } }]) {
  describe(`b: inverted index, ${billing.BillingMode}`, () => {
    const { ProvisionedThroughput } = billing;
    const TableName = withTable("inverted", { AttributeDefinitions: [attribute("PK"), attribute("SK")], KeySchema: key("PK", "SK"),
      GlobalSecondaryIndexes: [index("inverted", "SK", "PK", ProvisionedThroughput ? { ProvisionedThroughput } : {})], ...billing });
    test("both directions", async () => {
      for (const [PK, SK] of [["S#ann", "C#1"], ["S#ann", "C#2"], ["S#bob", "C#1"]]) await doc.send(new lib.PutCommand({ TableName, Item: { PK, SK } }));
      const query = async (input) => (await doc.send(new lib.QueryCommand({ TableName, ...input }))).Items;
      assert.deepEqual(await query({ KeyConditionExpression: "PK = :v", ExpressionAttributeValues: { ":v": "S#ann" } }), [{ PK: "S#ann", SK: "C#1" }, { PK: "S#ann", SK: "C#2" }]);
      assert.deepEqual((await query({ IndexName: "inverted", KeyConditionExpression: "SK = :v", ExpressionAttributeValues: { ":v": "C#1" } })).map((i) => i.PK), ["S#ann", "S#bob"]);
    });
  });
}

describe("c: model layer", () => {
  const TableName = withTable("models", { AttributeDefinitions: ["pk", "sk", "pk1", "sk1", "pk2", "sk2"].map((n) => attribute(n)), KeySchema: key("pk", "sk"),
    GlobalSecondaryIndexes: [index("GSI1", "pk1", "sk1"), index("GSI2", "pk2", "sk2")] });
  test("sixty users: by e-mail, by time, deleted in chunks of 25", async () => {
    const items = Array.from({ length: 60 }, (_, i) => ({ pk: `user_${i}`, sk: "user", pk1: `u${i}@x`, sk1: "user", pk2: "user", sk2: String(1000 + i), active: i % 2 === 0 }));
    await Promise.all(items.map((Item) => doc.send(new lib.PutCommand({ TableName, Item, ConditionExpression: "attribute_not_exists(pk)" }))));
    const one = await doc.send(new lib.QueryCommand({ TableName, IndexName: "GSI1", KeyConditionExpression: "pk1 = :e", ExpressionAttributeValues: { ":e": "u7@x" } }));
    assert.deepEqual(one.Items, [items[7]]);
    const seen = [];
    for await (const page of lib.paginateQuery({ client: doc, pageSize: 7 }, { TableName, IndexName: "GSI2", KeyConditionExpression: "pk2 = :u AND sk2 >= :t", ExpressionAttributeValues: { ":u": "user", ":t": "1020" } }))
      seen.push(...page.Items.map((i) => i.sk2));
    assert.deepEqual(seen, Array.from({ length: 40 }, (_, i) => String(1020 + i)));
    const all = await doc.send(new lib.ScanCommand({ TableName, FilterExpression: "begins_with(pk, :p)", ExpressionAttributeValues: { ":p": "user_" } }));
    for (let at = 0; at < all.Items.length; at += 25)
      await doc.send(new lib.BatchWriteCommand({ RequestItems: { [TableName]: all.Items.slice(at, at + 25).map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })) } }));
    assert.equal((await doc.send(new lib.ScanCommand({ TableName }))).Count, 0);
  });
  test("every type round-trips", async () => {
    const Item = { pk: { S: "t" }, sk: { S: "t" }, s: { S: "naïve 日本 😀 \" \\ \n" }, n: { N: "-0.00000000000000000000000000000000000012345" }, b: { B: Uint8Array.from([0, 1, 255]) },
      z: { NULL: true }, t: { BOOL: false }, ss: { SS: ["a", "b"] }, ns: { NS: ["1", "2.5"] }, l: { L: [{ S: "" }, { M: { k: { L: [] } } }] } };
    await client.send(new ddb.PutItemCommand({ TableName, Item }));
    assert.deepEqual((await client.send(new ddb.GetItemCommand({ TableName, Key: { pk: Item.pk, sk: Item.sk } }))).Item, Item);
  });
});

describe("d: conditional CRUD", () => {
  const TableName = withTable("crud", { AttributeDefinitions: [attribute("PK"), attribute("SK")], KeySchema: key("PK", "SK") });
  test("create once, page backwards, reserved words", async () => {
    const put = (SK) => doc.send(new lib.PutCommand({ TableName, Item: { PK: "p", SK, n: Number(SK.slice(1)) }, ConditionExpression: "attribute_not_exists(PK)" }));
    for (let i = 10; i < 30; i++) await put(`n${i}`);
    await refused("ConditionalCheckFailedException", "The conditional request failed", put("n10"));
    const seen = [];
    let ExclusiveStartKey;
    do {
      const page = await doc.send(new lib.QueryCommand({ TableName, KeyConditionExpression: "PK = :p AND begins_with(SK, :s)", ExpressionAttributeValues: { ":p": "p", ":s": "n" }, ScanIndexForward: false, Limit: 6, ExclusiveStartKey }));
      seen.push(...page.Items.map((i) => i.n));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    assert.deepEqual(seen, Array.from({ length: 20 }, (_, i) => 29 - i));
    await refused("ValidationException", "1 validation error detected: Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status",
      doc.send(new lib.UpdateCommand({ TableName, Key: { PK: "p", SK: "n10" }, UpdateExpression: "SET status = :s", ExpressionAttributeValues: { ":s": 1 } })));
  });
});

describe("e: events", () => {
  const TableName = withTable("events", { AttributeDefinitions: [attribute("event_id"), attribute("source"), attribute("timestamp", "N")], KeySchema: key("event_id"),
    GlobalSecondaryIndexes: [index("timestamp-index", "source", "timestamp")] });
  test("put, get, query by time", async () => {
    for (let i = 0; i < 10; i++) await doc.send(new lib.PutCommand({ TableName, Item: { event_id: `e${i}`, source: i % 2 ? "web" : "app", timestamp: 1700000000 + i } }));
    assert.equal((await doc.send(new lib.GetCommand({ TableName, Key: { event_id: "e3" } }))).Item.timestamp, 1700000003);
    const { Items } = await doc.send(new lib.QueryCommand({ TableName, IndexName: "timestamp-index", KeyConditionExpression: "#s = :s AND #t BETWEEN :a AND :b",
      ExpressionAttributeNames: { "#s": "source", "#t": "timestamp" }, ExpressionAttributeValues: { ":s": "web", ":a": 1700000003, ":b": 1700000007 } }));
    assert.deepEqual(Items.map((i) => i.event_id), ["e3", "e5", "e7"]);
  });
});
