#!lua
-- Take a request in: acknowledge it, open its state with a deadline, pass it on to its lane. One step, once.
-- KEYS 1 requests stream, 2 state hash, 3 deadlines zset, 4 lane stream, 5 enriched stream
-- ARGV 1 group, 2 entry id, 3 request id, 4 request as JSON, 5 deadline in ms, 6 reply stream or '', 7 traceparent
-- Returns 'new', 'duplicate', or 'lost' when another consumer was faster.
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 'lost' end
if redis.call('HEXISTS', KEYS[2], 'request') == 1 then
  local done = redis.call('HGET', KEYS[2], 'done')
  if ARGV[6] ~= '' and not done then redis.call('HSET', KEYS[2], 'reply:' .. ARGV[6], 1) end
  if ARGV[6] ~= '' and done then
    local first = redis.call('XRANGE', KEYS[5], done, done)[1]
    if first then redis.call('XADD', ARGV[6], '*', unpack(first[2])) end
  end
  return 'duplicate'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = string.format('%.0f', now + ARGV[5])
redis.call('HSET', KEYS[2], 'request', ARGV[4], 'accepted_at', string.format('%.0f', now), 'deadline_at', due, 'have', 0)
if ARGV[6] ~= '' then redis.call('HSET', KEYS[2], 'reply:' .. ARGV[6], 1) end
redis.call('ZADD', KEYS[3], due, ARGV[3])
redis.call('XADD', KEYS[4], '*', 'request_id', ARGV[3], 'data', ARGV[4], 'deadline_at', due, 'traceparent', ARGV[7])
return 'new'
