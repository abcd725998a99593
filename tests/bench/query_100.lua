-- SPDX-License-Identifier: Apache-2.0
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

function init()
    lib.start(5)
end

function request()
    local p = lib.key()
    return lib.request("Query", string.format('{"TableName":"bench","KeyConditionExpression":"pk = :p",' ..
        '"ExpressionAttributeValues":{":p":{"S":"part-%05d"}}}', p))
end
