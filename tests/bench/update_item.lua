-- SPDX-License-Identifier: Apache-2.0
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local lib = require("lib")

function init()
    lib.start(3)
end

function request()
    return lib.request("UpdateItem", string.format('{"TableName":"bench","Key":{%s},"UpdateExpression":"SET n = n + :one, touched = :now",' ..
        '"ConditionExpression":"attribute_exists(pk) AND n >= :zero","ExpressionAttributeValues":{":one":{"N":"1"},":zero":{"N":"0"},":now":{"N":"%d"}}}',
        lib.key_json(lib.key()), lib.next_number()))
end
