#!lua
-- Ask one source again for a request whose state is still there; its answer becomes a revision.
-- KEYS 1 state hash, 2 lane of the source, 3 failures of the source (zset), 4 dead-letter stream
-- ARGV 1 request id, 2 source, 3 dead letter that causes it or ''
-- Returns 1 when it will be asked, 0 when it is waited for already (or the letter is gone), -1 when the state is of no use.
local identified = redis.call('HGET', KEYS[1], 'identified')
if not identified or redis.call('HEXISTS', KEYS[1], 'compact') == 1 then return -1 end
if ARGV[3] ~= '' and redis.call('XDEL', KEYS[4], ARGV[3]) == 0 then return 0 end
local again = redis.call('ZREM', KEYS[3], ARGV[1]) == 1 or ARGV[3] ~= ''
if not again or redis.call('HEXISTS', KEYS[1], 'w:' .. ARGV[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'w:' .. ARGV[2], 'replay')
redis.call('XADD', KEYS[2], '*', 'request_id', ARGV[1], 'data', identified)
return 1
