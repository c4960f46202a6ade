#!lua
-- Put what needs a person into the queue, and take out what no longer does.
-- KEYS 1 waiting zset, 2 items hash, 3 decided hash
-- ARGV 1 most (items that wait at most), 2 told (msgpack map: gone {key...}, come {{key, score, item, evidence}...})
-- Returns how many wait.
local waiting, items, decided = unpack(KEYS)
local most, told = unpack(ARGV)
local t = cmsgpack.unpack(told)
for _, key in ipairs(t.gone) do
  if redis.call('ZREM', waiting, key) == 1 then redis.call('HDEL', items, key) end
end
for _, one in ipairs(t.come) do
  local key, score, item, evidence = unpack(one)
  local known = redis.call('HGET', decided, key)
  -- what was decided on this very evidence is not asked again
  if not known or not string.find(known, '"on":"' .. evidence .. '"', 1, true) then
    redis.call('ZADD', waiting, 'NX', score, key)
    redis.call('HSET', items, key, item)
  end
end
for _, last in ipairs(redis.call('ZRANGE', waiting, most, -1)) do
  redis.call('ZREM', waiting, last)
  redis.call('HDEL', items, last)
end
return redis.call('ZCARD', waiting)
