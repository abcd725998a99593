// SPDX-License-Identifier: Apache-2.0
// dynamodb-admin as people use it: tables made, items added, edited, looked for and deleted by clicks. What the page shows and what the server then holds.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import * as ddb from "@aws-sdk/client-dynamodb";
import { chromium } from "playwright-core";

const client = new ddb.DynamoDBClient({ maxAttempts: 1 });
const table = `admin-${process.pid}`;
const get = async (sk) => (await client.send(new ddb.GetItemCommand({ TableName: table, Key: { pk: { S: "pets" }, sk: { S: sk } } }))).Item;
let admin, browser, page, url;

async function startAdmin() { // resolves to its address, which it prints
  const path = new URL("node_modules/dynamodb-admin/dist/dynamodb-admin.js", import.meta.url).pathname;
  admin = spawn(process.execPath, [path, "--host", "127.0.0.1", "--port", "0"], { env: { ...process.env, DYNAMO_ENDPOINT: process.env.AWS_ENDPOINT_URL }, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: admin.stdout })) {
    const found = /listening on (http:\S+)/.exec(line);
    if (found) return found[1];
  }
  throw new Error("dynamodb-admin ended");
}

const row = (text) => page.locator("#items-container tr", { hasText: text });
const shown = async () => { // the sort keys of the rows, once they are there
  await page.locator("#table-placeholder").waitFor({ state: "hidden" });
  return page.locator("#items-container tr td:nth-child(3)").allInnerTexts().then((texts) => texts.map((text) => text.replaceAll('"', "").trim()));
};
async function type(item) { // into the editor, in place of what is there
  await page.locator(".ace_text-input").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(JSON.stringify(item));
}
const open = async (path) => { await page.goto(`${url}${path}`); };

