-- SPDX-License-Identifier: Apache-2.0
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

function init()
    lib.start(2)
end

function request()
    local p, s = lib.key()
    return lib.request("PutItem", '{"TableName":"bench","Item":' .. lib.item_json(p, s, lib.next_number()) .. "}")
end
