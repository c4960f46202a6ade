#!lua flags=allow-oom
-- Take a consumer's name off, unless it holds entries: those would be lost with it.
-- KEYS 1 stream
-- ARGV 1 group, 2 consumer
-- Returns how many entries it still holds; 0 when it is gone.
local held = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if #held > 0 then return #held end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 0
