-- SPDX-License-Identifier: Apache-2.0
-- What the workloads share: the table that bench.py loads (100 partitions of 100 items of about 0.6 KB), keys by chance, and the
-- request text, which is put together here because wrk.format costs more than the servers do.
local lib = {}

local filler = string.rep("Lorem ipsum dolor sit amet consectetur. ", 9):sub(1, 330)
local heads = {}
local random = math.random

function lib.key()
    return random(0, 99), random(0, 99)
end

function lib.key_json(p, s)
    return string.format('"pk":{"S":"part-%05d"},"sk":{"S":"item-%05d"}', p, s)
end

-- `n` makes it another item each time.
function lib.item_json(p, s, n)
    return string.format('{%s,"ref":{"S":"ref-%05d-%05d"},"n":{"N":"%d"},"state":{"S":"active"},"ok":{"BOOL":true},' ..
        '"tags":{"SS":["blue","green","red"]},"place":{"M":{"city":{"S":"Utrecht"},"zip":{"S":"3511AB"}}},"note":{"S":"%s"}}',
        lib.key_json(p, s), p, s, n, filler)
end

local function head_of(operation)
    return "POST / HTTP/1.1\r\nHost: localhost:8000\r\nUser-Agent: bench/1.0 like an SDK\r\nAccept: */*\r\n" ..
        "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810." .. operation .. "\r\n" ..
        "X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=benchkey/20260101/us-east-1/dynamodb/aws4_request, " ..
        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" .. string.rep("0123456789abcdef", 4) .. "\r\n" ..
        "Content-Length: "
end

function lib.request(operation, body)
    local head = heads[operation]
    if head == nil then
        head = head_of(operation)
        heads[operation] = head
    end
    return head .. #body .. "\r\n\r\n" .. body
end

-- Every thread and every run gets other keys and other values.
local counter = 0
function lib.start(seed)
    local address = tonumber(tostring({}):match("0x(%x+)"), 16) or 0 -- differs from thread to thread
    math.randomseed(os.time() * 1000 + seed + address % 1000003)
    counter = random(1, 1000000) * 1000
end

function lib.next_number()
    counter = counter + 1
    return counter
end

return lib
