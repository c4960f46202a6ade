#!lua flags=allow-oom
-- Forget records nobody has asked for since long, with the ids that point to them.
-- KEYS 1 records zset, 2 aliases hash, 3 refresh zset
-- ARGV 1 prefix of the record keys, 2 age in ms, 3 how many at most
-- Returns how many were forgotten.
local records, aliases, refresh = unpack(KEYS)
local prefix, age_ms, most = unpack(ARGV, 1, 3)
local time = redis.call('TIME')
local limit = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) - age_ms)
local old = redis.call('ZRANGEBYSCORE', records, '-inf', limit, 'LIMIT', 0, most)
for _, anime in ipairs(old) do
  local record = prefix .. anime
  local own = redis.call('TYPE', record).ok == 'hash' and redis.call('HGET', record, 'aliases')
  for alias in string.gmatch(own or '', '[^\n]+') do
    if redis.call('HGET', aliases, alias) == anime then redis.call('HDEL', aliases, alias) end
  end
  redis.call('UNLINK', record)
  redis.call('ZREM', records, anime)
  redis.call('ZREM', refresh, anime)
end
return #old
