-- SPDX-License-Identifier: Apache-2.0
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

function init()
    lib.start(1)
end

function request()
    return lib.request("GetItem", string.format('{"TableName":"bench","Key":{%s}}', lib.key_json(lib.key())))
end
