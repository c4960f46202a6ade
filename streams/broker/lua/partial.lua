#!lua
-- Hand in what one source contributed: acknowledge its cause, keep the partial in the state, tell the aggregators.
-- The body goes into the state only (claim check), so that it travels once each way.
-- KEYS 1 the stream it was read from, 2 state hash, 3 partials stream, 4 dead-letter stream, 5 failures of the source (zset)
-- ARGV 1 group, 2 entry id, 3 request id, 4 source, 5 packed partial, 6 outcome, 7 reason or '', 8 channel,
--      9 '1' when the source answered, 10 traceparent, 11 mark of the partial, 12.. fields of a dead letter (none: no dead letter)
-- Returns 1 when handed in, 0 when another consumer was faster, 2 when the request is gone.
local stream, state, partials, dead, failed = unpack(KEYS)
local group, entry, request, source, body, outcome, reason, channel, answered, traceparent, mark = unpack(ARGV, 1, 11)
local have, version, asked, opened, lost, waits, replayed = unpack(redis.call('HMGET', state, 'have', 'version', 'asked',
  'request', 'd:' .. source, 'w:' .. source, 'r:' .. source))
have, version, asked = tonumber(have or 0), tonumber(version or 0), tonumber(asked or 0)
if not (have and version and asked) then
  return redis.error_reply('WRONGKEY ' .. state .. ' holds counts that are no numbers')
end
if redis.call('XACK', stream, group, entry) == 0 then return 0 end
local letter = #ARGV > 11 and redis.call('XADD', dead, '*', unpack(ARGV, 12))
if not opened then return 2 end
if answered == '1' then
  redis.call('ZREM', failed, request)
  if lost then
    redis.call('XDEL', dead, lost)
    redis.call('HDEL', state, 'd:' .. source)
  end
else
  if letter then redis.call('HSET', state, 'd:' .. source, letter) end
  local time = redis.call('TIME')
  redis.call('ZADD', failed, string.format('%.0f', time[1] * 1000), request)
  redis.call('ZREMRANGEBYRANK', failed, 0, -100001)
end
-- What the main document alone has not counted, the whole does.
have = have + redis.call('HSET', state, 'p:' .. source, body) + redis.call('HDEL', state, 'c:' .. source)
redis.call('HSET', state, 'g:' .. source, outcome .. ' ' .. mark, 'have', have, 'version', version + 1)
if waits then redis.call('HDEL', state, 'w:' .. source) end
if replayed then redis.call('HSET', state, 'r:' .. source, 'in') end
local early = string.find(opened, '"early":true', 1, true) and 1 or 0
redis.call('XADD', partials, '*', 'request_id', request, 'source', source, 'outcome', outcome, 'reason', reason,
  'left', asked - have, 'early', early, 'traceparent', traceparent)
redis.call('PUBLISH', channel, cjson.encode({request_id = request, step = 'partial', source = source, detail = outcome, reason = reason}))
return 1
