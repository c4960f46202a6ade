#!lua flags=allow-oom
-- Take a consumer's name off, unless it holds entries: those would be lost with it.
-- KEYS 1 stream
-- ARGV 1 group, 2 consumer
-- Returns how many entries it still holds; 0 when it is gone.
local stream = unpack(KEYS)
local group, consumer = unpack(ARGV, 1, 2)
local held = redis.call('XPENDING', stream, group, '-', '+', 1, consumer)
if #held > 0 then return #held end
redis.call('XGROUP', 'DELCONSUMER', stream, group, consumer)
return 0