describe("dynamodb-admin", { timeout: 180_000 }, () => {
  before(async () => {
    url = await startAdmin();
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
    page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    page.on("dialog", (dialog) => dialog.accept());
  });
  after(async () => {
    await browser?.close();
    if (admin?.exitCode === null) {
      admin.kill();
      await once(admin, "exit");
    }
  });

  test("create a table with an index", async () => {
    await open("/");
    await page.getByRole("link", { name: "Create table" }).click();
    await page.waitForURL("**/create-table");
    await page.fill("#TableName", table);
    await page.fill("#HashAttributeName", "pk");
    await page.fill("#RangeAttributeName", "sk");
    await page.selectOption("[name=RangeAttributeType]", "S");
    await page.click("#new-index");
    await page.fill("[name=secondary-index-1-IndexName]", "by-kind");
    await page.fill("[name=secondary-index-1-HashAttributeName]", "kind");
    await page.selectOption("[name=secondary-index-1-HashAttributeType]", "S");
    await page.fill("[name=secondary-index-1-RangeAttributeName]", "age");
    await page.selectOption("[name=secondary-index-1-RangeAttributeType]", "N");
    await page.click("#saveButton");
    await page.locator(`[data-table-name="${table}"]`).waitFor();
    const { Table } = await client.send(new ddb.DescribeTableCommand({ TableName: table }));
    assert.deepEqual([Table.TableStatus, Table.ProvisionedThroughput.ReadCapacityUnits, Table.GlobalSecondaryIndexes[0].IndexName], ["ACTIVE", 3, "by-kind"]);
  });

  test("an error of the server is shown in its words", async () => {
    await open("/create-table");
    await page.fill("#TableName", table);
    await page.fill("#HashAttributeName", "pk");
    await page.click("#saveButton");
    await page.locator("#error-wrapper", { hasText: `Table already exists: ${table}` }).waitFor();
  });

  test("add an item", async () => {
    await open(`/tables/${table}`);
    await page.locator(".no-results", { hasText: "No results" }).waitFor();
    await page.getByRole("link", { name: "Create item" }).click();
    await page.waitForURL("**/add-item");
    assert.deepEqual(JSON.parse(await page.evaluate("editor.getValue()")), { pk: "", sk: "" });
    await type({ pk: "pets", sk: "tom", kind: "cat", age: 3, toys: ["ball", { name: "mouse", price: 1.5 }], shy: true });
    await page.click("#saveButton");
    await page.waitForURL(`**/tables/${table}/items/pets%2Ctom`);
    assert.deepEqual(await get("tom"), { pk: { S: "pets" }, sk: { S: "tom" }, kind: { S: "cat" }, age: { N: "3" },
      toys: { L: [{ S: "ball" }, { M: { name: { S: "mouse" }, price: { N: "1.5" } } }] }, shy: { BOOL: true } });
  });

  test("edit it", async () => {
    await open(`/tables/${table}`);
    assert.deepEqual(await shown(), ["tom"]);
    await row("tom").getByRole("link", { name: "View" }).click();
    await page.waitForURL("**/items/**");
    const item = JSON.parse(await page.evaluate("editor.getValue()"));
    assert.equal(item.age, 3);
    await type({ ...item, age: 4, toys: [] });
    await page.click("#saveButton");
    await page.locator("#saveButton.btn-success").waitFor();
    const stored = await get("tom");
    assert.deepEqual([stored.age, stored.toys], [{ N: "4" }, { L: [] }]);
  });

  test("scan by pages and by a filter", async () => {
    const names = Array.from({ length: 40 }, (_, i) => `dog${String(i).padStart(2, "0")}`);
    for (let at = 0; at < names.length; at += 20) {
      await client.send(new ddb.BatchWriteItemCommand({ RequestItems: { [table]: names.slice(at, at + 20).map((sk, i) =>
        ({ PutRequest: { Item: { pk: { S: "pets" }, sk: { S: sk }, kind: { S: "dog" }, age: { N: String(at + i) } } } })) } }));
    }
    await open(`/tables/${table}`);
    assert.deepEqual(await shown(), names.slice(0, 25));
    await page.getByRole("link", { name: "Next Page" }).click();
    await page.locator(".page-link", { hasText: "Page 2" }).waitFor();
    assert.deepEqual(await shown(), [...names.slice(25), "tom"]);
    await open(`/tables/${table}`);
    await page.fill(".filter-row-key", "age");
    await page.selectOption(".filter-row-type", "N");
    await page.selectOption(".filter-row-operator", ">=");
    await page.fill(".filter-row-value", "37");
    await page.getByRole("button", { name: "Search" }).click();
    await page.waitForURL("**operationType=scan**");
    assert.deepEqual(await shown(), ["dog37", "dog38", "dog39"]);
  });

  test("query the table and the index", async () => {
    const query = async (selection, values) => {
      await open(`/tables/${table}`);
      await page.locator("#table-placeholder").waitFor({ state: "hidden" });
      await page.selectOption("[name=queryableSelection]", selection);
      await page.selectOption("[name=operationType]", "query");
      for (const [key, operator, value, kind] of values) {
        const rows = page.locator("#filters-table tr");
        const keys = await rows.locator(".filter-row-key").evaluateAll((inputs) => inputs.map((input) => input.value));
        const line = rows.nth(keys.indexOf(key));
        await line.locator(".filter-row-type").selectOption(kind);
        if (await line.locator(".filter-row-operator").isEnabled()) await line.locator(".filter-row-operator").selectOption(operator);
        await line.locator(".filter-row-value").fill(value);
      }
      await page.getByRole("button", { name: "Search" }).click();
      await page.waitForURL("**operationType=query**");
      return shown();
    };
    assert.deepEqual(await query("table", [["pk", "=", "pets", "S"], ["sk", "begins_with", "t", "S"]]), ["tom"]);
    assert.deepEqual(await query("by-kind", [["kind", "=", "dog", "S"], ["age", "<", "3", "N"]]), ["dog00", "dog01", "dog02"]);
  });

  test("get by key; the pages about the table", async () => {
    await open(`/tables/${table}/get`);
    await page.fill("[name=hash]", "pets");
    await page.fill("[name=range]", "dog07");
    await page.getByRole("button", { name: "Get" }).click();
    await page.waitForURL("**/items/pets,dog07");
    assert.equal(JSON.parse(await page.evaluate("editor.getValue()")).age, 7);
    await open(`/tables/${table}/meta`);
    assert.equal(JSON.parse(await page.evaluate("editor.getValue()")).TableName, table);
    await client.send(new ddb.UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { AttributeName: "due", Enabled: true } }));
    await open(`/tables/${table}/ttl`);
    await page.getByText("ENABLED").first().waitFor();
  });

  test("delete an item, purge and delete the table", async () => {
    await open(`/tables/${table}/items/pets,tom`);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.waitForURL(`**/tables/${table}`);
    assert.equal(await get("tom"), undefined);
    await open(`/tables/${table}/meta`);
    await page.click("#purgeTable");
    await page.waitForURL(`**/tables/${table}`);
    await page.locator(".no-results", { hasText: "No results" }).waitFor();
    assert.equal((await client.send(new ddb.ScanCommand({ TableName: table }))).Count, 0);
    await open("/");
    await page.locator(`[data-table-name="${table}"]`).getByText("Delete").click();
    await page.locator(`[data-table-name="${table}"]`).waitFor({ state: "detached" });
    assert.deepEqual((await client.send(new ddb.ListTablesCommand({}))).TableNames.filter((name) => name === table), []);
  });
});
