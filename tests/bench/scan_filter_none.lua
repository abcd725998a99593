-- SPDX-License-Identifier: Apache-2.0
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

function init()
    lib.start(8)
end

function request()
    return lib.request("Scan", '{"TableName":"bench","FilterExpression":"n < :none","ExpressionAttributeValues":{":none":{"N":"-1"}}}')
end
