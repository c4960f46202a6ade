#!lua
-- Give an entry up: acknowledge it, write its dead letter, and, where it was a request, its one final output.
-- KEYS 1 the stream it was read from, 2 dead-letter stream, 3 enriched stream, 4 state hash, 5 deadlines zset, 6 closed zset
-- ARGV 1 group, 2 entry id ('' when a deadline is the cause), 3 request id or '', 4 '1' when the entry is a request as it
--      came in (then a request of the same id that is under way is another one and is left alone),
--      5 number of dead-letter fields, then those fields, then output fields
-- Returns 1, or 0 when another consumer was faster.
if ARGV[2] ~= '' and redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
if ARGV[2] == '' and redis.call('HEXISTS', KEYS[4], 'done') == 1 then return 0 end
local n = tonumber(ARGV[5])
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 6, 5 + n))
local known = redis.call('HEXISTS', KEYS[4], 'request')
if ARGV[3] == '' or #ARGV <= 5 + n or redis.call('HEXISTS', KEYS[4], 'done') == 1 then return 1 end
if ARGV[4] == '1' and known == 1 then return 1 end
local id = redis.call('XADD', KEYS[3], '*', unpack(ARGV, 6 + n))
local time = redis.call('TIME')
if known == 0 then redis.call('HSET', KEYS[4], 'request', '{}') end
redis.call('HSET', KEYS[4], 'done', id, 'status', 'failed', 'buried', 1)
redis.call('ZREM', KEYS[5], ARGV[3])
redis.call('ZADD', KEYS[6], string.format('%.0f', time[1] * 1000), ARGV[3])
return 1
