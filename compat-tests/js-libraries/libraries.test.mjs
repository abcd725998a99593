// SPDX-License-Identifier: Apache-2.0
// The quick starts of the libraries above the SDK, each to its end: model, create, read, query, update, condition, delete.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as ddb from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Entity, Service } from "electrodb";
import { Model as OneModel, Table as OneTable } from "dynamodb-onetable";
import { Dynamo } from "dynamodb-onetable/Dynamo";
import * as toolbox from "dynamodb-toolbox";
import dynamoose from "dynamoose";

const client = new ddb.DynamoDBClient({ maxAttempts: 1 });
const name = (stem) => `${stem}-${process.pid}`;
const key = (hash, range) => [{ AttributeName: hash, KeyType: "HASH" }, { AttributeName: range, KeyType: "RANGE" }];

async function create(TableName, names, indexes) {
  await client.send(new ddb.CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: key(names[0], names[1]),
    AttributeDefinitions: [...names, ...indexes.flatMap((i) => [i[1], i[2]])].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    GlobalSecondaryIndexes: indexes.map(([IndexName, hash, range]) => ({ IndexName, KeySchema: key(hash, range), Projection: { ProjectionType: "ALL" } })) }));
}
const drop = (TableName) => client.send(new ddb.DeleteTableCommand({ TableName }));

describe("ElectroDB", () => {
  const table = name("electro");
  before(() => create(table, ["pk", "sk"], [["gsi1", "gsi1pk", "gsi1sk"]]));
  after(() => drop(table));
  const tasks = new Entity({
    model: { entity: "task", version: "1", service: "work" },
    attributes: { team: { type: "string", required: true }, id: { type: "string", required: true }, owner: { type: "string", required: true }, points: { type: "number", default: 1 },
      status: { type: ["open", "done"], default: "open" }, tags: { type: "set", items: "string" }, log: { type: "list", items: { type: "map", properties: { at: { type: "number" }, text: { type: "string" } } } } },
    indexes: { byTeam: { collection: "all", pk: { field: "pk", composite: ["team"] }, sk: { field: "sk", composite: ["id"] } }, byOwner: { index: "gsi1", pk: { field: "gsi1pk", composite: ["owner"] }, sk: { field: "gsi1sk", composite: ["status"] } } },
  }, { table, client: DynamoDBDocumentClient.from(client) });

  test("entity and service", async () => {
    for (let i = 0; i < 12; i++) await tasks.create({ team: "t", id: `i${String(i).padStart(2, "0")}`, owner: i % 2 ? "ann" : "bob", tags: ["x"], log: [{ at: i, text: "made" }] }).go();
    await assert.rejects(tasks.create({ team: "t", id: "i00", owner: "zed" }).go(), /conditional request failed/i);
    const page = await tasks.query.byTeam({ team: "t" }).gte({ id: "i05" }).where(({ points }, { eq }) => eq(points, 1)).go({ limit: 3 });
    assert.deepEqual(page.data.map((d) => d.id), ["i05", "i06", "i07"]);
    const rest = await tasks.query.byTeam({ team: "t" }).gte({ id: "i05" }).go({ cursor: page.cursor, pages: "all" });
    assert.equal(rest.data.length, 4);
    await tasks.update({ team: "t", id: "i01" }).set({ status: "done" }).add({ points: 4 }).append({ log: [{ at: 99, text: "done" }] }).delete({ tags: ["x"] }).where(({ status }, { eq }) => eq(status, "open")).go();
    const { data } = await tasks.get({ team: "t", id: "i01" }).go();
    assert.deepEqual([data.points, data.status, data.log.length], [5, "done", 2]);
    assert.equal((await tasks.query.byOwner({ owner: "ann" }).begins({ status: "d" }).go()).data.length, 1);
    const all = await new Service({ tasks }).collections.all({ team: "t" }).go();
    assert.equal(all.data.tasks.length, 12);
    await tasks.delete(all.data.tasks.map(({ team, id }) => ({ team, id }))).go();
    assert.equal((await tasks.scan.go()).data.length, 0);
  });
});

describe("dynamodb-onetable", () => {
  const table = new OneTable({ name: name("one"), client: new Dynamo({ client }), partial: false, schema: { format: "onetable:1.1.0", version: "0.0.1",
    indexes: { primary: { hash: "pk", sort: "sk" }, gs1: { hash: "gs1pk", sort: "gs1sk", project: "all" } },
    models: { User: { pk: { type: String, value: "account:${account}" }, sk: { type: String, value: "user:${email}" }, gs1pk: { type: String, value: "user" }, gs1sk: { type: String, value: "user:${email}" },
      account: { type: String, required: true }, email: { type: String, required: true }, age: { type: Number }, address: { type: Object, schema: { city: { type: String } } } } }, params: { timestamps: true, isoDates: true } } });
  after(() => table.deleteTable("DeleteTableForever"));
  test("model", async () => {
    await table.createTable();
    const User = table.getModel("User");
    assert.ok(User instanceof OneModel);
    for (let i = 0; i < 6; i++) await User.create({ account: "a", email: `u${i}@x`, age: i, address: { city: "Rome" } });
    await assert.rejects(User.create({ account: "a", email: "u1@x" }), /exists|unique|condition/i);
    const user = await User.update({ account: "a", email: "u1@x" }, { add: { age: 10 }, set: { "address.city": "Oslo" } });
    assert.equal(user.age, 11);
    assert.equal((await User.get({ account: "a", email: "u1@x" })).address.city, "Oslo");
    assert.equal((await User.find({ pk: "account:a", sk: { begins: "user:u" } }, { limit: 4 })).length, 4);
    assert.equal((await User.find({ gs1pk: "user" }, { index: "gs1", where: "${age} > {3}" })).length, 3);
    const transaction = {};
    await User.update({ account: "a", email: "u2@x", age: 50 }, { transaction });
    await User.remove({ account: "a", email: "u3@x" }, { transaction });
    await table.transact("write", transaction);
    assert.equal((await User.scan()).length, 5);
  });
});

