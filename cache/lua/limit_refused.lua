#!lua flags=allow-oom
-- Count that one document was refused by whoever reads it. KEYS: its tally, its rest, the site's row of refused documents.
-- ARGV: the document, refusals after which it rests, milliseconds of the first rest, of the longest, how many different
-- documents in a row are enough, the reason. Returns 1 when there are enough, 0 otherwise.
local tally, rest, row = KEYS[1], KEYS[2], KEYS[3]
local after, first, longest, enough = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local count = redis.call('INCR', tally)
redis.call('PEXPIRE', tally, 2 * longest)
if count >= after then
  local pause = math.min(first * 2 ^ math.min(count - after, 30), longest)
  redis.call('SET', rest, ARGV[6], 'PX', string.format('%.0f', pause))
end
redis.call('SADD', row, ARGV[1])
redis.call('PEXPIRE', row, longest)
if redis.call('SCARD', row) < enough then return 0 end
redis.call('UNLINK', row)
return 1
