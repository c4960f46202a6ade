#!lua
-- Keep the main document of a source and put its long tail off: acknowledge the cause, tell the aggregators that there is
-- something to tell early. The source has not answered yet: what counts is the whole, see partial.lua.
-- KEYS 1 the stream it was read from, 2 state hash, 3 partials stream, 4 delayed zset, 5 delayed bodies hash
-- ARGV 1 group, 2 entry id, 3 request id, 4 source, 5 packed partial, 6 outcome, 7 channel, 8 traceparent,
--      9 delay in ms, 10 member, 11 body (msgpack: lane, fields), 12 reason
-- Returns 1 when kept, 0 when another consumer was faster, 2 when the request is gone.
local stream, state, partials, delayed, bodies = unpack(KEYS)
local group, entry, request, source, packed, outcome, channel, traceparent, delay_ms, member, body, reason = unpack(ARGV, 1, 12)
local have, version, asked, opened = unpack(redis.call('HMGET', state, 'have', 'version', 'asked', 'request'))
have, version, asked = tonumber(have or 0), tonumber(version or 0), tonumber(asked or 0)
if not (have and version and asked) then
  return redis.error_reply('WRONGKEY ' .. state .. ' holds counts that are no numbers')
end
if redis.call('XACK', stream, group, entry) == 0 then return 0 end
if not opened then return 2 end
local time = redis.call('TIME')
redis.call('HSET', bodies, member, body)
redis.call('ZADD', delayed, string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + delay_ms), member)
redis.call('HSET', state, 'p:' .. source, packed, 'c:' .. source, 1, 'w:' .. source, reason, 'version', version + 1)
redis.call('XADD', partials, '*', 'request_id', request, 'source', source, 'outcome', outcome, 'reason', '',
  'left', asked - have, 'early', 1, 'traceparent', traceparent)
redis.call('PUBLISH', channel, cjson.encode({request_id = request, step = 'partial', source = source, detail = outcome}))
return 1
