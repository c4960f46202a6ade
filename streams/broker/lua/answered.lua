#!lua flags=allow-oom
-- Add what a process counted of one source to the minute and the hour that it is.
-- KEYS 1 hash of the last answer and the last failure
-- ARGV 1 prefix of the buckets, 2 and 3 seconds for which minutes and hours are kept, 4 whether it answered, 5 reason of
--      the last failure ('' for none), 6 its message, rest: pairs of a field and what is added to it
local last = unpack(KEYS)
local prefix, minutes, hours, answered, reason, message = unpack(ARGV, 1, 6)
local now = tonumber(redis.call('TIME')[1])
local buckets = {[prefix .. 'm' .. math.floor(now / 60)] = minutes, [prefix .. 'h' .. math.floor(now / 3600)] = hours}
for bucket, keep in pairs(buckets) do
  for index = 7, #ARGV, 2 do redis.call('HINCRBY', bucket, ARGV[index], ARGV[index + 1]) end
  redis.call('EXPIRE', bucket, keep)
end
if answered == '1' then redis.call('HSET', last, 'ok_at', now) end
if reason ~= '' then redis.call('HSET', last, 'failed_at', now, 'reason', reason, 'message', message) end
redis.call('EXPIRE', last, hours)
return now
