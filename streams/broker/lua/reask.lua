#!lua
-- Ask one source again for a request whose state is still there; its answer becomes a revision.
-- KEYS 1 state hash, 2 lane of the source, 3 failures of the source (zset), 4 dead-letter stream
-- ARGV 1 request id, 2 source, 3 dead letter that causes it or ''
-- Returns 1 when it will be asked, 0 when it is waited for already (or the letter is gone), -1 when the state is of no use.
local state, lane, failed, dead = unpack(KEYS)
local request, source, letter = unpack(ARGV, 1, 3)
local identified = redis.call('HGET', state, 'identified')
if not identified or redis.call('HEXISTS', state, 'compact') == 1 then return -1 end
if letter ~= '' and redis.call('XDEL', dead, letter) == 0 then return 0 end
local again = redis.call('ZREM', failed, request) == 1 or letter ~= ''
if not again or redis.call('HEXISTS', state, 'w:' .. source) == 1 then return 0 end
redis.call('HSET', state, 'w:' .. source, 'replay')
redis.call('HSETNX', state, 'r:' .. source, 'asked')  -- the answer to a replay before this one may be in and not told yet
redis.call('XADD', lane, '*', 'request_id', request, 'data', identified)
return 1
