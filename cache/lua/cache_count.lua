-- Add to the counters of one source.
-- KEYS[1]  the counters: a hash
-- ARGV[1]  time to live in seconds, counted from the last use
-- ARGV[2..] pairs of event and number
for i = 2, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
return redis.call('EXPIRE', KEYS[1], ARGV[1])
