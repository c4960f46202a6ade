#!lua
-- Put a dead letter's original back as a request.
-- KEYS 1 dead-letter stream, 2 requests stream
-- ARGV 1 dead letter, 2.. fields of the request
-- Returns the new entry's id, or '' when the letter is gone.
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return '' end
return redis.call('XADD', KEYS[2], '*', unpack(ARGV, 2))
