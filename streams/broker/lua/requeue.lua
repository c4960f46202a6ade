#!lua
-- Hand an entry back: acknowledge it here and put it on another lane, in one step.
-- KEYS 1 the stream it was read from, 2 the stream it goes to
-- ARGV 1 group, 2 entry id, 3.. fields
-- Returns 1, or 0 when another consumer was faster.
local stream, lane = unpack(KEYS)
local group, entry = unpack(ARGV, 1, 2)
if redis.call('XACK', stream, group, entry) == 0 then return 0 end
redis.call('XADD', lane, '*', unpack(ARGV, 3))
return 1
