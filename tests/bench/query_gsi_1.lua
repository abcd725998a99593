-- SPDX-License-Identifier: Apache-2.0
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

function init()
    lib.start(4)
end

function request()
    return lib.request("Query", string.format('{"TableName":"bench","IndexName":"by_ref","KeyConditionExpression":"#r = :r",' ..
        '"ExpressionAttributeNames":{"#r":"ref"},"ExpressionAttributeValues":{":r":{"S":"ref-%05d-%05d"}}}', lib.key()))
end