describe("dynamodb-toolbox", () => {
  const table = name("toolbox");
  before(() => create(table, ["pk", "sk"], [["gsi", "gpk", "gsk"]]));
  after(() => drop(table));
  test("entity", async () => {
    const Table = new toolbox.Table({ name: table, documentClient: DynamoDBDocumentClient.from(client), partitionKey: { name: "pk", type: "string" }, sortKey: { name: "sk", type: "string" },
      indexes: { gsi: { type: "global", partitionKey: { name: "gpk", type: "string" }, sortKey: { name: "gsk", type: "string" } } } });
    const Pet = new toolbox.Entity({ name: "Pet", table: Table, schema: toolbox.item({ pk: toolbox.string().key(), sk: toolbox.string().key(), gpk: toolbox.string().optional(), gsk: toolbox.string().optional(),
      level: toolbox.number().default(1), moves: toolbox.set(toolbox.string()).optional(), owner: toolbox.map({ name: toolbox.string() }).optional() }) });
    for (let i = 0; i < 5; i++) await Pet.build(toolbox.PutItemCommand).item({ pk: "pets", sk: `p${i}`, gpk: "all", gsk: `${9 - i}`, moves: new Set(["jump"]), owner: { name: "Ann" } }).options({ condition: { attr: "pk", exists: false } }).send();
    const { Attributes } = await Pet.build(toolbox.UpdateItemCommand).item({ pk: "pets", sk: "p1", level: toolbox.$add(3), owner: { name: "Bob" } }).options({ returnValues: "ALL_NEW" }).send();
    assert.deepEqual([Attributes.level, Attributes.owner.name], [4, "Bob"]);
    const { Items } = await Table.build(toolbox.QueryCommand).query({ partition: "pets", range: { beginsWith: "p" } }).entities(Pet).options({ reverse: true, limit: 2 }).send();
    assert.deepEqual(Items.map((i) => i.sk), ["p4", "p3"]);
    const { Items: byIndex } = await Table.build(toolbox.QueryCommand).query({ index: "gsi", partition: "all", range: { lt: "7" } }).entities(Pet).send();
    assert.deepEqual(byIndex.map((i) => i.sk), ["p4", "p3"]);
    await Pet.build(toolbox.DeleteItemCommand).key({ pk: "pets", sk: "p0" }).send();
    assert.equal((await Table.build(toolbox.ScanCommand).entities(Pet).send()).Items.length, 4);
  });
});

describe("dynamoose", () => {
  test("model", async () => {
    dynamoose.aws.ddb.set(new dynamoose.aws.ddb.DynamoDB({ endpoint: process.env.AWS_ENDPOINT_URL, region: "us-east-1", credentials: { accessKeyId: "compat", secretAccessKey: "compat" } }));
    const Cat = dynamoose.model(name("Cat"), new dynamoose.Schema({ id: { type: String, hashKey: true }, born: { type: Number, rangeKey: true }, home: { type: String, index: { name: "homes", type: "global" } },
      toys: { type: Array, schema: [String] }, info: { type: Object, schema: { weight: Number } } }, { saveUnknown: true }), { throughput: "ON_DEMAND", waitForActive: { check: { frequency: 50 } } });
    for (let i = 0; i < 8; i++) await Cat.create({ id: "tom", born: 2000 + i, home: i % 2 ? "here" : "there", toys: ["ball"], info: { weight: i } });
    await assert.rejects(Cat.create({ id: "tom", born: 2000 }), { name: "ConditionalCheckFailedException" });
    assert.equal((await Cat.get({ id: "tom", born: 2003 })).info.weight, 3);
    const late = await Cat.query("id").eq("tom").where("born").between(2002, 2005).sort("descending").exec();
    assert.deepEqual(late.map((c) => c.born), [2005, 2004, 2003, 2002]);
    assert.equal((await Cat.query("home").eq("here").using("homes").exec()).count, 4);
    const updated = await Cat.update({ id: "tom", born: 2001 }, { $ADD: { age: 3 }, $SET: { home: "away" }, $REMOVE: ["toys"] });
    assert.deepEqual([updated.age, updated.home, updated.toys], [3, "away", undefined]);
    assert.equal((await Cat.scan("born").gt(2004).exec()).count, 3);
    await dynamoose.transaction([Cat.transaction.delete({ id: "tom", born: 2000 }), Cat.transaction.update({ id: "tom", born: 2007 }, { home: "gone" })]);
    assert.equal((await Cat.scan().count().exec()).count, 7);
    await client.send(new ddb.DeleteTableCommand({ TableName: name("Cat") }));
  });
});
