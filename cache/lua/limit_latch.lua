-- ARGV: microseconds, reason, longest or 0. A ban that follows on the heels of the last one doubles, up to longest.
-- Returns the microseconds until the ban ends.
local length, reason, longest = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local now = clock()
local last = tonumber(redis.call('HGET', site, 'banned_until') or 0)
local strikes = tonumber(redis.call('HGET', site, 'strikes') or 0)
if last <= now then
  if now - last < length then strikes = strikes + 1 else strikes = 0 end
end
length = math.max(length, math.min(length * 2 ^ strikes, longest))
local ends = now + length
if ends > last then
  redis.call('HSET', site, 'banned_until', string.format('%.0f', ends), 'reason', reason, 'strikes', strikes)
end
return math.max(ends, last) - now
