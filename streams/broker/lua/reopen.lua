#!lua
-- Ask one source again about a work that is known: a new request that is identified already.
-- KEYS 1 state hash, 2 deadlines zset, 3 lane of the source, 4 dead-letter stream
-- ARGV 1 request id, 2 request as JSON, 3 IdentifiedTitle as JSON, 4 deadline in ms from now, 5 dead letter that causes it or ''
-- Returns 1, or 0 when it was asked for already.
if redis.call('HEXISTS', KEYS[1], 'request') == 1 then return 0 end
if ARGV[5] ~= '' and redis.call('XDEL', KEYS[4], ARGV[5]) == 0 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = string.format('%.0f', now + ARGV[4])
redis.call('HSET', KEYS[1], 'request', ARGV[2], 'accepted_at', string.format('%.0f', now), 'deadline_at', due,
  'have', 0, 'identified', ARGV[3], 'verdict', 'accept', 'asked', 1)
redis.call('ZADD', KEYS[2], due, ARGV[1])
redis.call('XADD', KEYS[3], '*', 'request_id', ARGV[1], 'data', ARGV[3])
return 1
