#!lua
-- Publish bulk requests for the known anime that are due to be looked at again.
-- KEYS 1 refresh zset, 2 requests stream, 3 deadlines zset
-- ARGV 1 prefix of the record keys, 2 how many at most, 3 open requests above which nothing is added,
--      4 ms after which an anime whose refresh brought no record comes round again
-- Returns how many were published.
local refresh, requests, deadlines = unpack(KEYS)
local prefix, most, open_most, again_ms = unpack(ARGV, 1, 4)
if redis.call('ZCARD', deadlines) > tonumber(open_most) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local made = 0
for _, anime in ipairs(redis.call('ZRANGEBYSCORE', refresh, '-inf', string.format('%.0f', now), 'LIMIT', 0, most)) do
  local record = prefix .. anime
  local ids = redis.call('TYPE', record).ok == 'hash' and redis.call('HGET', record, 'ids')
  if ids then
    local parent = redis.call('HGET', record, 'publisher') or redis.call('HGET', record, 'request_id')
    redis.call('XADD', requests, '*', 'ids', ids, 'refresh', 'true', 'amend', 'true', 'priority', 'bulk',
      'why', 'refresh', 'parent', parent or anime,
      'request_id', 'refresh:' .. anime .. ':' .. redis.call('ZSCORE', refresh, anime))
    redis.call('ZADD', refresh, string.format('%.0f', now + again_ms), anime)
    made = made + 1
  else
    redis.call('ZREM', refresh, anime)
  end
end
return made
