#!lua
-- Hand in what one source contributed: acknowledge its cause, keep the partial in the state, tell the aggregators.
-- The body goes into the state only (claim check), so that it travels once each way.
-- KEYS 1 the stream it was read from, 2 state hash, 3 partials stream, 4 dead-letter stream, 5 failures of the source (zset)
-- ARGV 1 group, 2 entry id, 3 request id, 4 source, 5 packed partial, 6 outcome, 7 reason or '', 8 channel,
--      9 '1' when the source answered, 10 traceparent, 11.. fields of a dead letter (none: no dead letter)
-- Returns 1 when handed in, 0 when another consumer was faster, 2 when the request is gone.
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
if #ARGV > 10 then redis.call('XADD', KEYS[4], '*', unpack(ARGV, 11)) end
if redis.call('HEXISTS', KEYS[2], 'request') == 0 then return 2 end
if ARGV[9] == '1' then
  redis.call('ZREM', KEYS[5], ARGV[3])
else
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[5], string.format('%.0f', time[1] * 1000), ARGV[3])
  redis.call('ZREMRANGEBYRANK', KEYS[5], 0, -100001)
end
if redis.call('HSET', KEYS[2], 'p:' .. ARGV[4], ARGV[5]) == 1 then redis.call('HINCRBY', KEYS[2], 'have', 1) end
redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('HDEL', KEYS[2], 'w:' .. ARGV[4])
local left = (tonumber(redis.call('HGET', KEYS[2], 'asked')) or 0) - tonumber(redis.call('HGET', KEYS[2], 'have'))
local early = string.find(redis.call('HGET', KEYS[2], 'request'), '"early":true', 1, true) and 1 or 0
redis.call('XADD', KEYS[3], '*', 'request_id', ARGV[3], 'source', ARGV[4], 'outcome', ARGV[6], 'reason', ARGV[7],
  'left', left, 'early', early, 'traceparent', ARGV[10])
redis.call('PUBLISH', ARGV[8], cjson.encode({request_id = ARGV[3], step = 'partial', source = ARGV[4], detail = ARGV[6], reason = ARGV[7]}))
return 1
