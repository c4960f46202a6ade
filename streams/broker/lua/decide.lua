#!lua
-- Put down one decision, all or nothing: the journal, what holds, the counts, the queue, and the request that makes it so.
-- KEYS 1 decisions stream, 2 decided hash, 3 counts hash, 4 waiting zset, 5 settled zset, 6 items hash, 7 requests stream
-- ARGV 1 key (what it is about), 2 before (what was read there, '' for nothing), 3 after (what is there from now on, '' for
--      nothing), 4 score (place in the queue of what comes back, '' when it is settled), 5 request as JSON or '', 6 keep (how
--      many settled items are kept), 7 journal (how many entries the stream keeps, about), 8 counted (msgpack list {name, by...}),
--      9.. fields of the entry
-- Returns 'again' when something else was decided meanwhile, otherwise the id of the request's entry or ''.
local decisions, decided, counts, waiting, settled, items, requests = unpack(KEYS)
local key, before, after, score, request, keep, journal, counted = unpack(ARGV, 1, 8)
if (redis.call('HGET', decided, key) or '') ~= before then return 'again' end
local entry = redis.call('XADD', decisions, 'MAXLEN', '~', journal, '*', unpack(ARGV, 9))
if after == '' then redis.call('HDEL', decided, key) else redis.call('HSET', decided, key, after) end
redis.call('HSET', decided, 'version', entry)
local c = cmsgpack.unpack(counted)
for i = 1, #c, 2 do redis.call('HINCRBY', counts, c[i], c[i + 1]) end
if score == '' then
  local time = redis.call('TIME')
  redis.call('ZREM', waiting, key)
  if redis.call('HEXISTS', items, key) == 1 then redis.call('ZADD', settled, time[1] * 1000 + math.floor(time[2] / 1000), key) end
  for _, old in ipairs(redis.call('ZRANGE', settled, 0, -keep - 1)) do
    redis.call('ZREM', settled, old)
    redis.call('HDEL', items, old)
  end
elseif redis.call('ZREM', settled, key) == 1 then
  redis.call('ZADD', waiting, score, key)
end
if request == '' then return '' end
return redis.call('XADD', requests, '*', 'data', request)
