-- SPDX-License-Identifier: Apache-2.0
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

function init()
    lib.start(6)
end

function request()
    local p, first = lib.key()
    local puts = {}
    for i = 1, 25 do
        puts[i] = '{"PutRequest":{"Item":' .. lib.item_json(p, (first + i) % 100, lib.next_number()) .. "}}"
    end
    return lib.request("BatchWriteItem", '{"RequestItems":{"bench":[' .. table.concat(puts, ",") .. "]}}")
end
