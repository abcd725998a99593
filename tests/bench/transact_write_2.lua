-- SPDX-License-Identifier: Apache-2.0
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

function init()
    lib.start(7)
end

function request()
    local p, s = lib.key()
    return lib.request("TransactWriteItems", string.format('{"TransactItems":[{"Put":{"TableName":"bench","Item":%s}},{"Put":{"TableName":"bench","Item":%s}}]}',
        lib.item_json(p, s, lib.next_number()), lib.item_json((p + 1) % 100, s, lib.next_number())))
end
