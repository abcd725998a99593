-- SPDX-License-Identifier: Apache-2.0
-- Small items by number, for scale.py: BENCH_OP says what is asked, BENCH_ITEMS how many there are, BENCH_TABLE and BENCH_TABLES where.
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

local op = os.getenv("BENCH_OP")
local items = tonumber(os.getenv("BENCH_ITEMS"))
local table_name = os.getenv("BENCH_TABLE") or "bench"
local tables = tonumber(os.getenv("BENCH_TABLES") or "1")
local pad = string.rep("x", tonumber(os.getenv("BENCH_PAD") or "0"))
local due = os.getenv("BENCH_DUE")
local next_item = -25 -- wrk asks once for a request that it doesn't send
local random = math.random

function init()
    lib.start(9)
end

local function key(i)
    return string.format('"pk":{"S":"p%07d"},"sk":{"S":"s%02d"}', math.floor(i / 100), i % 100)
end

local function item(i, n)
    return string.format('{%s,"ref":{"S":"r%08d"},"n":{"N":"%d"}%s%s}', key(i), i, n, pad ~= "" and ',"pad":{"S":"' .. pad .. '"}' or "",
        due and ',"due":{"N":"' .. due .. '"}' or "")
end

local operations = {}

function operations.get()
    return lib.request("GetItem", string.format('{"TableName":"%s","Key":{%s}}', table_name, key(random(0, items - 1))))
end

function operations.get_any_table()
    return lib.request("GetItem", string.format('{"TableName":"t%04d","Key":{%s}}', random(0, tables - 1), key(random(0, items - 1))))
end

function operations.put()
    return lib.request("PutItem", string.format('{"TableName":"%s","Item":%s}', table_name, item(random(0, items - 1), lib.next_number())))
end

function operations.query()
    return lib.request("Query", string.format('{"TableName":"%s","Limit":10,"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p%07d"}}}',
        table_name, math.floor(random(0, items - 1) / 100)))
end

function operations.query_gsi()
    return lib.request("Query", string.format('{"TableName":"%s","IndexName":"by_ref","KeyConditionExpression":"#r = :r",' ..
        '"ExpressionAttributeNames":{"#r":"ref"},"ExpressionAttributeValues":{":r":{"S":"r%08d"}}}', table_name, random(0, items - 1)))
end

-- Each item once, in order; then there is nothing left to do but wait for being stopped.
function operations.load()
    local puts = {}
    if next_item < 0 then
        next_item = 0
        return operations.get()
    end
    for k = 1, math.min(25, items - next_item) do
        puts[k] = '{"PutRequest":{"Item":' .. item(next_item, 1) .. "}}"
        next_item = next_item + 1
    end
    if #puts == 0 then
        return operations.get()
    end
    return lib.request("BatchWriteItem", '{"RequestItems":{"' .. table_name .. '":[' .. table.concat(puts, ",") .. "]}}")
end

request = operations[op]
