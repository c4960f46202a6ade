#!lua flags=allow-oom
-- Forget states (or records) that were closed long enough ago.
-- KEYS 1 zset of members by time
-- ARGV 1 prefix of the keys to delete, 2 age in ms, 3 how many at most
-- Returns how many were forgotten.
local closed = unpack(KEYS)
local prefix, age_ms, most = unpack(ARGV, 1, 3)
local time = redis.call('TIME')
local limit = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) - age_ms)
local old = redis.call('ZRANGEBYSCORE', closed, '-inf', limit, 'LIMIT', 0, most)
for _, member in ipairs(old) do
  redis.call('UNLINK', prefix .. member)
  redis.call('ZREM', closed, member)
end
return #old
