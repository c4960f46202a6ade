#!lua
-- Take a request in: acknowledge it, open its state with a deadline, pass it on to its lane. One step, once.
-- KEYS 1 requests stream, 2 state hash, 3 deadlines zset, 4 lane stream, 5 enriched stream
-- ARGV 1 group, 2 entry id, 3 request id, 4 request as JSON, 5 deadline in ms, 6 reply stream or '', 7 traceparent
-- Returns 'new', 'duplicate', or 'lost' when another consumer was faster.
local stream, state, deadlines, lane, enriched = unpack(KEYS)
local group, entry, request, body, deadline_ms, reply_to, traceparent = unpack(ARGV, 1, 7)
if redis.call('XACK', stream, group, entry) == 0 then return 'lost' end
if redis.call('HEXISTS', state, 'request') == 1 then
  local done = redis.call('HGET', state, 'done')
  if reply_to ~= '' and not done then redis.call('HSET', state, 'reply:' .. reply_to, 1) end
  if reply_to ~= '' and done and done ~= '' then
    local first = redis.call('XRANGE', enriched, done, done)[1]
    if first then redis.pcall('XADD', reply_to, '*', unpack(first[2])) end  -- pcall: it may be no stream
  end
  return 'duplicate'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = string.format('%.0f', now + deadline_ms)
redis.call('HSET', state, 'request', body, 'accepted_at', string.format('%.0f', now), 'deadline_at', due, 'have', 0)
if reply_to ~= '' then redis.call('HSET', state, 'reply:' .. reply_to, 1) end
redis.call('ZADD', deadlines, due, request)
redis.call('XADD', lane, '*', 'request_id', request, 'data', body, 'deadline_at', due, 'traceparent', traceparent)
return 'new'
