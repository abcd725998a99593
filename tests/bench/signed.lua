-- SPDX-License-Identifier: Apache-2.0
-- GetItem requests that secured.py has signed: wrk's Lua has no HMAC. They follow one another in a file, each behind its length.
local requests = {}

function init()
    math.randomseed(os.time())
    local file = assert(io.open(os.getenv("BENCH_SIGNED"), "rb"))
    local length = file:read("*n")
    while length do
        file:read(1)
        requests[#requests + 1] = file:read(length)
        length = file:read("*n")
    end
    file:close()
end

function request()
    return requests[math.random(#requests)]
end
