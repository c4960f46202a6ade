#!lua
-- Put work off: acknowledge it and keep it until it is due; nothing sleeps meanwhile.
-- KEYS 1 the stream it was read from, 2 state hash, 3 delayed zset, 4 delayed bodies hash
-- ARGV 1 group, 2 entry id, 3 delay in ms, 4 member, 5 body (msgpack: lane, fields), 6 source, 7 reason, 8 request id,
--      9 channel
-- Tolerates a state of another type: what counts the attempts must not depend on it.
-- Returns the due time in ms, or 0 when another consumer was faster.
local stream, state, delayed, bodies = unpack(KEYS)
local group, entry, delay_ms, member, body, source, reason, request, channel = unpack(ARGV, 1, 9)
if redis.call('XACK', stream, group, entry) == 0 then return 0 end
local time = redis.call('TIME')
local due = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + delay_ms)
redis.call('HSET', bodies, member, body)
redis.call('ZADD', delayed, due, member)
if redis.call('TYPE', state).ok == 'hash' and redis.call('HEXISTS', state, 'request') == 1 then
  redis.call('HSET', state, 'w:' .. source, reason)
end
redis.call('PUBLISH', channel, cjson.encode({request_id = request, step = 'retry', source = source, detail = reason, due = tonumber(due)}))
return tonumber(due)
