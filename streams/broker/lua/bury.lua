#!lua
-- Give an entry up: acknowledge it, write its dead letter, and, where it was a request, its one final output.
-- KEYS 1 the stream it was read from, 2 dead-letter stream, 3 enriched stream, 4 state hash, 5 deadlines zset, 6 closed zset
-- ARGV 1 group, 2 entry id ('' when a deadline is the cause), 3 request id or '', 4 '1' when the entry is a request as it
--      came in (then a request of the same id that is under way is another one and is left alone),
--      5 number of dead-letter fields, then those fields, then output fields
-- Tolerates a state of another type: nothing is kept there then, and being on the list of the open ones is the fence.
-- Returns 1, or 0 when another consumer was faster.
local stream, dead, enriched, state, deadlines, closed = unpack(KEYS)
local group, entry, request, incoming, letter_fields = unpack(ARGV, 1, 5)
local kind = redis.call('TYPE', state).ok
local sound = kind == 'hash' or kind == 'none'
local open = redis.call('ZSCORE', deadlines, request)
local known = sound and redis.call('HEXISTS', state, 'request') == 1
local done
if sound then done = redis.call('HEXISTS', state, 'done') == 1
else done = redis.call('ZSCORE', closed, request) or not (open or incoming == '1') end
if entry ~= '' and redis.call('XACK', stream, group, entry) == 0 then return 0 end
if entry == '' and done then redis.call('ZREM', deadlines, request); return 0 end
local n = tonumber(letter_fields)
redis.call('XADD', dead, '*', unpack(ARGV, 6, 5 + n))
if request == '' or #ARGV <= 5 + n or done then return 1 end
if incoming == '1' and known then return 1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = sound and tonumber(redis.call('HGET', state, 'outputs')) or 0
local number = string.format('%.0f', math.max(now, last + 1))
local id = redis.call('XADD', enriched, '*', 'output_id', request .. '#' .. number, unpack(ARGV, 6 + n))
if sound and not known then redis.call('HSET', state, 'request', '{}') end
if sound then redis.call('HSET', state, 'done', id, 'status', 'failed', 'buried', 1, 'outputs', number) end
redis.call('ZREM', deadlines, request)
redis.call('ZADD', closed, string.format('%.0f', time[1] * 1000), request)
return 1
