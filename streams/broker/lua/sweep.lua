#!lua flags=allow-oom
-- Forget states (or records) that were closed long enough ago.
-- KEYS 1 zset of members by time
-- ARGV 1 prefix of the keys to delete, 2 age in ms, 3 how many at most
-- Returns how many were forgotten.
local time = redis.call('TIME')
local limit = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2])
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', limit, 'LIMIT', 0, ARGV[3])
for _, member in ipairs(old) do
  redis.call('UNLINK', ARGV[1] .. member)
  redis.call('ZREM', KEYS[1], member)
end
return #old
