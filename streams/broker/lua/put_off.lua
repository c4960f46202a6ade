#!lua
-- Look at a known anime at another time, unless somebody has found another one for it meanwhile.
-- KEYS 1 refresh zset
-- ARGV 1 the anime, 2 the time that was read (ms), 3 the new one (ms)
-- Returns 1 if it was put off.
local refresh = unpack(KEYS)
local anime, seen, at = unpack(ARGV, 1, 3)
local now = redis.call('ZSCORE', refresh, anime)
if not now or string.format('%.0f', now) ~= seen then return 0 end
redis.call('ZADD', refresh, at, anime)
return 1
