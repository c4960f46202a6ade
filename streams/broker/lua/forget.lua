#!lua flags=allow-oom
-- Forget records nobody has asked for since long, with the ids that point to them; their last revisions are kept a while, so
-- that none is made twice.
-- KEYS 1 records zset, 2 aliases hash, 3 refresh zset, 4 forgotten zset, 5 floor hash (the revision above which others begin)
-- ARGV 1 prefix of the record keys, 2 age in ms, 3 how many at most, 4 how many last revisions are kept
-- Returns how many were forgotten.
local records, aliases, refresh, forgotten, floor = unpack(KEYS)
local prefix, age_ms, most, keep = unpack(ARGV, 1, 4)
local time = redis.call('TIME')
local limit = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) - age_ms)
local old = redis.call('ZRANGEBYSCORE', records, '-inf', limit, 'LIMIT', 0, most)
for _, anime in ipairs(old) do
  local record = prefix .. anime
  if redis.call('TYPE', record).ok == 'hash' then
    local own, revision = unpack(redis.call('HMGET', record, 'aliases', 'revision'))
    for alias in string.gmatch(own or '', '[^\n]+') do
      if redis.call('HGET', aliases, alias) == anime then redis.call('HDEL', aliases, alias) end
    end
    if tonumber(revision) then redis.call('ZADD', forgotten, revision, anime) end
  end
  redis.call('UNLINK', record)
  redis.call('ZREM', records, anime)
  redis.call('ZREM', refresh, anime)
end
-- Of too many the lowest go, and every unknown work begins above them from then on.
local over = redis.call('ZCARD', forgotten) - keep
if over > 0 then
  local gone = redis.call('ZPOPMIN', forgotten, over)
  local highest = tonumber(gone[#gone])
  if highest > (tonumber(redis.call('HGET', floor, 'revision') or '') or 0) then
    redis.call('HSET', floor, 'revision', string.format('%.0f', highest))
  end
end
return #old
