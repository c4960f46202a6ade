#!lua
-- Publish bulk requests for the known anime that are due to be looked at again.
-- KEYS 1 refresh zset, 2 requests stream, 3 deadlines zset
-- ARGV 1 prefix of the record keys, 2 how many at most, 3 open requests above which nothing is added,
--      4 ms after which an anime whose refresh brought no record comes round again
-- Returns how many were published.
if redis.call('ZCARD', KEYS[3]) > tonumber(ARGV[3]) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local made = 0
for _, anime in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[2])) do
  local ids = redis.call('HGET', ARGV[1] .. anime, 'ids')
  if ids then
    redis.call('XADD', KEYS[2], '*', 'ids', ids, 'refresh', 'true', 'amend', 'true', 'priority', 'bulk',
      'request_id', 'refresh:' .. anime .. ':' .. redis.call('ZSCORE', KEYS[1], anime))
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[4]), anime)
    made = made + 1
  else
    redis.call('ZREM', KEYS[1], anime)
  end
end
return made
