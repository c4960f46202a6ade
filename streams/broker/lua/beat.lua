#!lua flags=allow-oom
-- Say that a worker reads its groups, and forget the workers that have been silent for long.
-- KEYS 1 zset of workers by the time they were last heard of (ms)
-- ARGV 1 silence in ms after which one is forgotten, rest: the members of this one
local workers = unpack(KEYS)
local forget_ms = unpack(ARGV, 1, 1)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for index = 2, #ARGV do
  redis.call('ZADD', workers, string.format('%.0f', now), ARGV[index])
end
return redis.call('ZREMRANGEBYSCORE', workers, '-inf', string.format('%.0f', now - forget_ms))
