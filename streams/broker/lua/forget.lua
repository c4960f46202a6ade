#!lua flags=allow-oom
-- Forget records nobody has asked for since long, with the ids that point to them.
-- KEYS 1 records zset, 2 aliases hash, 3 refresh zset
-- ARGV 1 prefix of the record keys, 2 age in ms, 3 how many at most
-- Returns how many were forgotten.
local time = redis.call('TIME')
local limit = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2])
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', limit, 'LIMIT', 0, ARGV[3])
for _, anime in ipairs(old) do
  local key = ARGV[1] .. anime
  for alias in string.gmatch(redis.call('HGET', key, 'aliases') or '', '[^\n]+') do
    if redis.call('HGET', KEYS[2], alias) == anime then redis.call('HDEL', KEYS[2], alias) end
  end
  redis.call('UNLINK', key)
  redis.call('ZREM', KEYS[1], anime)
  redis.call('ZREM', KEYS[3], anime)
end
return #old
