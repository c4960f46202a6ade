#!lua
-- Ask one source again about a work that is known: a new request that is identified already.
-- KEYS 1 state hash, 2 deadlines zset, 3 lane of the source, 4 dead-letter stream
-- ARGV 1 request id, 2 request as JSON, 3 IdentifiedTitle as JSON, 4 deadline in ms from now, 5 dead letter that causes it or ''
-- Returns 1, or 0 when it was asked for already.
local state, deadlines, lane, dead = unpack(KEYS)
local request, body, identified, deadline_ms, letter = unpack(ARGV, 1, 5)
if redis.call('HEXISTS', state, 'request') == 1 then return 0 end
if letter ~= '' and redis.call('XDEL', dead, letter) == 0 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = string.format('%.0f', now + deadline_ms)
redis.call('HSET', state, 'request', body, 'accepted_at', string.format('%.0f', now), 'deadline_at', due,
  'have', 0, 'identified', identified, 'verdict', 'accept', 'asked', 1)
redis.call('ZADD', deadlines, due, request)
redis.call('XADD', lane, '*', 'request_id', request, 'data', identified)
return 1
