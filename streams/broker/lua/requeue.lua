#!lua
-- Hand an entry back: acknowledge it here and put it on another lane, in one step.
-- KEYS 1 the stream it was read from, 2 the stream it goes to
-- ARGV 1 group, 2 entry id, 3.. fields
-- Returns 1, or 0 when another consumer was faster.
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
return 1
