#!lua
-- Put a dead letter's original back as a request.
-- KEYS 1 dead-letter stream, 2 requests stream
-- ARGV 1 dead letter, 2.. fields of the request
-- Returns the new entry's id, or '' when the letter is gone.
local dead, requests = unpack(KEYS)
local letter = unpack(ARGV, 1, 1)
if redis.call('XDEL', dead, letter) == 0 then return '' end
return redis.call('XADD', requests, '*', unpack(ARGV, 2))
