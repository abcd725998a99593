// SPDX-License-Identifier: Apache-2.0
// TypeDORM, the quick start of its documentation and further: entities, unique attributes, indexes, transactions, batches, scans.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import * as ddb from "@aws-sdk/client-dynamodb";

const require = createRequire(import.meta.url); // its ESM build names files without their endings, which node doesn't take
require("reflect-metadata");
const { Attribute, AutoGenerateAttribute, Entity, AUTO_GENERATE_ATTRIBUTE_STRATEGY, INDEX_TYPE, Table } = require("@typedorm/common");
// getTransactionManger is its own spelling.
const { createConnection, getBatchManager, getEntityManager, getScanManager, getTransactionManger, WriteBatch, ReadBatch, WriteTransaction } = require("@typedorm/core");
const { DocumentClientV3 } = require("@typedorm/document-client");

const client = new ddb.DynamoDBClient({ maxAttempts: 1 });
const name = `typedorm-${process.pid}`;

// What the TypeScript compiler makes of decorators.
const attribute = (target, key, type, decorator) => Reflect.decorate([decorator, Reflect.metadata("design:type", type)], target.prototype, key, undefined);

class User {}
attribute(User, "id", String, AutoGenerateAttribute({ strategy: AUTO_GENERATE_ATTRIBUTE_STRATEGY.UUID4 }));
attribute(User, "name", String, Attribute());
attribute(User, "email", String, Attribute({ unique: true }));
attribute(User, "status", String, Attribute({ default: "active" }));
attribute(User, "age", Number, Attribute());
attribute(User, "updatedAt", Number, AutoGenerateAttribute({ strategy: AUTO_GENERATE_ATTRIBUTE_STRATEGY.EPOCH_DATE, autoUpdate: true }));
Entity({ name: "user", primaryKey: { partitionKey: "USER#{{id}}", sortKey: "USER#{{id}}" },
  indexes: { GSI1: { type: INDEX_TYPE.GSI, partitionKey: "STATUS#{{status}}", sortKey: "USER#{{name}}" } } })(User);

class Order {}
attribute(Order, "customer", String, Attribute());
attribute(Order, "number", String, Attribute());
attribute(Order, "total", Number, Attribute());
attribute(Order, "lines", Array, Attribute());
Entity({ name: "order", primaryKey: { partitionKey: "CUSTOMER#{{customer}}", sortKey: "ORDER#{{number}}" } })(Order);

const user = (fields) => Object.assign(new User(), fields);
const order = (number, total) => Object.assign(new Order(), { customer: "c1", number: String(number).padStart(3, "0"), total, lines: [{ sku: "x", count: number }] });

describe("TypeDORM", () => {
  before(async () => {
    const key = (hash, range) => [{ AttributeName: hash, KeyType: "HASH" }, { AttributeName: range, KeyType: "RANGE" }];
    await client.send(new ddb.CreateTableCommand({ TableName: name, BillingMode: "PAY_PER_REQUEST", KeySchema: key("PK", "SK"),
      AttributeDefinitions: ["PK", "SK", "GSI1PK", "GSI1SK"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: [{ IndexName: "GSI1", KeySchema: key("GSI1PK", "GSI1SK"), Projection: { ProjectionType: "ALL" } }] }));
    createConnection({ entities: [User, Order], documentClient: new DocumentClientV3(client),
      table: new Table({ name, partitionKey: "PK", sortKey: "SK", indexes: { GSI1: { type: INDEX_TYPE.GSI, partitionKey: "GSI1PK", sortKey: "GSI1SK" } } }) });
  });
  after(() => client.send(new ddb.DeleteTableCommand({ TableName: name })));

  test("entities with a unique attribute, by key and by index", async () => {
    const entities = getEntityManager();
    const ann = await entities.create(user({ name: "Ann", email: "ann@x", age: 40 }));
    assert.deepEqual([ann.status, typeof ann.updatedAt], ["active", "number"]);
    await assert.rejects(entities.create(user({ name: "Other", email: "ann@x" })), (e) => /unique|condition|cancel/i.test(`${e.name} ${e.message}`));
    const bob = await entities.create(user({ name: "Bob", email: "bob@x", age: 20 }));
    assert.deepEqual(await entities.findOne(User, { id: ann.id }), ann);
    assert.equal(await entities.exists(User, { email: "bob@x" }), true);
    const active = await entities.find(User, { status: "active" }, { queryIndex: "GSI1", keyCondition: { BEGINS_WITH: "USER#" }, where: { age: { GT: 30 } } });
    assert.deepEqual(active.items.map((u) => u.name), ["Ann"]);
    const changed = await entities.update(User, { id: bob.id }, { status: "gone", email: "robert@x", age: { INCREMENT_BY: 2 } }, { where: { age: { EQ: 20 } } });
    assert.deepEqual([changed.status, changed.email, changed.age], ["gone", "robert@x", 22]);
    assert.deepEqual([await entities.exists(User, { email: "bob@x" }), await entities.exists(User, { email: "robert@x" })], [false, true]);
    assert.equal(await entities.count(User, { status: "gone" }, { queryIndex: "GSI1" }), 1);
    await entities.delete(User, { id: bob.id });
    assert.equal(await entities.findOne(User, { id: bob.id }), undefined);
    assert.equal(await entities.exists(User, { email: "robert@x" }), false);
  });

  test("collections: pages, transactions, batches, scans", async () => {
    const entities = getEntityManager();
    await getBatchManager().write(new WriteBatch().add(Array.from({ length: 30 }, (_, i) => ({ create: { item: order(i, i * 1.5) } }))));
    const first = await entities.find(Order, { customer: "c1" }, { keyCondition: { BETWEEN: ["ORDER#005", "ORDER#024"] }, limit: 12, orderBy: "DESC" });
    assert.deepEqual([first.items.length, first.items[0].number], [12, "024"]);
    const rest = await entities.find(Order, { customer: "c1" }, { keyCondition: { BETWEEN: ["ORDER#005", "ORDER#024"] }, limit: 12, orderBy: "DESC", cursor: first.cursor });
    assert.deepEqual([rest.items.length, rest.items.at(-1).number, rest.cursor], [8, "005", undefined]);
    await getTransactionManger().write(new WriteTransaction().addCreateItem(order(100, 1)).addUpdateItem(Order, { customer: "c1", number: "001" }, { total: 99 }, {})
      .addDeleteItem(Order, { customer: "c1", number: "002" }));
    await assert.rejects(getTransactionManger().write(new WriteTransaction().addCreateItem(order(101, 1)).addCreateItem(order(100, 2))), /TransactionCanceled|cancelled|condition/i);
    assert.equal((await entities.findOne(Order, { customer: "c1", number: "001" })).total, 99);
    const read = await getBatchManager().read(new ReadBatch().add(["001", "002", "100", "101"].map((number) => ({ item: Order, primaryKey: { customer: "c1", number } }))));
    assert.deepEqual(read.items.map((o) => o.number).sort(), ["001", "100"]);
    assert.equal((await getScanManager().find(Order, { where: { total: { LT: 9 } } })).items.length, 5);
    await getBatchManager().write(new WriteBatch().add((await entities.find(Order, { customer: "c1" })).items.map(({ customer, number }) => ({ delete: { item: Order, primaryKey: { customer, number } } }))));
    assert.equal(await getScanManager().count(Order), 0);
  });
});
