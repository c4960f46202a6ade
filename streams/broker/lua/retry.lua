#!lua
-- Put work off: acknowledge it and keep it until it is due; nothing sleeps meanwhile.
-- KEYS 1 the stream it was read from, 2 state hash, 3 delayed zset, 4 delayed bodies hash
-- ARGV 1 group, 2 entry id, 3 delay in ms, 4 member, 5 body (msgpack: lane, fields), 6 source, 7 reason, 8 request id,
--      9 channel
-- Returns the due time in ms, or 0 when another consumer was faster.
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
local time = redis.call('TIME')
local due = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3])
redis.call('HSET', KEYS[4], ARGV[4], ARGV[5])
redis.call('ZADD', KEYS[3], due, ARGV[4])
if redis.call('HEXISTS', KEYS[2], 'request') == 1 then redis.call('HSET', KEYS[2], 'w:' .. ARGV[6], ARGV[7]) end
redis.call('PUBLISH', ARGV[9], cjson.encode({request_id = ARGV[8], step = 'retry', source = ARGV[6], detail = ARGV[7], due = tonumber(due)}))
return tonumber(due)
